"""The doors of nbimage: each is opened on a file, and says what does not fit what the file holds.

What is expected is worked out here with NumPy alone: bins of equal width between the limits,
colors added up, rows from the bottom.
"""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nbimage import Grid, Picture, Video, View, encode, open_pyramid, write_dzi
from nbimage.base.box import Box
from nbimage.cli.main import main
from tests.kinds.kind import Array, Content, Line

_DEFAULT_COLORS: dict[int, tuple[str, ...]] = {
    2: ("#00ff00", "#ff00ff"),
    3: ("#0000ff", "#00ff00", "#ff0000"),
    4: ("#0000ff", "#00ff00", "#ff0000", "#ff00ff"),
}


def plain(values: Array) -> Array:
    """Return values with NaN where they are masked, else in their own dtype."""
    if not np.ma.isMaskedArray(values):
        return values
    return np.asarray(values.astype(np.float64).filled(np.nan))


def is_stack(content: Content) -> bool:
    """Say whether there are several pictures in it."""
    return len(content.axes) > int(is_composite(content)) or unnamed(content) > 0


def unnamed(content: Content) -> int:
    """Return how many further axes have no name."""
    return content.values.ndim - 2 - int(content.colors) - len(content.axes)


def further(content: Content) -> int:
    """Return how many further axes there are."""
    return len(content.axes) + unnamed(content)


def frame_axes(content: Content) -> int:
    """Return along how many axes there are pictures."""
    return further(content) - int(along(content) is not None)


def is_composite(content: Content) -> bool:
    """Say whether channels are laid over one another."""
    return content.composite or bool(content.channel_names)


def along(content: Content) -> int | None:
    """Return the axis of channels that are laid over one another."""
    names = [name for name in content.axes if name in ("c", "band")]
    return content.axes.index(names[0]) if is_composite(content) and names else None


# What is to be seen


def first_plane(content: Content) -> Array:
    """Return what is seen first: of a composite ``(channels, rows, columns)``."""
    count = further(content)
    axis = along(content)
    index = tuple(slice(None) if number == axis else 0 for number in range(count))
    return np.asarray(plain(content.values)[index])


def bins(values: Array, limits: tuple[float, float]) -> Array:
    """Return the number of the bin of each value, of 256 between two limits."""
    low, high = limits
    with np.errstate(invalid="ignore"):
        found = np.floor((values.astype(np.float64) - low) * 256 / (high - low))
        return np.asarray(np.nan_to_num(np.clip(found, 0, 255)).astype(np.uint8))


def limits_of(content: Content, whole: Array) -> list[tuple[float, float]] | None:
    """Return the first limits: one pair, or one a channel; None for bytes as they are."""
    axis = along(content)
    if content.windows:
        return list(content.windows)
    if content.values.dtype in (np.uint8, np.bool_):  # as they are
        return None if axis is None else [(0, 256)] * whole.shape[axis]
    colors = whole[..., :3] if content.colors and whole.shape[-1] == 4 else whole
    parts = [colors] if axis is None else np.moveaxis(colors, axis, 0)
    if is_composite(content):  # of robust limits each
        ends = [np.nanpercentile(part.astype(np.float64), (2, 98)) for part in parts]
        return [(float(low), float(high)) for low, high in ends]
    return [(float(np.nanmin(part)), float(np.nanmax(part))) for part in parts]


