"""The files of a grid: one picture of all, or one file each."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbimage.base.atomic import write_file
from nbimage.base.chunked import Array
from nbimage.base.suffixes import resolve_name
from nbimage.base.text import fill_format
from nbimage.codecs.pictures import SUFFIXES, gather_options
from nbimage.codecs.png import encode_png
from nbimage.export.figure_file import check_figure_options
from nbimage.mapping.colormap import as_color
from nbimage.picture import Picture
from nbimage.raster.montage import MontageItem, make_montage

_PREVIEW_SIDE = 800  # pixels
_PREVIEW_CELLS = 100
_LONGEST = 60  # letters of a title in a file's name, of which each may take four bytes


def save_grid(
    path: Any,
    pictures: Sequence[Any],
    titles: Sequence[str],
    encode: Callable[[str, bool, float], bytes],
    figure: bool = False,
    scale: float = 1,
) -> Path | list[Path]:
    """Save each picture where a path has a field in braces, else what ``encode`` makes of all.

    That gets the file's format, whether it holds the figure, and how many pixels a CSS pixel is.
    """
    name = os.fsdecode(path)
    if "{" in name:
        named = name_files(name, pictures, titles)
        saved = [_save_one(picture, file, figure, scale) for picture, file in named]
        return [one for some in saved for one in (some if isinstance(some, list) else [some])]
    more = "" if figure else "figure=True writes .jpg, .webp and .avif too, "
    name, format_ = resolve_name(
        name,
        {**(SUFFIXES if figure else {"png": "png"}), "pdf": "pdf", "html": "html", "htm": "html"},
        "a grid",
        f"give it one of these suffixes; {more}{{index}} in the name one file each",
    )
    scale = check_figure_options(format_, figure, scale, gather_options(), "Grid")
    return write_file(name, encode(format_, figure or format_ == "pdf", scale))


def encode_preview(
    draw: Callable[[], Any], montage: Callable[[int, float], Array], count: int
) -> tuple[bytes, float]:
    """Return ``count`` pictures as PNG for PDF and GitHub, and the width there in CSS pixels.

    As ``draw`` gives the figure; of many, or where that is too large, the first ones as ``montage``
    gives them.
    """
    from nbimage.export.still import encode_still_of

    def encode_montage() -> tuple[bytes, float]:
        return encode_png(montage(_PREVIEW_CELLS, _PREVIEW_SIDE)), _PREVIEW_SIDE

    return encode_still_of(draw, encode_montage) if count <= _PREVIEW_CELLS else encode_montage()


def _save_one(picture: Any, file: str, figure: bool, scale: float) -> Any:
    """Save a picture; videos and figures of others have all in them as they are."""
    if isinstance(picture, Picture):
        return picture.save(file, figure=figure, scale=scale)
    return picture.save(file)


def name_files(
    pattern: str, pictures: Sequence[Any], titles: Sequence[str]
) -> list[tuple[Any, str]]:
    """Return each picture with the name of its file."""
    named: dict[str, Any] = {}
    for index, picture in enumerate(pictures):
        if picture is None:
            continue
        title = re.sub(r"[^\w.=+-]+", "_", titles[index]).strip("._")[:_LONGEST] or str(index)
        try:
            name = fill_format(pattern, index=index, title=title)
        except (LookupError, ValueError, AttributeError, TypeError) as error:
            raise ValueError(
                "one file a picture must be named with {index} or {title}, such as "
                f"'out/{{index:03}}.png', but got {pattern!r}: {error!r}"
            ) from None
        if name in named:
            raise ValueError(
                f"each picture must have a file of its own, but {name!r} is that of two: "
                "put {index} into the name"
            )
        named[name] = picture
    return [(picture, name) for name, picture in named.items()]


def montage_pictures(
    pictures: Sequence[Any],
    titles: Sequence[str],
    borders: Sequence[str],
    columns: int | None,
    **options: Any,
) -> Array:
    """Return all pictures with their titles as one, with the options of `make_montage`."""
    tiles = [
        MontageItem(
            None if picture is None else picture.render(),
            title,
            labels=getattr(picture, "labels", False),
            border=as_color("border", border)[:3] if border else None,
        )
        for picture, title, border in zip(pictures, titles, borders, strict=True)
    ]
    across = columns or max(1, round(math.sqrt(len(tiles) * 1.5)))
    return make_montage(tiles, min(across, len(tiles)), **options)
