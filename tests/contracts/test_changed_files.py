"""Changed files of every format are read right, or refused in one line: a short form of the proof.

`tests/proof/readers` does the same for hours. Here the same few are changed each time, and what is
far larger than it looks is opened.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from random import Random

import numpy as np
import pytest

from nbimage import View, open_pyramid
from nbimage.arrays.stores.cf_arrays import Variable, list_variables
from nbimage.base.text import show_controls
from nbimage.pyramid.levels.reading_order import cut_in_blocks, spread_some
from nbimage.pyramid.sources.pillow_image import open_image
from tests.fits_files import make_unit
from tests.optional import NEEDS_NEWER
from tests.picture_files import chunk
from tests.proof.readers import trial
from tests.proof.readers.bombs import find_bombs
from tests.proof.readers.others import OTHERS
from tests.proof.readers.seeds import FORMATS, find_seeds

_BY_LIBRARY = {"NetCDF and HDF5", "videos"}  # changed ones may end a process: see the proof
_MUTANTS = 12


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", sorted(FORMATS.keys() - _BY_LIBRARY))
def test_a_changed_file_is_read_or_refused_in_a_line(form: str, tmp_path: Path) -> None:
    if "zarr" in NEEDS_NEWER and "arr" in form:
        pytest.skip("zarr needs a newer Python")
    seeds = find_seeds(form)
    for number in range(_MUTANTS):
        random, folder = Random(f"short {form} {number}"), tmp_path / str(number)
        seed = random.choice(seeds)
        trial.write(trial.change(seed, random), folder)
        within = seed.opened.partition("[")[0].partition("/")[0]
        trial.judge(trial.pick_door(form, random), str(folder / seed.opened), within)


@pytest.mark.parametrize("form", sorted(OTHERS))
def test_changed_shapes_messages_and_requests_do_no_harm(form: str, tmp_path: Path) -> None:
    act = OTHERS[form]()
    for number in range(2 * _MUTANTS):
        act(Random(f"short {form} {number}"), tmp_path)


_HUGE = [one for form in ("npy", "JPEG 2000") for one in find_bombs(form)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("what", "files", "opened"), _HUGE, ids=lambda one: str(one)[:40])
def test_a_file_that_says_it_is_huge_takes_no_memory(
    what: str, files: dict[str, bytes], opened: str, tmp_path: Path
) -> None:
    trial.write(files, tmp_path)
    trial.judge("tiles", str(tmp_path / opened), opened)


def test_pages_that_the_file_is_too_short_for_are_refused_at_once(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((40, 50), np.uint16))
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match=r"a\.tif must be a whole TIFF of \d+ bytes, but ends"):
        open_pyramid(path)


def test_an_array_in_an_archive_that_is_too_short_for_it_is_refused(tmp_path: Path) -> None:
    import zipfile

    text = b"{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 60000), }".ljust(117) + b"\n"
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("a.npy", b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(99))
    with pytest.raises(ValueError, match="an array of 3600000000 bytes in a file of "):
        open_pyramid(tmp_path / "a.npz")


def test_what_follows_the_last_hdu_is_not_read(tmp_path: Path) -> None:
    pytest.importorskip("astropy")
    data = make_unit(np.ones((3, 4), np.uint8), {})
    with (tmp_path / "a.fits").open("wb") as file:
        file.write(data)
        file.truncate(1 << 34)
    with open_pyramid(tmp_path / "a.fits") as pyramid:
        assert pyramid.read(0).sum() == 12


@pytest.mark.parametrize("primary", [True, False])
def test_axes_that_nobody_can_count_are_refused(primary: bool, tmp_path: Path) -> None:
    pytest.importorskip("astropy")
    unit = make_unit(np.ones((3, 4), np.uint8), {}, primary=primary)
    old, new = (f"NAXIS   = {count:>20}".encode() for count in (2, 10**9))
    before = b"" if primary else make_unit(None, {})
    (tmp_path / "a.fits").write_bytes(before + unit.replace(old, new, 1))
    with pytest.raises(ValueError, match=r"a\.fits must be a whole FITS file: it has 1000000000"):
        open_pyramid(tmp_path / "a.fits")


@pytest.mark.parametrize("sides", [(24, -64), (0, 4), (-1, -1)])
def test_an_hdu_of_no_pixels_is_no_image(sides: tuple[int, int], tmp_path: Path) -> None:
    pytest.importorskip("astropy")
    data = make_unit(np.ones((3, 4), np.uint8), {})
    for number, (old, side) in enumerate(zip((4, 3), sides[::-1], strict=True), 1):
        key = f"NAXIS{number}".ljust(8)
        data = data.replace(f"{key}= {old:>20}".encode(), f"{key}= {side:>20}".encode(), 1)
    (tmp_path / "a.fits").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.fits must (hold an image|be a whole FITS file)"):
        open_pyramid(tmp_path / "a.fits")


def test_a_picture_whose_rows_are_longer_than_memory_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("pyvips")
    head = struct.pack(">IIBBBBB", 1 << 26, 24, 16, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.png must have rows of at most 4 MiB|whole picture"):
        open_pyramid(tmp_path / "a.png")


def test_a_chunk_that_is_larger_than_memory_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    about = {
        "zarr_format": 2,
        "shape": [60000, 60000],
        "chunks": [60000, 60000],
        "dtype": "<f8",
        "compressor": None,
        "fill_value": 0,
        "order": "C",
        "filters": None,
    }
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr/.zarray").write_text(json.dumps(about), "utf-8")
    with pytest.raises(
        ValueError, match=r"a\.zarr must have chunks of at most 2 GiB, but .*: write"
    ):
        open_pyramid(tmp_path / "a.zarr")


def test_a_plate_of_far_too_many_wells_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("zarr")
    wells = [{"path": f"A/{i}", "rowIndex": 0, "columnIndex": i} for i in range(10_001)]
    ome = {"version": "0.5", "plate": {"rows": [], "columns": [], "wells": wells}}
    group = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": ome}}
    (tmp_path / "a.zarr").mkdir()
    (tmp_path / "a.zarr/zarr.json").write_text(json.dumps(group), "utf-8")
    with pytest.raises(ValueError, match="at most 10000 wells, but lists 10001"):
        open_pyramid(tmp_path / "a.zarr")


def test_positions_of_a_grid_of_any_size_are_few_and_spread() -> None:
    for rows, columns in ((1 << 31, 1 << 31), (1 << 40, 1), (3, 1 << 40), (1, 1), (700, 900)):
        found = spread_some(rows, columns)
        assert 0 < len(found) <= min(1 << 18, rows * columns)
        assert (found >= 0).all()
        assert (found < (rows, columns)).all()
        assert len(set(map(tuple, found[:999].tolist()))) == min(999, len(found))


@pytest.mark.parametrize("block", [(1, 1), (256, 256)])
def test_an_image_that_is_too_large_for_levels_to_be_made_is_refused(
    block: tuple[int, int],
) -> None:
    with pytest.raises(ValueError, match="must have smaller levels of its own"):
        cut_in_blocks((1 << 31, 1 << 31), block, 19)
    assert cut_in_blocks((1 << 21, 1 << 21), block, 9).size[0] <= 8192


def test_names_in_a_file_are_letters_in_a_line_of_error() -> None:
    found = list_variables([Variable("a\0\x1b[31m\n" * 200, (3,), np.dtype("u1"), {}, False)])
    assert found == show_controls(found)
    assert len(found) < 300


@pytest.mark.parametrize(
    "box",
    [
        {"x0": 0, "y0": 2, "x1": 70, "y1": 128},
        {"x0": -3, "y0": -2, "x1": 70, "y1": 90},
        {"x0": 1, "y0": 2, "x1": 3, "y1": 4},
    ],
)
def test_a_state_is_taken_wherever_a_page_has_moved(box: dict[str, float]) -> None:
    view = View(np.zeros((90, 70), np.uint8) + np.arange(70, dtype=np.uint8), embed=False)
    assert view._live is not None
    view._live.widget.send = lambda *_, **__: None
    changes = {"viewport": box, "scale": 1, "linked": False}
    view._live._receive(None, {"type": "state", "client": "a", "changes": changes}, [])
    again = View(np.zeros((90, 70), np.uint8), embed=False, state=view.state)
    assert again.state["viewport"] == view.state["viewport"] is not None
    assert again.state["linked"] == view.state["linked"]
    again.close()
    view.close()


def test_names_in_an_archive_are_letters_and_few_at_the_door(tmp_path: Path) -> None:
    arrays = {f"a\x1b[31m{i}": np.zeros(3) for i in range(40)}
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ValueError, match="and 28 more") as caught:
        open_pyramid(tmp_path / "a.npz")
    assert str(caught.value) == show_controls(str(caught.value))


def test_what_pillow_logs_of_a_damaged_tiff_is_not_printed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tifffile = pytest.importorskip("tifffile")
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((8, 9), np.uint8), metadata=None)
    data = path.read_bytes()
    samples = struct.pack("<HHI", 277, 3, 1)
    at = data.index(samples) + len(samples)
    path.write_bytes(data[:at] + struct.pack("<H", 1027) + data[at + 2 :])
    with pytest.raises(ValueError, match=r"a\.tif"):
        open_image(path, str(path))
    assert not caplog.records