def expected(content: Content, plane: Array, limits: Sequence[tuple[float, float]] | None) -> Array:
    """Return the RGBA pixels of a plane, upright, black where nothing is seen."""
    missing = np.isnan(plane) if plane.dtype.kind == "f" else np.zeros(plane.shape, bool)
    if is_composite(content):
        assert limits is not None
        colors = content.channel_colors or _DEFAULT_COLORS[len(plane)]
        total = np.zeros((*plane.shape[1:], 3), int)
        for channel, own, color in zip(plane, limits, colors, strict=True):
            light = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)])
            total += (bins(channel, own)[..., None] * light + 127) // 255
        pixels = np.minimum(total, 255).astype(np.uint8)
        missing = missing.all(axis=0)
    else:
        ones = 255 if content.values.dtype == np.bool_ else 1
        pixels = bins(plane, limits[0]) if limits else np.nan_to_num(plane).astype(np.uint8) * ones
        if not content.colors:
            pixels = np.repeat(pixels[..., None], 3, axis=2)
        missing = missing.any(axis=2) if missing.ndim == 3 else missing
    alpha = pixels[..., 3] if pixels.shape[-1] == 4 else np.full(pixels.shape[:2], 255, np.uint8)
    if pixels.shape[-1] == 4 and plane.dtype == np.uint16:
        alpha = bins(plane[..., 3], (0, 65535))
    found = np.dstack([pixels[..., :3], np.where(missing, 0, alpha)])
    found[found[..., 3] == 0] = 0
    return found[::-1] if content.lower else found


def rgba(png: bytes) -> Array:
    """Return a picture's pixels, black where nothing is seen."""
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.array(image.convert("RGBA"))
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def compare(content: Content, found: Array, right: Array) -> None:
    """Raise AssertionError for other pixels; of codecs that lose something, for far ones."""
    assert found.shape == right.shape, f"{found.shape} pixels, not {right.shape}"
    apart = np.abs(found.astype(int) - right)
    if content.tolerance == 0:
        assert not apart.any(), f"{np.mean(apart.any(axis=2)):.1%} of the pixels differ"
    else:  # a value at the edge of a bin may fall into the next one
        most = content.tolerance if content.values.dtype == np.uint8 else 5
        assert apart.max() <= max(most, 1), f"pixels differ by {apart.max()}"


def right_picture(content: Content, *, whole: bool) -> Array:
    """Return the first picture, in limits of its own or of all that there are."""
    plane = first_plane(content)
    source = plain(content.values) if whole or along(content) is None else plane
    if whole or not is_composite(content):
        return expected(content, plane, limits_of(content, source if whole else plane))
    limits = limits_of(replace(content, axes=("c",)), plane)
    return expected(content, plane, limits)


# Doors


def refused_stack(open_it: Callable[[], Any]) -> None:
    """Check that a stack is refused in one line that names the way out."""
    try:
        open_it()
    except ValueError as error:
        text = str(error)
        assert "\n" not in text
        assert any(
            word in text
            for word in ("stack", "axes", "one axis", "nbgrid(data)", "frames(path)[0]")
        )
        return
    raise AssertionError("one picture of a stack was picked silently")


def values(path: str, content: Content, folder: Path) -> None:
    """Read all samples by `open_pyramid`."""
    with open_pyramid(path) as pyramid:
        shape = tuple(length for _, length in pyramid.axes)
        planes = [pyramid.read(0, index=index) for index in np.ndindex(*shape)]
        found = np.stack(planes).reshape(*shape, *planes[0].shape)
        wanted = plain(content.values)
        assert found.shape == wanted.shape
        if not np.ma.isMaskedArray(content.values) and not content.tolerance:
            assert found.dtype == wanted.dtype
        np.testing.assert_allclose(
            found.astype(np.float64), wanted, rtol=0, atol=content.tolerance or 1e-9
        )
        assert pyramid.channel_names == content.channel_names or content.colors
        assert pyramid.channel_colors == content.channel_colors
        assert pyramid.metadata.label == content.label
        assert pyramid.labels == content.labels


def picture(path: str, content: Content, folder: Path) -> None:
    """Show it by `Picture`."""
    if is_stack(content):
        return refused_stack(lambda: Picture(path))
    shown = Picture(path)
    assert shown.lower == content.lower
    compare(content, rgba(shown.png), right_picture(content, whole=False))
    for text in (content.label.strip("[]"), *content.channel_names):
        assert text in shown.html, f"the picture lacks {text!r}"
    if content.rows is not None:
        units = {content.unit, content.unit.replace("um", "µm")}
        units |= {"°N", "°S"} if content.unit.startswith("degree") else set()
        assert any(unit in shown.html for unit in units), "the picture lacks the unit"
    return None


