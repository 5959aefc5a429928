"""Calls as users write them, for `test_users_calls`: never run, read by a type checker.

A comment ``# wrong`` marks a line where the checker must object; it must not object elsewhere.
"""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import nbimage as package
from nbimage import (
    Grid,
    Picture,
    Pyramid,
    Shape,
    Shapes,
    Source,
    Video,
    View,
    clear_cache,
    data_uri,
    data_uris,
    describe,
    encode,
    frames,
    guess_channel_axis,
    link,
    nbgrid,
    nbimage,
    nbvideo,
    nbview,
    open_pyramid,
    quilt,
    rerange,
    show_images,
    treescope_autovisualizer,
    write_dzi,
    write_image,
    write_ome_zarr,
    write_tiff,
)
from nbimage.testing import check_source
from nbimage.typing import ArrayLike, ColorLike, ContrastLike, LimitLike, NormLike

array: np.ndarray[Any, Any] = np.zeros((4, 5))
stack = np.zeros((3, 4, 5), np.uint8)
frame: Any = None
path = Path("picture.tif")


class Tensor:
    def __array__(self) -> np.ndarray[Any, Any]:
        return array


def of_ones_own(
    data: ArrayLike, low: LimitLike, rule: ContrastLike, norm: NormLike, color: ColorLike
) -> Picture:
    return Picture(data, low, contrast=rule, norm=norm, under=color)


# pictures

nbimage(array)
nbimage(array, 0, 1, True, "picture.png")
nbimage(array, vmin=np.float32(0), vmax=[1, 2, 3], saveas=path)
nbimage(array, np.datetime64("2020-01-01"), datetime.date(2021, 1, 1))
nbimage([[1, 2], [3, 4]], contrast="robust", norm="log", cmap="viridis")
nbimage(Tensor(), contrast=(1, 99), norm=0.5, under="red", over=(255, 0, 0), nan_color=[0, 0, 1])
nbimage(Image.new("L", (3, 4)), norm=("asinh", 3.0), cmap=["white", "#123456"])
nbimage(array, levels=11, colorbar=True)
nbimage("picture.jpg", norm=np.sqrt, cmap=array, labels=True, complex="phase")
nbimage(path, labels=stack, overlay=[("points", [(1, 2)], "red"), array > 0])
nbimage(array, x=(0, 1), y=array[0], colorbar="height", histogram="log", origin="lower", aspect=2)
nbimage(array, width=300, zoom=None, alt="nothing", caption=True, background="checkerboard")
nbimage(array, format="webp", quality=80, lossless=False, compression=None, display_id="one")
nbimage(array, width="50%", height="300px")
saved: Path = Picture(array, channel_axis=0, max_pixels=1e6).save("picture.svg")
figure_file: Path = Picture(array).save("picture.png", figure=True, scale=2)
grid_file: Path | list[Path] = Grid([array]).save("grid.pdf", figure=True, scale=1.5)
pixels: np.ndarray[Any, Any] = Picture(array).pixels
sizes: tuple[float, float, bytes, str] = (
    Picture(array).width,
    Picture(array).height,
    Picture(array).png,
    Picture(array).data_uri,
)

nbimage()  # wrong
nbimage(5)  # wrong
nbimage(None)  # wrong
nbimage(array, vmn=0)  # wrong
nbimage(array, 0, 1, True, "picture.png", "robust")  # wrong
nbimage(array, vmin=object())  # wrong
nbimage(array, vsym="yes")  # wrong
nbimage(array, contrast="strong")  # wrong
nbimage(array, norm="logarithmic")  # wrong
nbimage(array, cmap=3)  # wrong
nbimage(array, under=0.5)  # wrong
nbimage(array, complex="real")  # wrong
nbimage(array, origin="top")  # wrong
nbimage(array, format="bmp")  # wrong
nbimage(array, saveas=3)  # wrong
nbimage(array, title=5)  # wrong
shown: Picture = nbimage(array)  # wrong
Picture(array, saveas="picture.png")  # wrong
Picture(array).save(3)  # wrong
Picture(array).save("x.png", figure="yes")  # wrong

# videos

nbvideo(stack)
nbvideo(stack, 0, 255, False, 30, True, None, 18, None, "video", "ul", "white")
nbvideo([array, array], fps=Fraction(30000, 1001), counter=("lr", "{:03}"), counter_color=128)
nbvideo((array for _ in range(3)), contrast="frame", counter=lambda i: f"{i} s", vp9=True)
nbvideo(stack, counter=True)
nbvideo(stack, counter=("ur", True), zoom=2)
nbvideo(stack, figure=True, scale=2, saveas="figure.mp4")
nbvideo("frames/*.png", saveas=path, embed=False, autoplay=True, progress=False)
files: list[Path] = Video(stack, h264=None, format="gif", lossless=True).save("video")
seconds: float = Video(stack).duration

nbvideo(stack, h264="best")  # wrong
nbvideo(stack, format="mp4")  # wrong
nbvideo(stack, contrast="frames")  # wrong
nbvideo(stack, fps="25")  # wrong
nbvideo(stack, counter=7)  # wrong
Video(stack, embed=False)  # wrong

# grids

nbgrid([array, array], ["one", "two"], columns=2, saveas="grid.png")
nbgrid({"one": array, "two": Picture(array)}, shared="row", columns="auto")
nbgrid([[array, None], [array, array]], row=0, column="time", errors="show", page=20)
nbgrid(stack, cmap="gray", labels=False, colorbar="height", zoom=2)
nbgrid(
    stack, overlay=[array > 0, None, [("points", [(1, 2)])]], border=["green", (255, 0, 0), None]
)
nbgrid(stack, x=[(0, 1), None, True], y=array[0], pixel_size=[0.1, None, 2], unit="µm")
nbgrid(stack, overlay="values", border={"one": "red"}, x=True)
names: tuple[str, ...] = Grid(stack).titles
count: int = len(Grid(stack).pictures)

