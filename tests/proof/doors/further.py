"""Further doors of nbimage: arrays of other packages, addresses, pages, folders, servers, files.

Each is opened on a file as those of ``tests.kinds.doors`` are, and says what does not fit.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import io
import pickle
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nbimage import (
    Grid,
    Picture,
    Video,
    View,
    data_uri,
    nbimage,
    open_pyramid,
    rerange,
    write_dzi,
    write_ome_zarr,
    write_tiff,
)
from nbimage.napari.reader import read_layers
from tests.kinds import doors
from tests.kinds.doors import (
    along,
    compare,
    expected,
    frame_axes,
    further,
    is_composite,
    is_stack,
    limits_of,
    plain,
    rgba,
    right_picture,
    told,
    unnamed,
)
from tests.kinds.kind import Array, Content
from tests.proof.doors.explorers import by_commands, exported, in_page, live, run_quietly, served
from tests.web_server import serving

IN_TEXT = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")

# The array, as other packages have it


def upright(content: Content) -> Content:
    """Return what a file holds with its first row at the top."""
    if not content.lower:
        return content
    axis = -3 if content.colors else -2
    rows, count = content.rows, content.values.shape[axis]
    if rows is not None:
        rows = rows[0] + rows[1] * (count - 1), -rows[1]
    return replace(content, values=np.flip(content.values, axis), rows=rows, lower=False)


def labelled(content: Content) -> tuple[Any, Content]:
    """Return an array of xarray, and what that can say of all that a file holds."""
    import xarray

    content = replace(upright(content), channel_colors=(), windows=(), info=(), unit="")
    values = plain(content.values)
    extra = [f"dim_{i}" for i in range(further(content) - len(content.axes))]
    dims = [*extra, *content.axes, "y", "x", *(["s"] if content.colors else [])]
    text, _, unit = content.label.removesuffix("]").rpartition("[")
    name, attrs = ("image", {}) if not content.label else (content.label, {})
    if "[" in content.label:
        name, attrs = text.strip() or "image", {"units": unit}
    coords: dict[str, Any] = {}
    sizes = dict(zip(dims, values.shape, strict=True))
    for axis, line in (("y", content.rows), ("x", content.columns)):
        if line is not None:
            coords[axis] = line[0] + line[1] * np.arange(sizes[axis])
    if content.channel_names:
        coords["c" if "c" in dims else "band"] = list(content.channel_names)
    label = f"{name} [{unit}]" if attrs else name
    data = xarray.DataArray(values, coords, dims, name=name, attrs=attrs)
    return data, replace(content, label=label, values=values, labels=False)


def _all_doors(data: Any, content: Content, folder: Path) -> None:
    for door in (doors.values, doors.embedded, doors.tiled, doors.grid):
        door(data, content, folder)
    if not is_stack(content):
        doors.picture(data, content, folder)
        doors.encoded(data, content, folder)


def array(path: str, content: Content, folder: Path) -> None:
    """Show the samples as NumPy has them, which says of no more than bytes that they are alpha."""
    content = upright(content)
    values = content.values
    options: dict[str, Any] = {"channel_axis": -1} if content.colors else {}
    gray = not content.colors and along(content) is None and not is_stack(content)
    if gray and not content.windows:
        bins = np.repeat(rerange(values)[..., None], 3, axis=2)
        shown = right_picture(content, whole=False)
        compare(content, np.where(shown[..., 3:] > 0, bins, 0), shown[..., :3])
    unsaid = content.colors and values.shape[-1] in (2, 4) and values.dtype != np.uint8
    if is_stack(content) or is_composite(content) or unsaid:
        return
    right = right_picture(content, whole=False)
    if not content.windows:
        compare(content, rgba(Picture(values, **options).png), right)


def by_xarray(path: str, content: Content, folder: Path) -> None:
    """Show the samples with their names as xarray has them."""
    data, own = labelled(content)
    _all_doors(data, own, folder)


def by_dask(path: str, content: Content, folder: Path) -> None:
    """Show the same in chunks of dask."""
    data, own = labelled(content)
    _all_doors(data.chunk({"y": 10, "x": 11}), own, folder)


def by_zarr(path: str, content: Content, folder: Path) -> None:
    """Show the same by its path in a store of zarr, of both formats."""
    data, own = labelled(content)
    for version in (2, 3):
        store = folder / f"by-xarray-{version}.zarr"
        data.to_dataset(name=data.name).to_zarr(store, zarr_format=version, consolidated=False)
        _all_doors(f"{store}/{data.name}", own, folder)


# The file, elsewhere


def by_address(path: str, content: Content, folder: Path) -> None:
    """Open it from a web server."""
    relative = Path(path).relative_to(folder).as_posix()
    with serving(folder) as server:
        address = f"{server.address}/{relative}"
        doors.values(address, content, folder)
        doors.tiled(address, content, folder)
        doors.picture(address, content, folder)


def by_pickle(path: str, content: Content, folder: Path) -> None:
    """Open it, and read what a pickle of that has."""
    with open_pyramid(path) as pyramid:
        packed = pickle.dumps(pyramid)
    with pickle.loads(packed) as again:
        doors.values(again, content, folder)


def by_level(path: str, content: Content, folder: Path) -> None:
    """Take the largest level of a pyramid, and the pyramid itself, as arrays."""
    for door in (
        doors.values,
        doors.embedded,
        doors.tiled,
        doors.picture,
        doors.encoded,
        doors.grid,
    ):
        with open_pyramid(path) as pyramid:
            door(pyramid, content, folder)
    with open_pyramid(path) as pyramid:
        level = pyramid.levels[0]
        one, two = told(View(level, embed=True)), told(View(path, embed=True))
        differs = {key: (one[key], two[key]) for key in one if one[key] != two[key]}
        assert not differs, differs


def by_napari(path: str, content: Content, folder: Path) -> None:
    """Read it as layers of napari: channels that are no colors are layers of their own."""
    layers = [one for one in read_layers(path) if one[2] == "image" or content.labels]
    wanted = plain(content.values)
    axis = along(content)
    parts = [wanted] if axis is None else list(np.moveaxis(wanted, axis, 0))
    assert len(layers) == len(parts)
    for (data, options, _), part in zip(layers, parts, strict=True):
        largest = data[0] if options["multiscale"] else data
        found = np.asarray(largest).astype(np.float64)
        np.testing.assert_allclose(found, part, rtol=0, atol=content.tolerance or 1e-9)


# Files and texts


def commands(path: str, content: Content, folder: Path) -> None:
    """Write explorers and figures by the command line."""
    by_commands(path, content, folder)
    if is_stack(content):
        assert run_quietly("convert", path, str(folder / "out.svg")) == 2
        return
    right = right_picture(content, whole=False)
    for name in ("out.svg", "out.html"):
        assert run_quietly("convert", path, str(folder / name)) == 0
        compare(content, _in_text((folder / name).read_text("utf-8")), right)


def _in_text(text: str) -> Array:
    """Return the largest picture that a text holds."""
    found = [rgba(base64.b64decode(one)) for one in IN_TEXT.findall(text)]
    assert found, "there is no picture"
    return max(found, key=lambda one: one.size)


def texts(path: str, content: Content, folder: Path) -> None:
    """Show it by `nbimage`, as an address in a text, and in the outputs of a cell."""
    if is_stack(content):
        return
    right = right_picture(content, whole=False)
    with contextlib.redirect_stdout(io.StringIO()):
        nbimage(path, saveas=folder / "saved")
    compare(content, rgba((folder / "saved.png").read_bytes()), right)
    compare(content, rgba(base64.b64decode(data_uri(path).partition(",")[2])), right)
    for shown in (Picture(path), Grid([path])):
        compare(content, _in_text(shown.html), right)


def film(path: str, content: Content, folder: Path) -> None:
    """Show it as an animation that keeps every pixel; what is missing is black."""
    alpha = content.colors and content.values.shape[-1] == 4
    if frame_axes(content) > 1 or alpha or content.axes == ("c",) or content.axes == ("band",):
        return
    made = Video(path, format="apng", zoom=1, progress=False)
    axis = along(content)
    stack = plain(content.values)
    stack = stack if axis is None else np.moveaxis(stack, axis, 1)
    stack = stack if is_stack(content) else stack[None]
    limits = limits_of(content, plain(content.values))
    with Image.open(io.BytesIO(made.files["apng"])) as image:
        assert getattr(image, "n_frames", 1) == len(stack)
        for number, plane in enumerate(stack):
            image.seek(number)
            found = np.array(image.convert("RGBA"))
            found[..., 3] = 255
            right = expected(content, plane, limits)
            right[..., 3] = 255
            compare(content, found, right)


def written(path: str, content: Content, folder: Path) -> None:
    """Write it in each format of values, and read that again.

    OME's files have axes of times, channels and depths alone, TIFFs say of no labels, OME-Zarr of
    0.4 gives channels colors, and has none but bytes for red, green and blue of one picture.
    """
    with open_pyramid(path) as pyramid:
        before, labels = _described(pyramid), pyramid.labels
        stored = pyramid.source.stored
    own = replace(upright(content), label="")
    letters = set(content.axes) <= {"t", "c", "z"} and not unnamed(content)
    for target in ("a.tif", "a.ome.tif", "a4.zarr", "a5.zarr", "a6.zarr", "a.ozx"):
        out = folder / f"again-{target}"
        write: Callable[[], Any] = functools.partial(write_tiff, path, out, progress=False)
        if "tif" not in target:
            version = {"4": "0.4", "6": "0.6"}.get(target[1], "0.5")
            write = functools.partial(write_ome_zarr, path, out, version=version, progress=False)
        try:
            write()
        except ValueError as error:
            text, wide = str(error), stored.name in ("float16", "int64", "uint64")
            way = "name each t, c or z" if not letters else f"{stored}: convert it first"
            assert way in text and "\n" not in text and (wide or not letters), text
            continue
        with open_pyramid(out) as again:
            after = _described(again)
            for what, found, wanted in zip(_FACTS, after, before, strict=True):
                assert found == wanted or not wanted, (target, what, found, wanted)
            assert again.labels == labels or "tif" in target or content.colors, target
            shape = tuple(length for _, length in again.axes)
            planes = [again.read(0, index=index) for index in np.ndindex(*shape)]
            found_ = np.stack(planes).reshape(*shape, *planes[0].shape)
            wanted_ = plain(own.values)
            if wanted_.dtype.kind == "b":
                wanted_ = wanted_.astype(found_.dtype) * (found_.max() or 1)
            assert sorted(found_.shape) == sorted(wanted_.shape), target
            found_ = _in_order(found_, [name for name, _ in again.axes], wanted_, content)
            np.testing.assert_allclose(
                found_.astype(np.float64), wanted_, rtol=0, atol=content.tolerance or 1e-9
            )


_FACTS = "pixel size", "channel names", "channel colors"


def _described(pyramid: Any) -> tuple[Any, ...]:
    """Return the size of a pixel in metres where its unit is a length, names and colors."""
    size = pyramid.pixel_size
    meters = {"mm": 1e-3, "µm": 1e-6, "nm": 1e-9, "m": 1.0}.get(pyramid.unit)
    if size is not None and meters is not None:
        size = tuple(float(f"{side * meters:.6g}") for side in size)
    return size, pyramid.channel_names, pyramid.channel_colors


def _in_order(found: Array, have: list[str], wanted: Array, content: Content) -> Array:
    """Return planes in the order of other names, where both have the same ones.

    Colors of more than 8 bits are OME-Zarr's channels.
    """
    want = content.axes
    if content.colors and "c" in have and "c" not in want:
        found = np.moveaxis(found, have.index("c"), -1)
        have = [name for name in have if name != "c"]
    if sorted(have) == sorted(want) and tuple(have) != want:
        order = [have.index(name) for name in want]
        found = found.transpose(*order, *range(len(have), found.ndim))
    return found.reshape(wanted.shape) if found.size == wanted.size else found


def archive(path: str, content: Content, folder: Path) -> None:
    """Write it as a Deep Zoom pyramid in one file, which is read again."""
    if is_stack(content):
        return
    right = right_picture(content, whole=False)
    target = write_dzi(path, folder / "again.szi", format="png", progress=False)
    compare(content, rgba(Picture(target).png), right)


DOORS: dict[str, Callable[[str, Content, Path], None]] = {
    "array": array,
    "xarray": by_xarray,
    "dask": by_dask,
    "zarr": by_zarr,
    "address": by_address,
    "pickle": by_pickle,
    "level": by_level,
    "napari": by_napari,
    "page": in_page,
    "server": served,
    "live": live,
    "folder": exported,
    "command line": commands,
    "outputs": texts,
    "film": film,
    "written": written,
    "archive": archive,
}
