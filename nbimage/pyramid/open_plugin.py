"""From a path or an address to the source that another package's plugin makes of it.

How plugins are found is `nbimage.plugins`'; here is when they are asked, and what they may return.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbimage.plugins import SOURCES, Plugin, find_plugin
from nbimage.pyramid.core.picked import pick_channels
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.remote.url import redact_secrets, split_query
from nbimage.pyramid.sources.array import open_array

# fmt: off
READ_HERE = frozenset({
    # arrays and data sets
    "afni", "brik", "cdf", "dcm", "dicom", "fit", "fits", "fts", "fz", "gii", "h5", "hdf", "hdf5",
    "he5", "head", "hdr", "img", "json", "mat", "mgh", "mgz", "nc", "nc3", "nc4", "netcdf", "nii",
    "npy", "npz", "par",
    # images of any size
    "bif", "btf", "companion.ome", "dzi", "lsm", "mrxs", "ndpi", "ndpis", "ome", "ozx", "qptiff",
    "scn", "stk", "svs", "svslide", "szi", "tf8", "tif", "tiff", "vms", "vmu", "xml", "zarr", "zip",
    # pictures
    "apng", "avif", "avifs", "blp", "bmp", "bw", "cur", "dcx", "dds", "dib", "eps", "flc", "fli",
    "ftc", "ftu", "gbr", "gif", "heic", "heics", "heif", "heifs", "hif", "icb", "icns", "ico",
    "iim", "im", "j2c", "j2k", "jfif", "jls", "jp2", "jpc", "jpe", "jpeg", "jpf", "jpg", "jpx",
    "jxl", "jxr", "lerc", "mpo", "msp", "palm", "pbm", "pcd", "pcx", "pfm", "pgm", "png", "pnm",
    "ppm", "ps", "psd", "pxr", "qoi", "ras", "rgb", "rgba", "rgbe", "sgi", "tga", "vda", "vst",
    "wdp", "webp", "xbm", "xpm",
    # videos
    "3g2", "3gp", "asf", "avi", "flv", "m2ts", "m4v", "mjpeg", "mjpg", "mkv", "mov", "mp4", "mpeg",
    "mpg", "mts", "mxf", "ogg", "ogv", "ts", "vob", "webm", "wmv", "y4m",
})
"""Suffixes of which no plugin is asked: what they are called by is read here."""
SCHEMES = frozenset({
    "abfs", "abfss", "adl", "arrow_hdfs", "async_wrapper", "asynclocal", "asyncwrapper", "az",
    "azure", "blockcache", "box", "cached", "dask", "data", "dbfs", "dir", "dropbox", "dvc", "file",
    "filecache", "ftp", "gcs", "gdrive", "generic", "gist", "git", "github", "gitlab", "gs", "hdfs",
    "hf", "http", "https", "jlab", "jupyter", "lakefs", "libarchive", "local", "memory", "oci",
    "ocilake", "oss", "pyscript", "reference", "root", "s3", "s3a", "sftp", "simplecache", "smb",
    "ssh", "tar", "tos", "tosfs", "wandb", "webdav", "webhdfs", "zip",
})
"""The same of addresses: fsspec and its packages read at these."""
# fmt: on


def find_reader(source: Any) -> Plugin | None:
    """Return the plugin that reads at an address; None where fsspec does, and for paths."""
    scheme, mark, _ = str(source).partition("://")
    if not mark or "::" in scheme or scheme.lower() in SCHEMES:
        return None
    plugin = find_plugin(SOURCES, source)
    return plugin if plugin is not None and plugin.name.endswith("://") else None


def open_by_plugin(
    path: Path, axes: Any, channel_axis: int | None, part: str | None
) -> Source | None:
    """Return the source of a file or folder that a plugin reads; None where none does.

    ``part`` are names of channels.
    """
    suffix = path.suffix.lower()[1:]
    if not suffix or suffix in READ_HERE:
        return None
    plugin = find_plugin(SOURCES, path)
    if plugin is None:
        return None
    found = call_reader(plugin, path, axes, channel_axis)
    return found if part is None else pick_channels(found, part, str(path))


def call_reader(plugin: Plugin, named: Any, axes: Any, channel_axis: int | None) -> Source:
    """Return the source that a plugin makes of a path or an address.

    Raises
    ------
    ImportError, OSError, TypeError, ValueError
        For what the plugin can't read, and for a plugin that is broken: in one line.
    """
    name = redact_secrets(split_query(str(named))[0])
    reader = plugin.load()
    with plugin.named(name):
        result = reader(named)
    if not isinstance(result, Source):
        return _open_array(plugin, name, result, axes, channel_axis)
    try:
        if not hasattr(result, "shapes"):
            raise ValueError(
                f"{plugin.package} is broken: its source of {name} has no shapes: it must call "
                "Source's own __init__"
            )
        if axes is not None or channel_axis is not None:
            raise ValueError(
                f"axes and channel_axis must be left out for {name}: {plugin.package}, which reads "
                "it, says which they are"
            )
    except ValueError:
        result.close()
        raise
    return result


def _open_array(
    plugin: Plugin, name: str, result: Any, axes: Any, channel_axis: int | None
) -> Source:
    if not hasattr(result, "shape") or not hasattr(result, "dtype"):
        raise ValueError(
            f"{plugin.package} is broken: it must return a nbimage.Source or an array of {name}, "
            f"but returned {type(result).__name__}"
        )
    try:
        return open_array(result, axes, channel_axis)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}, read by {plugin.package}: {error}") from None
