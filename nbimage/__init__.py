"""See any array in a notebook: exactly, at once, at any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbimage.codecs.ffmpeg import FFmpegError
    from nbimage.encoding import data_uri, encode
    from nbimage.extension import load_ipython_extension, unload_ipython_extension
    from nbimage.grid import Grid, nbgrid
    from nbimage.picture import Picture, nbimage
    from nbimage.pyramid.cache_folder import clear_cache
    from nbimage.pyramid.dzi import write_dzi
    from nbimage.pyramid.ome_zarr import write_ome_zarr
    from nbimage.pyramid.opening import open_pyramid
    from nbimage.pyramid.pyramid import Pyramid
    from nbimage.pyramid.tiff_writer import write_tiff
    from nbimage.tables import data_uris, show_images
    from nbimage.values.channels import guess_channel_axis
    from nbimage.values.quilt import quilt
    from nbimage.values.rerange import rerange
    from nbimage.video import Video, nbvideo
    from nbimage.view.explorer import View, nbview
    from nbimage.view.linking import link

__all__ = [
    "FFmpegError",
    "Grid",
    "Picture",
    "Pyramid",
    "Video",
    "View",
    "clear_cache",
    "data_uri",
    "data_uris",
    "encode",
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
    "unload_ipython_extension",
    "write_dzi",
    "write_ome_zarr",
    "write_tiff",
]
__version__ = "0.1.0"

_HOMES = {
    "FFmpegError": "codecs.ffmpeg",
    "Grid": "grid",
    "Picture": "picture",
    "Pyramid": "pyramid.pyramid",
    "Video": "video",
    "View": "view.explorer",
    "clear_cache": "pyramid.cache_folder",
    "data_uri": "encoding",
    "data_uris": "tables",
    "encode": "encoding",
    "guess_channel_axis": "values.channels",
    "link": "view.linking",
    "load_ipython_extension": "extension",
    "nbgrid": "grid",
    "nbimage": "picture",
    "nbvideo": "video",
    "nbview": "view.explorer",
    "open_pyramid": "pyramid.opening",
    "quilt": "values.quilt",
    "rerange": "values.rerange",
    "show_images": "tables",
    "unload_ipython_extension": "extension",
    "write_dzi": "pyramid.dzi",
    "write_ome_zarr": "pyramid.ome_zarr",
    "write_tiff": "pyramid.tiff_writer",
}


def __getattr__(name: str) -> Any:
    """Import a name's module when it is first asked for: what is not used takes no time."""
    if name not in _HOMES:
        raise AttributeError(f"module 'nbimage' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"nbimage.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
