"""Every kind of file and array gives the samples that were put in; damage is one clear error."""

from __future__ import annotations

import json
import pickle
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage.cli.main import main
from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.identity import identify
from nbimage.pyramid.open import open_pyramid
from tests.optional import zarr
from tests.pyramid.source_kinds import (
    COLOR,
    GRAY,
    RANDOM,
    SOURCES,
    STACK,
    Array,
    check,
    dzi,
    in_zarr,
    tiff,
    written,
)


@pytest.mark.parametrize(
    "options",
    [
        {"metadata": {"axes": "CZYX"}, "photometric": "minisblack"},
        {"metadata": {"axes": "CZYX"}, "ome": True, "tile": (64, 64)},
        {"metadata": {"axes": "CZYX"}, "ome": True, "compression": "zlib"},
    ],
)
def test_stacks_of_pages_have_axes(options: dict[str, Any], tmp_path: Path) -> None:
    source, _ = tiff(STACK, **options)(tmp_path)
    with open_pyramid(source) as pyramid:
        assert pyramid.axes == (("c", 2), ("z", 3))
        for plane in ((0, 0), (1, 2)):
            check(pyramid, STACK[plane], plane)
    three = open_pyramid(source, axes="tcyx")
    assert three.channels == 3
    assert np.array_equal(three.read(0, index=(1,)), np.moveaxis(STACK[1], 0, -1))


def test_a_stack_of_one_described_page_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, STACK, photometric="minisblack", truncate=True)
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("axis 0", 2), ("axis 1", 3))
        check(pyramid, STACK[1, 1], (1, 1))


@pytest.mark.parametrize("options", [{}, {"tile": (64, 64)}, {"compression": "zlib"}])
def test_an_ome_tiff_of_several_files_is_read_from_each(
    options: dict[str, Any], tmp_path: Path
) -> None:
    names = ["a.ome.tif", "b.ome.tif"]
    ids = [f"urn:uuid:00000000-0000-0000-0000-00000000000{i}" for i in range(2)]
    data = "".join(
        f'<TiffData FirstC="{c}" FirstZ="{z}" FirstT="0" IFD="{z}" PlaneCount="1">'
        f'<UUID FileName="{names[c]}">{ids[c]}</UUID></TiffData>'
        for c in range(2)
        for z in range(3)
    )
    for c, name in enumerate(names):
        about = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
            f'UUID="{ids[c]}"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" '
            'Type="uint16" SizeX="407" SizeY="331" SizeZ="3" SizeC="2" SizeT="1">'
            f"{data}</Pixels></Image></OME>"
        )
        with tifffile.TiffWriter(tmp_path / name, ome=False) as file:
            for z in range(3):
                description = about if z == 0 else None
                file.write(STACK[c, z], description=description, metadata=None, **options)
    with open_pyramid(tmp_path / "a.ome.tif") as pyramid:
        assert pyramid.axes == (("c", 2), ("z", 3))
        check(pyramid, STACK[0, 2], (0, 2))
        check(pyramid, STACK[1, 1], (1, 1))
        first = identify(pyramid.source)
    with open_pyramid(tmp_path / "a.ome.tif") as pyramid:
        assert identify(pyramid.source) == first
        with (tmp_path / "b.ome.tif").open("ab") as other:
            other.write(b"more")
        assert identify(pyramid.source) != first


def test_an_imagej_stack_has_its_axes_and_its_pixel_size(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path,
        STACK.swapaxes(0, 1),
        imagej=True,
        resolution=(4, 2),
        metadata={"axes": "ZCYX", "unit": "um"},
    )
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == (("z", 3), ("c", 2))
        assert pyramid.pixel_size == (0.5, 0.25) and pyramid.unit == "µm"
        check(pyramid, STACK[1, 2], (2, 1))


@pytest.mark.parametrize("options", [{}, {"tile": (64, 64)}, {"compression": "zlib"}])
def test_planar_colors_are_put_together(options: dict[str, Any], tmp_path: Path) -> None:
    planar = np.ascontiguousarray(np.moveaxis(COLOR, 2, 0))
    source, _ = tiff(planar, photometric="rgb", planarconfig="separate", **options)(tmp_path)
    with open_pyramid(source) as pyramid:
        check(pyramid, COLOR)