def encoded(path: str, content: Content, folder: Path) -> None:
    """Encode it as PNG."""
    if is_stack(content):
        return refused_stack(lambda: encode(path))
    return compare(content, rgba(encode(path)), right_picture(content, whole=False))


def _view(path: str, content: Content, embed: bool) -> View:
    view = View(path, embed=embed)
    config = view.model.config
    (image,), (display,) = config["images"], config["state"]["displays"]
    kind = "composite" if is_composite(content) else "color" if content.colors else "gray"
    assert image["kind"] == kind
    assert (image["label"], image["lower"]) == (content.label, content.lower)
    for letter, line in (("y", content.rows), ("x", content.columns)):
        if line is not None and letter == "y" and content.lower:  # the page has rows from the top
            line = line[0] + line[1] * (image["rows"] - 1), -line[1]
        check_line(image[letter], line, content.unit)
    hidden = along(content)
    named = [n for number, n in enumerate(content.axes) if number != hidden]
    assert [axis["name"].partition(" [")[0] for axis in config["axes"]][: len(named)] == named
    assert tuple(one["name"] for one in image["colors"])[: len(content.channel_names)] == (
        content.channel_names
    )
    limits = limits_of(content, plain(content.values))
    found = list(zip(display["vmin"], display["vmax"], strict=True))
    if limits is not None:
        size = max(abs(x) for pair in limits for x in pair)
        less = [[end - int(image["base"]) for end in pair] for pair in limits]
        np.testing.assert_allclose(found, less, rtol=1e-6, atol=max(content.tolerance, 1e-9 * size))
    return view


def check_line(found: Any, line: Line | None, unit: str) -> None:
    """Compare the coordinates of rows or columns, by their names or by their numbers."""
    if line is None:
        assert found is None or "step" not in found or found["unit"] == ""
        return
    assert found is not None, "the coordinates are lost"
    if "step" in found:
        np.testing.assert_allclose((found["first"], found["step"]), line, rtol=1e-9)
    if unit:
        assert found["unit"].startswith(unit) or (found["unit"], unit) == ("µm", "um")


def _first_picture(view: View) -> Picture:
    assert isinstance(view.picture, Picture)
    return view.picture


def embedded(path: str, content: Content, folder: Path) -> None:
    """Explore it with all samples in the page."""
    view = _view(path, content, True)
    compare(content, rgba(_first_picture(view).png), right_picture(content, whole=True))


def tiled(path: str, content: Content, folder: Path) -> None:
    """Explore it in tiles: the first picture, the samples, and what the page is told."""
    view = _view(path, content, False)
    compare(content, rgba(_first_picture(view).png), right_picture(content, whole=True))
    assert told(view) == told(View(path, embed=True))
    stack: Any = view.model.images[0].stack
    box = Box(0, stack.rows, 0, stack.columns)
    found = stack.read(0, box, (0,) * len(stack.sizes))
    wanted = first_plane(content)
    if is_composite(content):
        wanted = np.moveaxis(wanted, 0, -1)
    wanted = wanted[::-1] if content.lower else wanted
    np.testing.assert_allclose(found, wanted, rtol=0, atol=content.tolerance or 1e-9)
    view.close()


def told(view: View) -> dict[str, Any]:
    """Return what a page is told of an image, but for where its samples come from.

    In the page float64 may be rounded, which it says.
    """
    config = view.model.config
    image = {
        key: x for key, x in config["images"][0].items() if key not in ("planes", "tiles", "exact")
    }
    return {**image, "axes": config["axes"], "displays": config["state"]["displays"]}


