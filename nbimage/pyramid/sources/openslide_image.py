"""Whole-slide images of microscopes, as OpenSlide reads them.

OpenSlide puts together what a scanner took in overlapping parts. Of those formats that are TIFF,
tifffile has the levels of .svs, .ndpi and Philips' .tiff as they are in the file, without a
conversion of colors, so those are left to it. In .bif tifffile leaves the overlap of tiles as it
is, and in .scn it takes the first picture, which is that of the whole glass: these are read here.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.base import optional_imports as optional
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import abandon, call_in_child
from nbimage.base.text import explain_damage
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.core.source import Source

_OWN = frozenset({".mrxs", ".vms", ".vmu", ".svslide", ".dcm", ".czi"})
_TIFF_TOO = frozenset({".scn", ".bif"})
_TILE = 512  # pixels a side that are read at once
_WHITE = "ffffff"


class OpenSlideSource(Source):
    """The levels of a slide, in RGB over its background's color; regions without tissue too."""

    def __init__(self, path: Path) -> None:
        self._path, self._is_closed = path, False
        self._block_cache = BlockCache()
        self._lock = threading.Lock()
        slide = self._slide = self._opened()
        call_in_child(self._begin_child)
        with self._one_line():
            kept = _shrinking(slide.level_dimensions)
            self._levels = tuple(kept)
            self._background = _color(slide.properties.get("openslide.background-color"))
            super().__init__(
                shapes=tuple(slide.level_dimensions[level][::-1] for level in kept),
                dtype=np.dtype(np.uint8),
                channels=3,
                blocks=((_TILE, _TILE),) * len(kept),
                companions=_find_companions(self._path),
                **_pixel_size(slide.properties),
            )

    def _opened(self) -> Any:
        openslide = optional.import_openslide()
        with self._one_line():
            if not self._path.is_file():
                raise FileNotFoundError(f"{self._path} must be a file, but there is none")
            if openslide.OpenSlide.detect_format(self._path) is None:
                version = openslide.__library_version__
                raise ValueError(
                    f"{self._path} must be a slide that OpenSlide {version} reads, but is not"
                )
            return openslide.OpenSlide(self._path)

    def _begin_child(self) -> None:
        """Let go of the parent's slide, whose files and locks are the parent's too."""
        abandon(self._slide)
        self._slide, self._lock = None, threading.Lock()

    def _current(self) -> Any:
        with self._lock:
            if self._slide is None and not self._is_closed:
                self._slide = self._opened()
            return self._slide

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level. Raises ValueError where the slide is damaged."""
        tile = functools.partial(self._tile, level)
        return self._block_cache.assemble((level,), box, (_TILE, _TILE), tile)

    def _tile(self, index: int, row: int, column: int) -> Array:
        """Return a tile of a fixed grid: parts are the same however they are cut."""
        rows, columns = self.shapes[index]
        top, left = row * _TILE, column * _TILE
        size = min(_TILE, columns - left), min(_TILE, rows - top)
        slide, level = self._current(), self._levels[index]
        times = slide.level_downsamples[level]
        with self._one_line(slide):
            # positions are told in the largest level's pixels, sizes in the level's own
            region = slide.read_region((round(left * times), round(top * times)), level, size)
            return _over(region, self._background)

    @contextlib.contextmanager
    def _one_line(self, slide: Any = None) -> Iterator[None]:
        """Raise ValueError in one line; a slide that failed reads nothing more, so open another."""
        try:
            yield
        except Exception as error:  # OpenSlide and Pillow each have their own
            if slide is not None:
                with self._lock:
                    if self._slide is slide:
                        with contextlib.suppress(ValueError, OSError):
                            self._slide = self._opened()
            if str(self._path) in str(error) and isinstance(error, (ValueError, OSError)):
                raise
            raise ValueError(
                f"{self._path} must be a whole slide: {explain_damage(error)}"
            ) from error

    def close(self) -> None:
        """Close the slide."""
        self._is_closed = True
        if self._slide is not None:
            self._slide.close()
        self._block_cache.clear()

    def __getstate__(self) -> dict[str, Any]:
        return {"_path": self._path.absolute()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["_path"])  # type: ignore[misc]


def is_slide(path: Path) -> bool:
    """Say whether a file is for OpenSlide, by its suffix; of those that are TIFF it is asked."""
    suffix = path.suffix.lower()
    if suffix not in _TIFF_TOO:
        return suffix in _OWN
    try:
        return optional.import_openslide().OpenSlide.detect_format(path) not in (
            None,
            "generic-tiff",
        )
    except ImportError:
        return True  # what is needed is then said


def is_known_slide(path: Path) -> bool:
    """Say whether OpenSlide, if it is there, knows a file whatever its name."""
    try:
        return optional.import_openslide().OpenSlide.detect_format(path) is not None
    except ImportError:
        return False


def _find_companions(path: Path) -> tuple[Path, ...]:
    """Return the other files of a slide: those of its folder, or beside it."""
    beside = {".dcm": "*.dcm", ".vms": "*.[jo]p[gt]", ".vmu": "*.[jno]*"}.get(path.suffix.lower())
    if beside is None:
        return (path.with_suffix(""),) if path.suffix.lower() == ".mrxs" else ()
    return tuple(sorted(path.parent.glob(beside)))


def _shrinking(sizes: Any) -> list[int]:
    """Return the levels that are smaller than all before them."""
    kept = [0]
    for level, (wide, high) in enumerate(sizes):
        before = sizes[kept[-1]]
        if wide <= before[0] and high <= before[1] and (wide, high) != before:
            kept.append(level)
    return kept


def _over(region: Any, background: tuple[int, int, int]) -> Array:
    """Return RGB of a picture with alpha."""
    if region.getextrema()[3][0] == 255:
        return np.array(region.convert("RGB"))
    from PIL import Image

    whole = Image.new("RGB", region.size, background)
    whole.paste(region, mask=region.getchannel("A"))
    return np.array(whole)


def _color(text: str | None) -> tuple[int, int, int]:
    text = (text or _WHITE).lstrip("#")
    if len(text) != 6 or text.strip("0123456789abcdefABCDEF"):
        text = _WHITE
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


def _pixel_size(properties: Any) -> dict[str, Any]:
    try:
        high, wide = (float(properties[f"openslide.mpp-{axis}"]) for axis in "yx")
    except (KeyError, ValueError):
        return {}
    if not (0 < high < float("inf") and 0 < wide < float("inf")):
        return {}
    return {"pixel_size": (high, wide), "unit": "µm"}
