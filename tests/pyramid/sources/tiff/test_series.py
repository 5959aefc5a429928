"""Series, companions, and steps along depth and time of TIFFs."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import nbimage
from nbimage.cli.main import main

STACK = np.arange(2 * 3 * 2 * 8 * 9, dtype=np.uint16).reshape(2, 3, 2, 8, 9)


def _read(pyramid: Any) -> np.ndarray[Any, Any]:
    lengths = [length for _, length in pyramid.axes]
    planes = [pyramid.read(0, slice(0, 8), slice(0, 9), i) for i in np.ndindex(*lengths)]
    return np.reshape(planes, (*lengths, 8, 9))


def _steps(pyramid: Any) -> dict[str, Any]:
    known = pyramid.metadata.coordinates
    return {
        name: (one.line[1], one.unit)
        for (name, _), one in zip(pyramid.axes, known, strict=False)
        if one is not None
    }


def _write_ome(path: Path, data: Any = STACK, **more: Any) -> None:
    metadata = {
        "axes": "TZCYX",
        "PhysicalSizeX": 0.5,
        "PhysicalSizeY": 0.5,
        "PhysicalSizeZ": 2.0,
        "PhysicalSizeZUnit": "µm",
        "TimeIncrement": 0.25,
        "TimeIncrementUnit": "s",
        **more,
    }
    tifffile.imwrite(path, data, ome=True, metadata=metadata)


def test_steps_of_ome_are_read(tmp_path: Path) -> None:
    _write_ome(tmp_path / "a.ome.tif")
    with nbimage.open_pyramid(tmp_path / "a.ome.tif") as pyramid:
        assert _steps(pyramid) == {"z": (2.0, "µm"), "t": (0.25, "s")}


def test_an_imagej_hyperstack_keeps_steps_windows_and_colors(tmp_path: Path) -> None:
    tables = [np.zeros((3, 256), np.uint8) for _ in range(2)]
    for channel, table in enumerate(tables):
        table[channel] = np.arange(256)
    metadata = {"axes": "TZCYX", "unit": "um", "spacing": 1.5, "finterval": 0.5}
    metadata |= {"LUTs": tables, "Ranges": (0.0, 100.0, 5.0, 50.0), "mode": "composite"}
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, STACK, imagej=True, metadata=metadata, resolution=(2, 4))
    with nbimage.open_pyramid(path) as pyramid:
        assert np.array_equal(_read(pyramid), STACK)
        assert _steps(pyramid) == {"z": (1.5, "µm"), "t": (0.5, "s")}
        assert pyramid.channel_colors == ("#ff0000", "#00ff00")
        assert pyramid.metadata.windows == ((0.0, 100.0), (5.0, 50.0))
        assert (pyramid.pixel_size, pyramid.unit) == ((0.25, 0.5), "µm")


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as file:
        file.write(STACK[0, 0, 0], metadata={"axes": "YX", "Name": "one", "PhysicalSizeX": 1.0})
        more = {"axes": "ZYX", "Name": "other", "PhysicalSizeZ": 3.0}
        file.write(STACK[0, :, 0] + 1, metadata=more)
    return path


@pytest.mark.parametrize("part", ["1", "other"])
def test_a_series_is_opened_by_its_number_or_name(two: Path, part: str) -> None:
    with nbimage.open_pyramid(f"{two}[{part}]") as pyramid:
        assert np.array_equal(_read(pyramid), STACK[0, :, 0] + 1)
        assert _steps(pyramid) == {"z": (3.0, "µm")}


def test_other_series_are_said(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["info", str(two)])
    assert "the first of 2 series: 0 one, 1 other" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"no series \[x\]: there are 0 one, 1 other"):
        nbimage.open_pyramid(f"{two}[x]")


def _write_companion(folder: Path) -> Path:
    data = STACK[0, :, 0]
    tiff_data = ""
    for z in range(3):
        only = (
            '<?xml version="1.0" encoding="UTF-8"?><OME '
            'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">'
            '<BinaryOnly MetadataFile="a.companion.ome" UUID="urn:uuid:c"/></OME>'
        )
        tifffile.imwrite(folder / f"z{z}.ome.tif", data[z], description=only, metadata=None)
        tiff_data += (
            f'<TiffData FirstZ="{z}" IFD="0" PlaneCount="1">'
            f'<UUID FileName="z{z}.ome.tif">urn:uuid:{z}</UUID></TiffData>'
        )
    path = folder / "a.companion.ome"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><OME UUID="urn:uuid:c" '
        'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" Name="n">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="9" SizeY="8" SizeZ="3" '
        'SizeC="1" SizeT="1" PhysicalSizeZ="4"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>'
        f"{tiff_data}</Pixels></Image></OME>",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize("name", ["z1.ome.tif", "a.companion.ome"])
def test_a_companion_is_followed_from_each_of_its_files(tmp_path: Path, name: str) -> None:
    _write_companion(tmp_path)
    with nbimage.open_pyramid(tmp_path / name) as pyramid:
        assert np.array_equal(_read(pyramid), STACK[0, :, 0])
        assert _steps(pyramid) == {"z": (4.0, "µm")}


def test_a_missing_companion_or_file_is_refused_in_one_line(tmp_path: Path) -> None:
    companion = _write_companion(tmp_path)
    (tmp_path / "z2.ome.tif").unlink()
    with pytest.raises(ValueError, match=r"such as 'z2\.ome\.tif': put all") as caught:
        nbimage.open_pyramid(tmp_path / "z0.ome.tif")
    assert "\n" not in str(caught.value)
    companion.unlink()
    with pytest.raises(ValueError, match=r"described in 'a\.companion\.ome'") as caught:
        nbimage.open_pyramid(tmp_path / "z0.ome.tif")
    assert "\n" not in str(caught.value)


# MetaMorph and Zeiss


def _write_stk(path: Path, data: np.ndarray[Any, Any]) -> None:
    """Write planes one after the other, of which the only directory describes the first."""
    planes, rows, columns = data.shape
    pixels = data.astype("<u2").tobytes()
    calibration = struct.pack("<4I", 1, 4, 1, 2)  # width 0.25, height 0.5
    unit = struct.pack("<I", 3) + b"um\0"
    uic2 = b"".join(struct.pack("<6I", 3, 2, 2451545, 500 * i, 2451545, 0) for i in range(planes))
    start = 8 + len(pixels)
    at_unit, at_uic2 = start + 16, start + 16 + len(unit) + 1
    uic1 = struct.pack("<8I", 3, 1, 4, start, 5, start + 8, 6, at_unit)
    at_uic1 = at_uic2 + len(uic2)
    tags = [
        (256, 3, 1, columns),
        (257, 3, 1, rows),
        (258, 3, 1, 16),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 3, 1, rows),
        (279, 4, 1, rows * columns * 2),
        (33628, 4, 4, at_uic1),
        (33629, 5, planes, at_uic2),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<2H2I", *t) for t in tags)
    end = at_uic1 + len(uic1)
    path.write_bytes(
        b"II*\0"
        + struct.pack("<I", end)
        + pixels
        + calibration
        + unit
        + b"\0"
        + uic2
        + uic1
        + directory
        + struct.pack("<I", 0)
    )


def test_a_metamorph_stack_has_all_planes_and_steps(tmp_path: Path) -> None:
    _write_stk(tmp_path / "a.stk", STACK[0, :, 0])
    with nbimage.open_pyramid(tmp_path / "a.stk") as pyramid:
        assert np.array_equal(_read(pyramid), STACK[0, :, 0])
        assert _steps(pyramid) == {"z": (1.5, "µm")}
        assert (pyramid.pixel_size, pyramid.unit) == ((0.5, 0.25), "µm")


@pytest.mark.parametrize("planar", ["separate", "contig"])
def test_a_zeiss_stack_has_all_planes_and_steps_without_thumbnails(
    tmp_path: Path, planar: str
) -> None:
    stack = np.concatenate([STACK, STACK[:, :, :1] + 7], axis=2)  # two may mean other offsets
    known = np.zeros((), np.dtype([one for one in tifffile.TIFF.CZ_LSMINFO if one[0]]))
    known["MagicNumber"], known["StructureSize"] = 67127628, known.dtype.itemsize
    for name, length in zip(("Time", "Z", "Channels", "Y", "X"), stack.shape, strict=True):
        known[f"Dimension{name}"] = length
    known["ScanType"], known["TimeIntervall"] = 6, 0.25
    known["VoxelSizeX"], known["VoxelSizeY"], known["VoxelSizeZ"] = 5e-7, 4e-7, 2e-6
    data = bytes(known.tobytes())
    with tifffile.TiffWriter(tmp_path / "a.lsm", byteorder="<") as file:
        for number, plane in enumerate(stack.reshape(6, 3, 8, 9)):
            file.write(
                plane if planar == "separate" else np.moveaxis(plane, 0, -1),
                planarconfig=planar,
                photometric="minisblack",
                metadata=None,
                extratags=() if number else [(34412, "B", len(data), data, True)],
            )
            thumb = np.zeros((4, 4), np.uint8)
            file.write(thumb, photometric="minisblack", subfiletype=1, metadata=None)
    with nbimage.open_pyramid(tmp_path / "a.lsm") as pyramid:
        assert _steps(pyramid) == {"z": (2.0, "µm"), "t": (0.25, "s")}
        assert (pyramid.pixel_size, pyramid.unit) == ((0.4, 0.5), "µm")
        assert pyramid.axes == (("t", 2), ("z", 3), ("c", 3))
        assert np.array_equal(_read(pyramid), stack)


def test_a_series_keeps_the_mask_of_its_own(tmp_path: Path) -> None:
    path, mask = tmp_path / "a.tif", np.ones((8, 9), np.uint8)
    mask[0] = 0
    with tifffile.TiffWriter(path) as file:
        file.write(STACK[0, 0, 0], photometric="minisblack", metadata=None)
        file.write(mask > 0, photometric="mask", subfiletype=4, metadata=None)
        file.write(STACK[0, 0, 0, :6], photometric="minisblack", metadata=None)
    with nbimage.open_pyramid(path) as pyramid:
        assert np.isnan(pyramid.read(0, slice(0, 8), slice(0, 9))[0]).all()
    with nbimage.open_pyramid(f"{path}[1]") as pyramid:
        assert np.array_equal(pyramid.read(0, slice(0, 6), slice(0, 9)), STACK[0, 0, 0, :6])


@pytest.mark.parametrize("door", [nbimage.open_pyramid, nbimage.Picture, nbimage.View])
@pytest.mark.parametrize("kind", ["minisblack", "separated"])
def test_a_negative_height_is_one_line_with_the_files_name(
    door: Any, kind: Any, tmp_path: Path
) -> None:
    path = tmp_path / "a.tif"
    array = np.zeros((24, 37, 4)[: 2 if kind == "minisblack" else 3], np.uint8)
    tifffile.imwrite(path, array, photometric=kind, byteorder="<", metadata=None)
    before, tag, after = path.read_bytes().partition(
        b"\x01\x01\x04\x00\x01\x00\x00\x00\x18\x00\x00\x00"
    )
    assert tag
    signed = b"\x01\x01\x09\x00\x01\x00\x00\x00" + np.int32(-24).tobytes()
    path.write_bytes(before + signed + after)
    with pytest.raises(ValueError, match=r"a\.tif must .+-24"):
        door(path)