def info(path: str, content: Content, folder: Path) -> None:
    """Print what is known of it."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        assert main(["info", path]) == 0
    lines = text.getvalue()
    rows, columns = content.values.shape[-3:-1] if content.colors else content.values.shape[-2:]
    assert f"rows, columns: {rows}, {columns}\n" in lines
    for name, length in zip(content.axes, content.values.shape, strict=False):
        assert f"{name} {length}" in lines or f"s {length}" in lines
    for word in (content.label, ", ".join(content.channel_names), *content.info):
        assert word in lines, f"info lacks {word!r}"
    if content.channel_colors:
        assert f"channel colors: {', '.join(content.channel_colors)}\n" in lines
    unit = content.unit if content.unit != "um" else "µm"
    assert unit in lines, f"info lacks the unit {unit!r}"
    assert ("first row: at the bottom" in lines) == content.lower


def deep_zoom(path: str, content: Content, folder: Path) -> None:
    """Write it as a Deep Zoom pyramid; its tiles are read by Pillow alone."""
    target = folder / "written.dzi"
    if is_stack(content):
        return refused_stack(lambda: write_dzi(path, target, format="png", progress=False))
    right = right_picture(content, whole=False)
    write_dzi(path, target, format="png", tile_size=512, progress=False)
    level = (max(right.shape[:2]) - 1).bit_length()
    tile = folder / "written_files" / str(level) / "0_0.png"
    return compare(content, rgba(tile.read_bytes()), right)


def grid(path: str, content: Content, folder: Path) -> None:
    """Show it in a grid: a stack's planes, in the same limits."""
    if not is_stack(content):
        (only,) = Grid([path]).pictures
        assert only is not None
        return compare(content, rgba(only.png), right_picture(content, whole=False))
    if frame_axes(content) > 2:
        return refused_stack(lambda: Grid(path))
    pictures = Grid(path).pictures
    stack, axis = plain(content.values), along(content)
    count = frame_axes(content)
    stack = stack if axis is None else np.moveaxis(stack, axis, count)
    stack = stack.reshape(-1, *stack.shape[count:])
    limits = limits_of(content, plain(content.values))
    assert len(pictures) == len(stack)
    for number, one in itertools.islice(enumerate(pictures), 3):
        assert one is not None
        compare(content, rgba(one.png), expected(content, stack[number], limits))
    return None


def video(path: str, content: Content, folder: Path) -> None:
    """Show it as a video: its planes are the frames."""
    if frame_axes(content) > 1:
        return refused_stack(lambda: Video(path, progress=False))
    stack, axis = plain(content.values), along(content)
    count = len(stack) if content.axes == ("c",) else 1  # channels alone are frames
    if is_stack(content):
        count = len(stack if axis is None else np.moveaxis(stack, axis, 1))
    rows, columns = stack.shape[-3:-1] if content.colors else stack.shape[-2:]
    shown = Video(path, progress=False)
    assert shown.count == count
    assert shown.size == (columns, rows)
    if not is_stack(content) and count == 1:
        right = right_picture(content, whole=False)
        poster = shown.render()[..., None] if shown.render().ndim == 2 else shown.render()
        times = len(poster) // rows  # small videos are enlarged
        apart = np.abs(poster[::times, ::times, :3].astype(int) - right[..., :3])
        assert np.median(apart) <= 12, f"the poster differs by {np.median(apart)}"
    return None


def command_line(path: str, content: Content, folder: Path) -> None:
    """Turn it into a picture by the command line."""
    target = folder / "by-command.png"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = main(["png", path, str(target)])
    if is_stack(content):
        assert code == 2
        return
    assert code == 0
    compare(content, rgba(target.read_bytes()), right_picture(content, whole=False))


DOORS: dict[str, Callable[[str, Content, Path], None]] = {
    "values": values,
    "picture": picture,
    "view, embedded": embedded,
    "view, tiles": tiled,
    "info": info,
    "dzi": deep_zoom,
    "grid": grid,
    "video": video,
    "encode": encoded,
    "png": command_line,
}


_OF_ONE_PICTURE = {"picture", "encode", "png", "dzi"}


def outcome(door: str, content: Content) -> str:
    """Return what a check of a door expects, in a word."""
    several = frame_axes(content) > {"grid": 2, "video": 1}.get(door, 9)
    if several or (door in _OF_ONE_PICTURE and is_stack(content)):
        return "refused"
    if door in ("grid", "video") and is_stack(content):
        return "planes"
    if door == "video" and content.axes == ("c",):
        return "channels"
    return "±" if content.tolerance else "same"