def test_an_ome_tiff_pyramid_is_read_level_by_level(tmp_path: Path) -> None:
    levels = [GRAY, halve(GRAY) // 2, halve(halve(GRAY)) // 3]
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as file:
        about = {
            "axes": "YX",
            "PhysicalSizeX": 0.5,
            "PhysicalSizeY": 0.25,
            "Channel": {"Name": ["DAPI <1>"], "Color": [0x0000FFFF]},
        }
        common = {"tile": (64, 64), "compression": "zlib"}
        file.write(levels[0], subifds=2, metadata=about, **common)
        for level in levels[1:]:
            file.write(level, subfiletype=1, **common)
    with open_pyramid(tmp_path / "a.ome.tif") as pyramid:
        assert pyramid.native_levels == (0, 1, 2)
        for level, expected in enumerate([*levels, halve(levels[2])]):
            assert np.array_equal(pyramid.read(level), expected)
        assert pyramid.pixel_size == (0.25, 0.5) and pyramid.unit == "µm"
        assert pyramid.channel_names == ("DAPI <1>",) and pyramid.channel_colors == ("#0000ff",)


def test_each_page_of_an_ome_tiff_has_its_own_levels(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", bigtiff=True) as file:
        common = {"tile": (64, 64), "compression": "zlib"}
        file.write(STACK, subifds=1, metadata={"axes": "CZYX"}, **common)
        smaller = np.stack([halve(plane) for plane in STACK.reshape(6, 331, 407)])
        file.write(smaller.reshape(2, 3, 166, 204) // 2, subfiletype=1, **common)
    with open_pyramid(tmp_path / "a.ome.tif") as pyramid:
        assert pyramid.native_levels == (0, 1)
        for place in np.ndindex(2, 3):
            assert np.array_equal(pyramid.read(0, index=place), STACK[place])
            assert np.array_equal(pyramid.read(1, index=place), halve(STACK[place]) // 2)


def test_jpeg_tiles_are_those_of_tifffile(tmp_path: Path) -> None:
    pytest.importorskip("imagecodecs")
    smooth = np.repeat(np.arange(407, dtype=np.uint8)[None, :, None] // 2, 331, 0) + COLOR // 64
    source, _ = tiff(smooth, photometric="rgb", tile=(64, 64), compression="jpeg")(tmp_path)
    with open_pyramid(source) as pyramid:
        check(pyramid, tifffile.imread(source))


def test_palettes_become_colors_and_white_is_zero_is_turned(tmp_path: Path) -> None:
    palette = RANDOM.integers(0, 256, (3, 256), dtype=np.uint16)
    source, _ = tiff(COLOR[..., 0], photometric="palette", colormap=palette * 257)(tmp_path)
    with open_pyramid(source) as pyramid:
        assert pyramid.labels  # colors that are not in the palette are made of no two of it
        check(pyramid, palette.astype(np.uint8).T[COLOR[..., 0]])
    source, _ = tiff(COLOR[..., 0], photometric="miniswhite", tile=(64, 64))(tmp_path)
    with open_pyramid(source) as pyramid:
        check(pyramid, 255 - COLOR[..., 0])


def test_samples_that_are_no_colors_are_an_axis(tmp_path: Path) -> None:
    bands = RANDOM.integers(0, 256, (331, 407, 5), dtype=np.uint8)
    source, _ = tiff(bands, photometric="minisblack", planarconfig="contig")(tmp_path)
    with open_pyramid(source) as pyramid:
        assert pyramid.axes == (("s", 5),) and pyramid.channels == 1
        check(pyramid, bands[..., 3], (3,))


def test_tiles_that_a_file_leaves_out_are_empty(tmp_path: Path) -> None:
    parts = iter([GRAY[:128, :128].copy(), None, None, None])
    tifffile.imwrite(tmp_path / "a.tif", parts, shape=(256, 256), dtype=np.uint16, tile=(128, 128))
    expected = np.zeros((256, 256), np.uint16)
    expected[:128, :128] = GRAY[:128, :128]
    with open_pyramid(tmp_path / "a.tif") as pyramid:
        assert np.array_equal(pyramid.read(0), expected)


# OME-Zarr


def ome_zarr(folder: Path, version: str, data: Array, axes: str, **about: Any) -> Path:
    """Write an OME-Zarr of three levels by hand."""
    path = folder / "a.ome.zarr"
    group = zarr.open_group(path, mode="w", zarr_format=2 if version == "0.4" else 3)
    datasets = []
    for number in range(3):
        group.create_array(str(number), data=data, chunks=(1,) * (data.ndim - 2) + (64, 64))
        scale = [1.0] * (data.ndim - 2) + [0.5 * 2**number, 0.25 * 2**number]
        transforms = [{"type": "scale", "scale": scale}]
        datasets.append({"path": str(number), "coordinateTransformations": transforms})
        planes = data.reshape(-1, *data.shape[-2:])
        smaller = [halve(plane) for plane in planes]
        data = np.stack(smaller).reshape(*data.shape[:-2], *smaller[0].shape)
    kinds = {"t": "time", "c": "channel"}
    named = [
        {"name": axis, "type": kinds.get(axis, "space")}
        | ({"unit": "micrometer"} if axis in "zyx" else {})
        for axis in axes
    ]
    image = {"version": version, "axes": named, "datasets": datasets}
    attributes = {"multiscales": [image], **about}
    group.attrs.update(attributes if version == "0.4" else {"ome": attributes})
    return path


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_an_ome_zarr_has_its_levels_axes_units_and_channels(version: str, tmp_path: Path) -> None:
    channels = [{"label": "DAPI", "color": "0000FF"}, {"label": "GFP", "color": "00FF00"}]
    data = STACK.reshape(1, *STACK.shape)
    path = ome_zarr(tmp_path, version, data, "tczyx", omero={"channels": channels})
    pyramid = open_pyramid(path)
    assert pyramid.axes == (("c", 2), ("z", 3)) and pyramid.native_levels == (0, 1, 2)
    assert pyramid.pixel_size == (0.5, 0.25) and pyramid.unit == "µm"
    assert pyramid.channel_names == ("DAPI", "GFP")
    assert pyramid.channel_colors == ("#0000ff", "#00ff00")
    for plane in ((0, 1), (1, 2)):
        check(pyramid, STACK[plane], plane)
    again = pickle.loads(pickle.dumps(pyramid))
    assert np.array_equal(again.read(0, index=(1, 1)), STACK[1, 1])
    opened = open_pyramid(zarr.open(path, mode="r"))
    assert np.array_equal(opened.read(1, index=(1, 1)), halve(STACK[1, 1]))


def test_three_channels_of_bytes_are_colors_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    planar = np.ascontiguousarray(np.moveaxis(COLOR, 2, 0))
    with open_pyramid(ome_zarr(tmp_path, "0.4", planar, "cyx")) as pyramid:
        assert pyramid.channels == 3
        check(pyramid, COLOR)
    stained = {"channels": [{"color": color} for color in ("FFFFFF", "00FF00", "FF00FF")]}
    with open_pyramid(ome_zarr(tmp_path, "0.4", planar, "cyx", omero=stained)) as pyramid:
        assert pyramid.axes == (("c", 3),)
        check(pyramid, COLOR[..., 2], (2,))


def test_a_damaged_zarr_is_one_clear_error(tmp_path: Path) -> None:
    path = ome_zarr(tmp_path, "0.4", GRAY, "yx")
    chunk = path / "0" / "1" / "1"
    chunk = chunk if chunk.exists() else path / "0" / "1.1"
    chunk.write_bytes(b"no chunk at all")
    pyramid = open_pyramid(path)
    with pytest.raises(ValueError, match="must have whole chunks, but rows 64 to 128") as raised:
        pyramid.read(0, slice(64, 128), slice(64, 128))
    assert "\n" not in str(raised.value)
    assert np.array_equal(pyramid.read(0, slice(0, 64)), GRAY[:64])
    attributes = json.loads((path / ".zattrs").read_text())
    attributes["multiscales"][0]["datasets"][0]["path"] = "../../secret"
    (path / ".zattrs").write_text(json.dumps(attributes))
    with pytest.raises(ValueError, match="must name levels within it"):
        open_pyramid(path)
    (path / ".zattrs").write_text("{")
    with pytest.raises(ValueError, match="must be a whole zarr image"):
        open_pyramid(path)


# Damage


@pytest.mark.parametrize(
    "name", ["TIFF", "tiles", "deflate", "LZW strips", "RGB", "PNG", "npy", "szi"]
)
def test_a_file_that_ends_early_is_one_clear_error(name: str, tmp_path: Path) -> None:
    source, _ = SOURCES[name](tmp_path)
    data = Path(source).read_bytes()
    for size in (0, 3, 7, 100, 400, len(data) // 2, len(data) - 200):
        Path(source).write_bytes(data[:size])
        with pytest.raises(ValueError, match=r"must be a whole|Pillow opens") as raised:
            pyramid = open_pyramid(source)
            pyramid.read(0)
        assert "\n" not in str(raised.value) and str(source) in str(raised.value)


def descriptor(width: Any = 407, height: Any = 331, tile: Any = 254, form: str = "png") -> str:
    return (
        '<?xml version="1.0"?><Image xmlns="http://schemas.microsoft.com/deepzoom/2008" '
        f'Format="{form}" Overlap="1" TileSize="{tile}"><Size Width="{width}" Height="{height}"/>'
        "</Image>"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a .dzi, which is XML"),
        ("<?xml version='1.0' encoding='shift_jis'?>", "image.dzi must be a .dzi, which is XML"),
        ("<?xml version='1.0' encoding='none'?>", "image.dzi must be a .dzi, which is XML"),
        ("<a/>", "must be a .dzi with Image and Size"),
        (descriptor(width=10**12), "must have Width from 1 to 2147483648"),
        (descriptor(width="4e3"), "must have Width"),
        (descriptor(height=0), "must have Height"),
        (descriptor(height=-5), "must have Height"),
        (descriptor(tile=10**9), "must have TileSize"),
        (descriptor(tile=0), "must have TileSize"),
        (descriptor(form="../../../etc/passwd"), "must have a Format such as png"),
        (descriptor().replace("<Image", '<!DOCTYPE a [<!ENTITY b "c">]><Image'), "entities"),
        (descriptor() + " " * (1 << 20), "at most 1 MiB"),
        (descriptor(width=2**31, height=2**31), "must have a folder of tiles for level 31"),
        (descriptor(width=700, height=700), "must have a folder of tiles for level 10"),
        (descriptor(width=500, height=331), "must have all tiles, but lacks|must have 255 x 247"),
        (descriptor(tile=100), "must have 101 x 101 pixels, but has 255 x 255"),
        (descriptor(form="jpeg"), "must have all tiles, but lacks"),
    ],
)
def test_a_hostile_dzi_is_one_clear_error(text: str, message: str, tmp_path: Path) -> None:
    source, _ = dzi(COLOR)(tmp_path)
    source.write_text(text)
    with pytest.raises((ValueError, FileNotFoundError), match=message) as raised:
        pyramid = open_pyramid(source)
        pyramid.read(0, slice(0, 200))
    assert "\n" not in str(raised.value)


def test_a_dzi_that_lacks_a_tile_reads_all_others(tmp_path: Path) -> None:
    source, _ = dzi(COLOR, tile_size=100)(tmp_path)
    (tmp_path / "image_files" / "9" / "2_1.png").unlink()
    with open_pyramid(source) as pyramid:
        assert np.array_equal(pyramid.read(0, slice(0, 90)), COLOR[:90])
        with pytest.raises(FileNotFoundError, match=r"must have all tiles, but lacks .*2_1\.png"):
            pyramid.read(0, slice(120, 130))
    shutil.rmtree(tmp_path / "image_files")
    with pytest.raises(FileNotFoundError, match="must have its tiles in"):
        open_pyramid(source)


@pytest.mark.parametrize("array", [GRAY, COLOR, COLOR[..., 0]])
def test_a_picture_too_large_for_pillow_is_read_by_libvips(
    array: Array, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = written("a.png", array)(tmp_path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with open_pyramid(path) as pyramid:
        check(pyramid, array)
        check(pickle.loads(pickle.dumps(pyramid)), array)
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match="must be a whole picture") as raised:
        pyramid = open_pyramid(path)
        pyramid.read(0)
    assert "\n" not in str(raised.value)


def test_a_zip_file_without_an_image_is_one_clear_error(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("notes.txt", "nothing to see")
    with pytest.raises(ValueError, match=r"a\.zip must hold one \.dzi, but holds 0"):
        open_pyramid(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("a.dzi", descriptor())
        file.writestr("a_files/9/../../0_0.png", b"")
    with pytest.raises(FileNotFoundError, match="must have all tiles, but lacks"):
        open_pyramid(tmp_path / "a.zip")


def test_what_is_not_there_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, _ = tiff(np.stack([GRAY, GRAY]))(tmp_path)  # Pillow opens one of a single page
    folder, _ = in_zarr(GRAY, 3)(tmp_path)
    monkeypatch.setitem(sys.modules, "tifffile", None)
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(ImportError, match=r"needs tifffile: pip install 'nbimage\[tiff\]'"):
        open_pyramid(source)
    monkeypatch.setitem(sys.modules, "pyvips", None)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ImportError, match=r"needs pyvips: pip install 'nbimage\[vips\]'"):
        open_pyramid(written("a.png", GRAY)(tmp_path)[0])
    with pytest.raises(ImportError, match=r"needs zarr: pip install 'nbimage\[zarr\]'"):
        open_pyramid(folder)


@pytest.mark.parametrize("name", ["notes.txt", "folder"])
def test_other_files_and_folders_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    else:
        path.write_text("nothing to see")
    with pytest.raises(ValueError, match=r"must be a zarr folder|is text, which is not read"):
        open_pyramid(path)


# The command line


def test_info_says_what_a_file_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = ome_zarr(tmp_path, "0.5", STACK, "czyx")
    assert main(["info", str(path), "--limits"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "rows, columns: 331, 407" in said and "dtype: uint16" in said
    assert "axes: c 2, z 3" in said and "pixel height, width: 0.5, 0.25 µm" in said
    assert f"minimum, maximum: {STACK.min()}, {STACK.max()}" in said
    assert "level 0: 331 x 407, tiles 2 x 2, in the file" in said
    assert said[-1] == "level 9: 1 x 1, tiles 1 x 1, computed"


def test_info_of_no_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "nowhere.tif"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("nbimage: no such file or folder") and said.count("\n") == 1
