"""Files of formats that nothing here reads are refused by each verb with the name of what does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from nbimage import Grid, Picture, Video, View, encode, open_pyramid
from nbimage.cli.main import main

HEADS = {
    "nrrd": b"NRRD0004\n",
    "mha": b"ObjectType = Image\n",
    "MHD": b"ObjectType = Image\n",
    "mnc": b"CDF\1",
    "grib": b"GRIB\0\0\0\2",
    "GRB2": b"GRIB\0\0\0\2",
    "nd2": b"\xda\xce\xbe\x0a",
    "lif": b"\x70\0\0\0",
    "exr": b"\x76\x2f\x31\x01",
    "cr3": b"\0\0\0\x18ftypcrx ",
    "pdf": b"%PDF-1.4",
    "tif.gz": b"\x1f\x8b\x08\0",
}


@pytest.mark.parametrize("suffix", HEADS)
@pytest.mark.parametrize("door", [open_pyramid, Picture, View, encode, Video])
def test_the_error_names_what_reads_it(suffix: str, door: Any, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(HEADS[suffix] + bytes(200))
    with pytest.raises(ValueError, match=r"^[^\n]*is [^\n]+ not read by its path: give [^\n]+$"):
        door(path)


def test_grids_and_the_command_line_name_it_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.grib"
    path.write_bytes(HEADS["grib"])
    with pytest.raises(ValueError, match=r"is GRIB, which is not read by its path: give xarray"):
        Grid([path])
    assert main(["info", str(path)]) == 2
    assert "give xarray.open_dataset(path, engine='cfgrib')" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a.dng", "a.tif"])
def test_of_a_raw_photograph_not_the_preview_alone_is_shown(name: str, tmp_path: Path) -> None:
    pattern: list[Any] = [(33421, "H", 2, (2, 2)), (33422, "B", 4, (0, 1, 1, 2))]
    with tifffile.TiffWriter(tmp_path / name) as file:
        preview = np.zeros((16, 20, 3), np.uint8)
        file.write(preview, subfiletype=1, subifds=1, photometric="rgb", metadata=None)
        sensor = np.zeros((60, 80), np.uint16)
        file.write(sensor, photometric="cfa", metadata=None, extratags=pattern)
    with pytest.raises(ValueError, match=r"is a raw photograph, which is not read by its path"):
        open_pyramid(tmp_path / name)
