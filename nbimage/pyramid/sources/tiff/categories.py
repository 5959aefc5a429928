"""Classes that GDAL lists beside an image, in a file such as ``cover.tif.aux.xml``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from nbimage.arrays.metadata import LabelTable
from nbimage.pyramid.sources.beside import parse_pam

_NAME, _LOWEST, _VALUE = "2", "3", "5"  # what a column of a table is for


@dataclass(frozen=True, slots=True)
class Categories:
    """What is known of an image's values as numbers of classes."""

    known: bool = False
    table: LabelTable | None = None
    companions: tuple[Path, ...] = ()


def read_categories(path: Path | None) -> Categories:
    """Return the classes of a file's first band; none where nothing lists them."""
    found = parse_pam(path)
    band = None if found is None else found[1].find("PAMRasterBand[@band='1']")
    if found is None or band is None:
        return Categories()
    texts = [one.text or "" for one in band.findall("CategoryNames/Category")]
    names = {value: text.strip() for value, text in enumerate(texts) if text.strip()}
    rows = band.find("GDALRasterAttributeTable")
    thematic = any(
        one.get("key") == "LAYER_TYPE" and (one.text or "").strip() == "thematic"
        for one in band.iter("MDI")
    )
    if rows is not None and rows.get("tableType", "thematic") == "thematic":
        names |= _read_rows(rows)
    if not (names or thematic):
        return Categories()
    return Categories(True, LabelTable.of_names(names), (found[0],))


def _read_rows(table: ElementTree.Element) -> dict[int, str]:
    """Return the names in a table of attributes, by the values that they are of."""
    uses = [(one.findtext("Usage") or "").strip() for one in table.findall("FieldDefn")]
    value = next((uses.index(use) for use in (_VALUE, _LOWEST) if use in uses), None)
    if value is None or _NAME not in uses:
        return {}
    name, found = uses.index(_NAME), {}
    for row in table.findall("Row"):
        cells = [(cell.text or "").strip() for cell in row.findall("F")]
        if len(cells) == len(uses) and cells[name] and cells[value].lstrip("-").isdecimal():
            found[int(cells[value])] = cells[name]
    return found
