"""See any array in a notebook: exactly, at once, at any size.

``nbimage.nbimage(array)`` shows a picture, ``nbvideo(frames)`` a video, ``nbgrid(arrays)`` many
pictures, ``nbview(array)`` explores. `Picture`, `Video`, `Grid` and `View` are the same, to be kept
and saved. ``help(nbimage.nbimage)`` says what each parameter means.

The examples of the docstrings begin with ``import numpy as np`` and ``import nbimage``.
"""

# Type checkers read `__init__.pyi` instead, which `python -m tests.stub` writes.

from __future__ import annotations

import sys
import types
from typing import Any

__all__ = [
    "FFmpegError",
    "Grid",
    "Picture",
    "Pyramid",
    "Shape",
    "Shapes",
    "Source",
    "Video",
    "View",
    "clear_cache",
    "data_uri",
    "data_uris",
    "describe",
    "encode",
    "frames",
    "guess_channel_axis",
    "link",
    "load_ipython_extension",
    "nbgrid",
    "nbimage",
    "nbvideo",
    "nbview",
    "open_pyramid",
    "quilt",
    "rerange",
    "show_images",
    "treescope_autovisualizer",
    "unload_ipython_extension",
    "write_dzi",
    "write_image",
    "write_ome_zarr",
    "write_tiff",
]
__version__ = "1.0.0"

_HOMES = {
    "FFmpegError": "codecs.ffmpeg",
    "Grid": "grids.grid",
    "Picture": "picture",
    "Pyramid": "pyramid.core.pyramid",
    "Shape": "view.shapes.shape",
    "Shapes": "view.shapes.shape_list",
    "Source": "pyramid.core.source",
    "Video": "video",
    "View": "view.explorer",
    "clear_cache": "pyramid.levels.cache_folder",
    "data_uri": "encoding",
    "data_uris": "tables.tables",
    "describe": "tables.array_summary",
    "encode": "encoding",
    "frames": "pyramid.sources.video_file",
    "guess_channel_axis": "arrays.channels",
    "link": "view.live.linking",
    "load_ipython_extension": "extension",
    "nbgrid": "grids.grid",
    "nbimage": "picture",
    "nbvideo": "video",
    "nbview": "view.explorer",
    "open_pyramid": "pyramid.open",
    "quilt": "raster.quilt",
    "rerange": "mapping.rerange_values",
    "show_images": "tables.tables",
    "treescope_autovisualizer": "trees.treescope_visualizer",
    "unload_ipython_extension": "extension",
    "write_dzi": "pyramid.writers.deepzoom.write",
    "write_image": "pyramid.writers.by_suffix",
    "write_ome_zarr": "pyramid.writers.ome_zarr.write",
    "write_tiff": "pyramid.writers.tiff",
}


def __getattr__(name: str) -> Any:
    """Import a name's module when it is first asked for: what is not used takes no time."""
    if name not in _HOMES:
        from nbimage.base.doors import attribute_error

        raise attribute_error("module 'nbimage'", name, __all__)
    from importlib import import_module

    value = getattr(import_module(f"nbimage.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


class _CallableModule(types.ModuleType):
    """A module that can be called as its function `nbimage` can: ``nbimage(array)``."""

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        self.nbimage(*args, **kwargs)

    @property
    def __signature__(self) -> Any:
        import inspect

        return inspect.signature(self.nbimage)

    def __reduce__(self) -> tuple[Any, ...]:
        import importlib

        return importlib.import_module, (self.__name__,)


sys.modules[__name__].__class__ = _CallableModule
