"""The fields of plates and wells of OME-Zarr as the items of a grid."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbimage.pyramid.read_files import is_file

if TYPE_CHECKING:
    from nbimage.pyramid.core.pyramid import Pyramid
    from nbimage.pyramid.sources.ome_zarr.plate import FieldsSource

_ZIPPED = frozenset({".ozx", ".zip"})


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field; of its further axes but that of channels the first plane."""

    fields: FieldsSource
    path: str
    """Within the plate or the well."""

    def __str__(self) -> str:
        return f"{self.fields.name}/{self.path}"

    def open(self) -> Pyramid:
        """Open its image."""
        from nbimage.pyramid.core.pyramid import Pyramid
        from nbimage.pyramid.sources.ome_zarr.plate import FirstPlanes

        return Pyramid(FirstPlanes(self.fields.open_field(self.path)))


def open_fields(data: Any, channel_axis: int | None = None) -> FieldsSource | None:
    """Return the fields of what is a plate or a well of OME-Zarr; None for anything else."""
    from nbimage.pyramid.core.pyramid import Pyramid
    from nbimage.pyramid.open import open_pyramid
    from nbimage.pyramid.sources.ome_zarr.plate import FieldsSource

    if isinstance(data, Pyramid):
        return data.source if isinstance(data.source, FieldsSource) else None
    if not _may_hold_fields(data):
        return None
    pyramid = open_pyramid(data, channel_axis=channel_axis)
    source = pyramid.source
    if not isinstance(source, FieldsSource):
        pyramid.close()
        return None
    if source.owner is not None:
        weakref.finalize(source, source.owner.close)
    return source


def _may_hold_fields(data: Any) -> bool:
    from nbimage.pyramid.open import find_path
    from nbimage.pyramid.remote.url import find_suffix, is_address
    from nbimage.pyramid.sources.ome_zarr.opening import is_zarr

    path = find_path(data)
    if path is not None:
        return is_zarr(path) or path.suffix.lower() in _ZIPPED
    if is_address(data):
        return find_suffix(data) in _ZIPPED | {"", ".zarr"}
    return is_file(data)