nbgrid(stack, columns="few")  # wrong
nbgrid(stack, shared="rows")  # wrong
nbgrid(stack, errors="ignore")  # wrong
nbgrid(3)  # wrong
nbgrid(stack, None, 2)  # wrong
Grid(stack).titles.append("three")  # wrong

# explorers

nbview(stack, 0, 1, False, "view.html")
nbview(stack, embed=False, keep=2_000_000)
nbview({"one": array, "two": array}, shared=False, axes="zyx", facet="z", columns=3)
nbview(
    "slide.svs",
    channels={"red": "#ff0000", "green": None},
    embed=False,
    title="slide",
    background=None,
)
nbgrid(frames("clip.mp4")[::30])
nbvideo(frames(path, orientation=False), fps=frames(path).fps)
nbimage(stack, channels={"DAPI": "blue", "GFP": None})
nbgrid(stack, channels=["DAPI", ("GFP", (0, 255, 0))])
nbvideo(stack, channels=False)
encode(stack, channels={"DAPI": "blue"})
nbimage(stack, channels=3)  # wrong
nbview(open_pyramid(path), ortho=True, spacing=2.5, exact=True, fps=5, loop=False)
seen: dict[str, Any] = View(stack, state={"mode": "side"}).state
page: Path = View(stack, wcs=False).save("view.html")
framed: str = View(stack).iframe(height=500) + Grid(stack).iframe(width=640)
figure: Path = View(stack).save("view.png", figure=True, scale=2)
View(stack, labels={"cells": stack}, names={3: "nucleus"}, overlay=("points", [(1, 2)]))
View(stack, labels=stack, names=[{"label": 3, "area": 2.5}]).layers["labels"].opacity = 0.5
link(View(stack), View(stack))
View(stack).observe(lambda change: print(change.name, change.new), ["index", "limits"])
View(stack).unobserve(print, "index")
camera = View(stack, axes="tyx", embed=False, state={"projections": {"t": ("max", 3, 10)}})
camera.append(array, max_planes=100)
camera.data = stack
camera.follow = True
camera.projections = {"t": "max"}
missed: int = camera.dropped
camera.append(array, max_planes="all")  # wrong

drawn_line = Shape("line", [(0, 0), (3, 4)])
length: float = drawn_line.length
mask: np.ndarray[Any, Any] = drawn_line.mask((5, 6))
drawn: dict[str, Any] = Shapes([drawn_line]).to_geojson("line.geojson")
Shape("line", 3)  # wrong
nbview(stack, axes=3)  # wrong
nbview(stack, facet=1.5)  # wrong
nbview(stack, norm="cubic")  # wrong
nbview(stack, levels=[0, 1, 2.5])
nbgrid(stack, levels=np.arange(5))
nbvideo(stack, levels=8)
nbview(stack, theme="dark")  # wrong
link(View(stack))  # wrong

# bytes, arrays, tables

mapped: np.ndarray[Any, Any] = rerange(array, 0, 1, contrast="infer", norm="symlog")
rerange(array, [0, 0, 0], [1, 1, 1], channel_axis=-1, out=mapped)
file: bytes = encode(array, "jpeg", vmin=0, cmap="magma", quality=90)
uri: str = data_uri(array, vmin=0, cmap="magma")
quilt(stack)
guess_channel_axis((3, 4, 5))
line: str = describe(array)
visualization: Any = treescope_autovisualizer({"a": array}, ".items")
Picture(array, contrast="zscale", overlay="values", background=None)
data_uris([array, array], size=64, cmap="magma", titles=["one"], fill="white")
show_images(frame, "image", size=64, norm=2)

rerange(array, contrast=3)  # wrong
rerange(array, levels="many")  # wrong
rerange("picture.png", norm=[])  # wrong
rerange(array, title="one")  # wrong
encode(array, "jpg", vmin=0, colormap="magma")  # wrong
encode(array, 3)  # wrong
data_uri(array, colormap="magma")  # wrong
data_uri(array, format="gif")  # wrong
number: bytes = data_uri(array)  # wrong
data_uris([array], norm="cubic")  # wrong
show_images(frame, contrast="strong")  # wrong

# pyramids

pyramid: Pyramid = open_pyramid("slide.svs", channel_axis=None)
write_dzi(array, "pyramid.dzi", vmin=0, contrast="robust", norm="log", cmap="viridis")
write_ome_zarr(pyramid, path, progress=False)
write_tiff(stack, path, axes="zyx")
write_image(stack, "out.nbraw", axes="zyx", options={"big_endian": True})
Pyramid(Source(shapes=((5, 9),), dtype=np.dtype("u1"), axes=(("z", 3),)))
freed: int = clear_cache()
check_source("a.nbraw", stack, pickles=False)
check_source(lambda: Source(shapes=((5, 9),), dtype=np.dtype("u1")))
check_source("a.nbraw", forks=2.5)  # wrong

open_pyramid()  # wrong
write_dzi(array)  # wrong
write_dzi(array, "pyramid.dzi", norm="cubic")  # wrong
write_tiff(array, 3)  # wrong
write_image(array)  # wrong
Source(shapes=5)  # wrong
package.imshow(array)  # wrong

labelled: Any = open_pyramid("slide.ome.tif").to_xarray(level=2)
lazy: Any = open_pyramid("slide.ome.tif").to_dask(-1)
open_pyramid("slide.ome.tif").to_dask("0")  # wrong
shown_pixels = np.asarray(Picture(array))
