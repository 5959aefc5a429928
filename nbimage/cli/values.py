"""Options that several verbs share: limits, norm, colors, the key of an archive.

What the options mean is documented at `nbimage.nbimage`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.pyramid.sources.npy_files import read_npz

_LIMITS = ("vmin", "vmax", "vsym", "contrast", "norm", "levels", "cmap", "channels")


def add_values(parser: argparse.ArgumentParser) -> None:
    """Add the options of `Picture` and `Video` for limits and colors."""
    add_limits(parser)
    parser.add_argument("--nan-color", help="color of missing values (default: transparent)")
    add_labels(parser, "integers in distinct colors, which are never mixed")


def add_labels(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the option that says that values are labels."""
    parser.add_argument("--labels", action="store_true", default=None, help=what)


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Add the options for limits and colors."""
    parser.add_argument("--vmin", type=_limit, help="value that becomes 0 (default: the minimum)")
    parser.add_argument("--vmax", type=_limit, help="value that becomes 255 (default: the maximum)")
    parser.add_argument("--vsym", action="store_true", help="limits symmetric about 0")
    parser.add_argument(
        "--contrast",
        type=_contrast,
        help="minmax, infer, robust, zscale, or two percentiles such as 1,99 (default: minmax, but "
        "uint8 is kept as it is)",
    )
    parser.add_argument(
        "--norm", type=_norm, default="linear", help="log, sqrt, asinh, symlog, or a gamma"
    )
    parser.add_argument(
        "--levels",
        type=_levels,
        help="discrete levels: so many at most, or their edges such as 0,1,2,5,10",
    )
    parser.add_argument("--cmap", help="a colormap such as viridis, for one channel")
    parser.add_argument(
        "--channels",
        type=_channels,
        help="of a composite: names, or names and colors, such as DAPI=blue,GFP; or none "
        "(default: 2 to 8 channels that are no colors)",
    )


def add_figure(parser: Any) -> None:
    """Add the options for files that hold the whole figure."""
    parser.add_argument(
        "--figure", action="store_true", help="save all that stands around the picture too"
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="pixels of the figure that are one CSS pixel"
    )


def add_orientation(parser: argparse.ArgumentParser) -> None:
    """Add the option that leaves pictures as they are stored."""
    parser.add_argument(
        "--no-orientation",
        dest="orientation",
        action="store_false",
        help="leave pictures as they are stored, on their side or not (default: upright, as the "
        "orientation in their EXIF or TIFF tags asks for)",
    )


def add_pixel_size(parser: argparse.ArgumentParser, forms: str) -> None:
    """Add the options for the size of a pixel."""
    parser.add_argument(
        "--pixel-size", type=_sizes, help=f"of the image: {forms} (default: the file's own)"
    )
    parser.add_argument(
        "--unit", type=_by_axis, help="of --pixel-size: such as um, or by axis, t=ms,z=um,y=um,x=um"
    )


def split_list(text: str) -> list[str]:
    """Return the words between commas."""
    return text.split(",")


def _by_axis(text: str) -> Any:
    """Return a text, or the texts of axes such as "t=ms,z=um" as a dict."""
    if "=" not in text:
        return text
    return {axis.strip(): value for axis, _, value in (p.partition("=") for p in text.split(","))}


def _sizes(text: str) -> Any:
    """Return one number, several, or those of axes as a dict."""
    found = _by_axis(text)
    try:
        if isinstance(found, dict):
            return {axis: float(value) for axis, value in found.items()}
        parts = [float(part) for part in text.split(",")]
    except ValueError:
        words = f"must be numbers such as 0.5, or z=2,y=0.5,x=0.5, but got {text!r}"
        raise argparse.ArgumentTypeError(words) from None
    return parts[0] if len(parts) == 1 else parts


def add_key(parser: argparse.ArgumentParser) -> None:
    """Add the option that names an array of an archive."""
    parser.add_argument("--key", help="name of the array in an .npz file that holds several")


def read_key(source: str, key: str | None) -> Any:
    """Return a source as it is; where there is a key, an archive's array of that name."""
    if key is None:
        return source
    path = Path(source)
    if path.suffix.lower() != ".npz":
        raise ValueError(f"--key is for .npz files, but got {source}")
    return read_npz(path, key)


def get_values(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of `add_values` as parameters of `Picture` and `Video`."""
    return {name: getattr(arguments, name) for name in (*_LIMITS, "nan_color", "labels")}


def get_limits(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of `add_limits` as parameters."""
    return {name: getattr(arguments, name) for name in _LIMITS}


def _channels(text: str) -> Any:
    """Return channels such as "DAPI=blue,GFP" as pairs of names and colors."""
    if text == "none":
        return False
    parts = [part.partition("=") for part in split_list(text)]
    return [(name.strip(), color.strip() or None) for name, _, color in parts]


def _limit(text: str) -> Any:
    """Return a whole number exactly, another number, or a date as its text."""
    for kind in (int, float, _date):
        try:
            return kind(text)
        except ValueError:
            pass
    words = f"must be a number, or a date where the values are dates, but got {text!r}"
    raise argparse.ArgumentTypeError(words)


def _date(text: str) -> str:
    np.datetime64(text)  # which says what is none
    return text


def _contrast(text: str) -> Any:
    if "," not in text:
        return text
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        words = f"must be a name, or two percentiles such as 1,99, but got {text!r}"
        raise argparse.ArgumentTypeError(words) from None


def _levels(text: str) -> Any:
    if "," in text:
        return [_limit(part) for part in text.split(",")]
    try:
        return int(text)
    except ValueError:
        words = f"must be a count, or edges such as 0,1,2,5, but got {text!r}"
        raise argparse.ArgumentTypeError(words) from None


def _norm(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text
