"""Formats of volumes that nothing here reads: each is refused with the name of what does."""

from __future__ import annotations

from pathlib import Path

_BY_ITK = "SimpleITK.GetArrayViewFromImage(SimpleITK.ReadImage(path))"
_BY_NIBABEL = "nibabel.load(path).dataobj"
_UNREAD = {
    **dict.fromkeys((".nrrd", ".nhdr"), ("NRRD", _BY_ITK)),
    **dict.fromkeys((".mha", ".mhd"), ("MetaImage", _BY_ITK)),
    ".gipl": ("GIPL", _BY_ITK),
    ".mnc": ("MINC", _BY_NIBABEL),
}


def check_volume(path: Path) -> None:
    """Raise ValueError for a volume of a format that is read by other packages alone."""
    found = _UNREAD.get(path.suffix.lower())
    if found is not None:
        name, way = found
        raise ValueError(f"{path} is {name}, which is not read by its path: give {way}")
