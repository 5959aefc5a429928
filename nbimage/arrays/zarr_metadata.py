"""What a zarr array says of its axes: their names, as xarray and zarr 3 write them."""

from __future__ import annotations

from typing import Any

from nbimage.arrays.channels import Names


def zarr_names(array: Any) -> Names | None:
    """Return the names of a zarr array's axes; None where it has none."""
    names = getattr(array.metadata, "dimension_names", None) or array.attrs.get("_ARRAY_DIMENSIONS")
    if not isinstance(names, (list, tuple)) or len(names) != array.ndim:
        return None
    found = tuple(None if name is None else str(name) for name in names)
    return found if any(found) else None
