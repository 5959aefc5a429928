"""Which images a TIFF holds, and in which files: series, and OME's companions."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from nbimage.pyramid.sources.tiff.metadata import page_axes, series_axes
from nbimage.pyramid.sources.tiff.samples import sample_kind

_FILES = re.compile(r'\bFileName\s*=\s*"([^"]+)"')
PICTURE, MASK = "picture", "mask"
_MOST = 8  # of names in a line


class NoSeriesError(ValueError):
    """A file has no series of this name, but it may have channels of it."""


def open_described(tifffile: Any, opened: Any) -> Any:
    """Return a file as tifffile's, with the OME-XML of the companion that it names.

    Raises ValueError where that is missing.
    """
    file = tifffile.TiffFile(opened)
    try:
        named = _find_metadata_file(file)
        if named is None:
            return file
        path = Path(file.filehandle.dirname) / named
        if not file.filehandle.is_file or not path.is_file():
            raise ValueError(f"its planes are described in {named!r}, which must lie beside it")
        text = _read_description(tifffile, path)
    except BaseException:
        file.close()
        raise
    opened.seek(0)
    return tifffile.TiffFile(opened, omexml=text)


def _find_metadata_file(file: Any) -> str | None:
    """Return the file that describes one that has only planes of an OME image."""
    if not file.is_ome or "BinaryOnly" not in (file.ome_metadata or ""):
        return None
    root = ElementTree.fromstring(file.ome_metadata.encode())
    for element in root:
        if element.tag.rpartition("}")[2] == "BinaryOnly":
            return element.get("MetadataFile")
    return None


def _read_description(tifffile: Any, path: Path) -> str:
    with path.open("rb") as opened:
        if opened.read(2) not in (b"II", b"MM"):
            opened.seek(0)
            return opened.read().decode().strip()
    with tifffile.TiffFile(path) as file:
        return str(file.ome_metadata or "")


def is_companion(path: Path) -> bool:
    """Say whether a file is OME-XML that describes the planes of other files."""
    return path.name.lower().endswith(".companion.ome")


def find_first_file(path: Path) -> Path:
    """Return the first file of those that OME-XML describes."""
    names = [html.unescape(name) for name in _FILES.findall(path.read_text("utf-8"))]
    found = next((path.parent / name for name in names if (path.parent / name).is_file()), None)
    if found is None:
        named = repr(names[0]) if names else "none"
        raise ValueError(f"{path} must lie beside the files of its planes, but names {named}")
    return found


def find_series(file: Any, part: str | None) -> tuple[Any, str]:
    """Return a series of a file, and which others there are: "" for none.

    ``part`` is its number or its name; None is the first one. Raises ValueError.
    """
    every = _find_unmasked(file)
    images = every[:1] + [s for s in every[1:] if not _is_below(s)]
    names = [str(s.name or "") for s in images]
    listed = [f"{i} {name}".rstrip() for i, name in enumerate(names)]
    more = ", …" if len(images) > _MOST else ""
    text = " ".join((", ".join(listed[:_MOST]) + more).split())
    if part is None:
        others = f"the first of {len(images)} series: {text}" if len(images) > 1 else ""
        return images[0], others
    if part in names:
        return images[names.index(part)], ""
    if part.isdecimal() and int(part) < len(images):
        return images[int(part)], ""
    raise NoSeriesError(f"no series [{part}]: there are {text}")


def _find_unmasked(file: Any) -> list[Any]:
    """Return the series that are no masks of others."""
    every = list(file.series)
    return [one for one in every if not one.keyframe.is_mask] or every


def _is_below(series: Any) -> bool:
    return bool(series.keyframe.is_reduced or series.keyframe.is_subifd)


def find_levels(file: Any, pages: str, part: str | None) -> tuple[list[Any], bool, str]:
    """Return levels, largest first, whether a mask hides some of them, and what is to be said.

    ``pages``: PICTURE, of a series by its number or name, MASK, or any of a file of levels.
    Raises ValueError.
    """
    masks = [one for one in file.series if one.keyframe.is_mask]
    images = _find_unmasked(file)
    if pages != PICTURE:
        chosen = masks or images if pages == MASK else images
        hidden = bool(masks) and images != masks
        return [level for one in chosen for level in one.levels], hidden, ""
    series, others = find_series(file, part)
    levels = list(series.levels)
    if len(levels) == 1 and series is images[0]:
        # tifffile does not see those of a plain file with planes
        below = (one for one in images[1:] if one.keyframe.is_subifd)
        levels += [one for one in below if one.keyframe.is_reduced]
    hidden = any(_size(one) == _size(series) for one in masks if one is not series)
    return levels, hidden, ", ".join(filter(None, (others, _check_files(file, series))))


def _size(series: Any) -> tuple[int, int]:
    return int(series.keyframe.imagelength), int(series.keyframe.imagewidth)


def find_similar(
    levels: Sequence[Any], shape: Any, letters: str, page: str, pages: str
) -> list[int]:
    """Return the numbers of levels that have the planes and samples of the largest."""
    rows, columns = letters.index("Y"), letters.index("X")
    others = [axis for axis in range(len(letters)) if axis not in (rows, columns)]
    kind = sample_kind(levels[0].keyframe)
    return [
        number
        for number, level in enumerate(levels)
        if series_axes(level) == letters
        and all(level.shape[axis] == shape[axis] for axis in others)
        and page_axes(level.keyframe, letters) == page
        and (pages == MASK or sample_kind(level.keyframe) == kind)
    ]


def _check_files(file: Any, series: Any) -> str:
    """Return how many planes of a series a file lacks, in words: "" for none.

    Raises ValueError where they are in a file that is not there.
    """
    lacking = sum(page is None for page in series.pages) if file.is_ome else 0
    if not lacking:
        return ""
    named = dict.fromkeys(html.unescape(n) for n in _FILES.findall(file.ome_metadata))
    names = list(named)
    if file.filehandle.is_file:
        folder = Path(file.filehandle.dirname)
        names = [name for name in named if not (folder / name).is_file()]
    if names and len(named) > 1:
        raise ValueError(
            f"{lacking} of its planes are in files that are not beside it, such as {names[0]!r}: "
            "put all of them in a folder of this machine"
        )
    return f"{lacking} of {len(series.pages)} planes are not in the file, and are shown as 0"
