"""DICOM files, packed by gzip or not: which files are some, and the image in one.

Not here: what a dataset says of its pixels (`nbimage.arrays.dicom`), folders of them (`series`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbimage.base.optional_imports import import_pydicom
from nbimage.base.text import explain_damage
from nbimage.pyramid.sources.array import ArraySource, open_named
from nbimage.pyramid.sources.unpacked import read_head, read_plain

_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"  # VL Whole Slide Microscopy
_DIRECTORY = "1.2.840.10008.1.3.10"
_SUFFIXES = frozenset({".dcm", ".dicom", ".ima"})
_FIRST_ELEMENTS = frozenset(
    {b"\x08\0\0\0", b"\x08\0\x01\0", b"\x08\0\x05\0", b"\x08\0\x08\0", b"\x08\0\x16\0"}
    | {b"\0\x08\0\0", b"\0\x08\0\x01", b"\0\x08\0\x05", b"\0\x08\0\x08", b"\0\x08\0\x16"}
    | {b"\x02\0\0\0", b"\x02\0\x01\0"}
)
"""Of files without a preamble, in either order of bytes."""


def is_dicom(path: Path) -> bool:
    """Say whether a file begins as DICOM's do: old ones by their suffix and their first element."""
    head = read_head(path, 132)
    suffixes = _SUFFIXES.intersection(suffix.lower() for suffix in path.suffixes[-2:])
    return head[128:] == b"DICM" or (bool(suffixes) and head[:4] in _FIRST_ELEMENTS)


def read_dicom(path: Path, **options: Any) -> Any:
    """Return a file's dataset. Raises whatever pydicom does for a damaged one."""
    pydicom = import_pydicom()
    with read_plain(path) as file:
        dataset = pydicom.dcmread(file, force=True, **options)
    if "TransferSyntaxUID" not in dataset.file_meta:  # of an old one, which does not tell
        implicit, little = dataset.original_encoding
        plain = pydicom.uid.ExplicitVRLittleEndian if little else pydicom.uid.ExplicitVRBigEndian
        syntax = pydicom.uid.ImplicitVRLittleEndian if implicit else plain
        dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def is_dicom_slide(dataset: Any) -> bool:
    """Say whether a dataset is a level of a whole slide."""
    return str(dataset.get("SOPClassUID", "")) == _SLIDE


def open_dicom(path: Path, axes: Any, channel_axis: int | None) -> ArraySource:
    """Return the pixels of a DICOM file, which is no slide, as a source."""
    try:
        dataset = read_dicom(path)
        is_slide = is_dicom_slide(dataset)
    except ImportError as error:
        raise ImportError(f"{path} can't be opened: {error}") from None
    except Exception as error:  # of any element
        raise ValueError(f"{path} must be a whole DICOM file: {explain_damage(error)}") from error
    if is_slide:
        raise ValueError(
            f"{path} is a slide, which OpenSlide reads: pip install 'nbimage[slides]', and open it "
            "in the folder with its other levels"
        )
    return open_named(dataset, path, axes, channel_axis)


def is_directory(path: Path) -> bool:
    """Say whether a file is a DICOMDIR, which lists the files of a disc."""
    if path.name.upper() == "DICOMDIR":
        return is_dicom(path)
    return _DIRECTORY.encode() + b"\0" in read_head(path, 512) and is_dicom(path)


def list_directory(path: Path) -> list[Path]:
    """Return the files that a DICOMDIR lists and that are there.

    Raises
    ------
    ImportError, ValueError
        Without pydicom, and for a damaged one, in one line.
    """
    try:
        records = read_dicom(path).get("DirectoryRecordSequence") or ()
        names = [record.get("ReferencedFileID") for record in records]
    except ImportError as error:
        raise ImportError(f"{path} can't be opened: {error}") from None
    except Exception as error:  # of any element
        raise ValueError(f"{path} must be a whole DICOMDIR: {explain_damage(error)}") from error
    parts = [[name] if isinstance(name, str) else list(name) for name in names if name]
    if any(
        part in ("", ".", "..") or "/" in part or "\\" in part for each in parts for part in each
    ):
        raise ValueError(f"{path} must list files of its own folder, but lists others")
    files = [path.parent.joinpath(*each) for each in parts]
    found = [file for file in files if file.is_file()]
    if not found:
        what = f"lists {len(files)} files, of which none is there" if files else "lists none"
        raise ValueError(f"{path} must list DICOM files, but {what}")
    return found
