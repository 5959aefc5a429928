"""A file that is cut, of other bytes or of another kind is one line at every door."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Grid, Picture, Video, View, encode, open_pyramid, write_dzi, write_ome_zarr
from nbimage.cli.main import main
from tests.memory import traced
from tests.optional import NEEDS_NEWER
from tests.picture_files import make_png

RANDOM = np.random.default_rng(6)
COLORS = RANDOM.integers(0, 256, (20, 30, 3), dtype=np.uint8)


def by_pillow(form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(COLORS).save(file, form, **options)
    return file.getvalue()


def by_numpy(save: Callable[..., None]) -> bytes:
    file = io.BytesIO()
    save(file, COLORS)
    return file.getvalue()


def in_zip_file() -> bytes:
    """Zip OME-Zarr."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.ozx"
        return write_ome_zarr(COLORS[:, :, 0], path, progress=False).read_bytes()


FILES: dict[str, bytes] = {
    "a.png": by_pillow("png"),
    "deep.png": make_png(COLORS.astype(np.uint16) * 257, 16),
    "key.png": make_png(COLORS[:, :, 0], key=[3]),
    "a.jpg": by_pillow("jpeg"),
    "a.gif": by_pillow("gif", save_all=True, append_images=[Image.fromarray(COLORS[::-1])]),
    "a.webp": by_pillow("webp", lossless=True),
    "a.tif": by_pillow("tiff"),
    "a.npy": by_numpy(np.save),
    "a.npz": by_numpy(np.savez),
    "packed.npz": by_numpy(np.savez_compressed),
}
if "zarr" not in NEEDS_NEWER:
    FILES["a.ozx"] = in_zip_file()


def damaged(name: str) -> dict[str, bytes]:
    """The file cut in several places, with other bytes, of another kind, and nothing of it."""
    data, random = FILES[name], np.random.default_rng(len(name))
    found = {f"cut at {cut}": data[:cut] for cut in (1, 30, len(data) // 3, len(data) * 2 // 3)}
    for number in range(4):
        changed = bytearray(data)
        for where in random.integers(0, min(len(data), (120, len(data))[number % 2]), 4):
            changed[where] ^= int(random.integers(1, 256))
        found[f"changed {number}"] = bytes(changed)
    other = "a.npy" if name != "a.npy" else "a.png"
    return {**found, "empty": b"", "text": b"garbage\n" * 20, "another": FILES[other]}


def read(path: Path) -> None:
    with open_pyramid(path) as pyramid:
        pyramid.read(0)


DOORS: dict[str, Callable[[Path], Any]] = {
    "Picture": Picture,
    "Grid": lambda path: Grid([path]),
    "View": View,
    "tiles": lambda path: View(path, embed=False).picture,
    "encode": encode,
    "pyramid": read,
    "Deep Zoom": lambda path: write_dzi(path, path.parent / "o.dzi", progress=False),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_one_line_at_every_door(name: str, tmp_path: Path) -> None:
    path, refused = tmp_path / name, 0
    for how, data in damaged(name).items():
        path.write_bytes(data)
        for door, show in DOORS.items():
            try:
                show(path)
            except (OSError, ValueError) as error:
                refused += 1
                assert "\n" not in str(error), (how, door)
                assert name in str(error), (how, door)
    assert refused >= 5 * len(DOORS)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FILES)
def test_the_command_line_says_one_line_of_a_damaged_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, target = tmp_path / name, tmp_path / "o"
    verbs = [["png", target], ["info", "--limits"], ["dzi", target], ["view", "--export", target]]
    refused = 0
    for how, data in list(damaged(name).items())[::2]:
        path.write_bytes(data)
        for verb, *rest in verbs:
            code = main([verb, str(path), *map(str, rest)])
            errors = capsys.readouterr().err
            assert code in (0, 2), (how, verb)
            if code:
                refused += 1
                assert errors.startswith("nbimage: "), (how, verb)
                assert errors.count("\n") == 1, (how, verb)
    assert refused >= 2 * len(verbs)  # of one byte, and of none


def test_a_damaged_animation_is_one_line_as_a_video(tmp_path: Path) -> None:
    path, refused = tmp_path / "a.gif", 0
    for data in list(damaged("a.gif").values())[:3]:
        path.write_bytes(data)
        try:
            Video(path, progress=False)
        except (OSError, ValueError) as error:
            refused += 1
            assert "\n" not in str(error)
            assert "a.gif" in str(error)
    assert refused >= 2  # of 1 byte, and of 30


LARGE = 2**32 - 200  # bytes of a part of a file, as the file says


def png_of_a_large_part() -> bytes:
    data = by_pillow("png")
    at = data.index(b"IDAT") - 4
    return data[:at] + LARGE.to_bytes(4, "big") + data[at + 4 :]


def icns_of_a_large_part() -> bytes:
    data = bytearray(by_pillow("icns", sizes=[(16, 16)]))
    at = data.index(b"ic", 8)
    data[at + 4 : at + 8] = LARGE.to_bytes(4, "big")
    return bytes(data)


def psd_of_large_parts() -> bytes:
    head = b"8BPS\0\1" + bytes(6) + b"\0\3" + b"\0\0\0\x14\0\0\0\x1e\0\x08\0\3"
    return head + bytes(4) + LARGE.to_bytes(4, "big") + bytes(2000)


def dicom_of_a_large_part() -> bytes:
    pydicom = pytest.importorskip("pydicom")
    data = (Path(pydicom.__file__).parent / "data/test_files/CT_small.dcm").read_bytes()
    at = data.index(b"\x10\x00\x10\x00PN") + 4  # the patient's name, of a length of 32 bits then
    return data[:at] + b"UN\0\0" + LARGE.to_bytes(4, "little") + data[at + 4 :]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.png", png_of_a_large_part),
        ("a.icns", icns_of_a_large_part),
        ("a.psd", psd_of_large_parts),
        ("a.dcm", dicom_of_a_large_part),
    ],
)
def test_no_memory_is_taken_for_what_a_file_has_not(
    name: str, make: Callable[[], bytes], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    for door in (Picture, read, Grid, lambda path: Video(path, progress=False)):
        with traced() as memory, contextlib.suppress(OSError, ValueError):
            door(path)
        assert memory.peak < 64 << 20
