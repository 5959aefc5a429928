"""What is read of a file at an address: the parts that are needed, counted in bytes."""

from __future__ import annotations

import json
import pickle
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.remote.remote_array import RemoteArray
from nbimage.pyramid.remote.remote_file import RemoteFile
from tests import web_faults as faults
from tests.pyramid.remote.test_remote_file import Make, ome_zarr
from tests.web_server import Server, serving

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("aiohttp")
h5py = pytest.importorskip("h5py")
fits = pytest.importorskip("astropy.io.fits")
nibabel = pytest.importorskip("nibabel")
pytest.importorskip("imagecodecs")

LARGE = np.random.default_rng(5).integers(0, 60000, (1500, 2000), dtype=np.uint16)
SIGNED = LARGE.view(np.int16)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as server:
        yield server


def hdf5(folder: Path) -> str:
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_dataset("t", data=LARGE, chunks=(128, 128), compression="gzip")
    return "a.h5"


def fits_file(folder: Path) -> str:
    fits.PrimaryHDU(LARGE.astype(np.float32)).writeto(folder / "a.fits")
    return "a.fits"


def fits_tiles(folder: Path) -> str:
    tiles = fits.CompImageHDU(SIGNED, tile_shape=(128, 128))
    fits.HDUList([fits.PrimaryHDU(), tiles]).writeto(folder / "c.fits")
    return "c.fits"


def nifti(folder: Path) -> str:
    volume = np.moveaxis(SIGNED.reshape(10, 150, 2000), 0, -1)
    nibabel.save(nibabel.Nifti1Image(volume, np.eye(4)), folder / "a.nii")
    return "a.nii"


def npy(folder: Path) -> str:
    np.save(folder / "a.npy", LARGE)
    return "a.npy"


def jpeg_2000(folder: Path, tile: int = 256) -> str:
    path = folder / "a.jp2"
    Image.fromarray(LARGE[:700]).save(path, tile_size=(tile, tile), irreversible=False)
    return path.name


def listed_jpeg_2000(folder: Path) -> str:
    """Add the list of the lengths of its tiles."""
    data = (folder / jpeg_2000(folder, 128)).read_bytes()
    start = data.index(b"\xff\x4f\xff\x51")
    first = at = data.index(b"\xff\x90\0\x0a", start)
    entries = b""
    while data[at : at + 2] == b"\xff\x90":
        number, length = struct.unpack_from(">HI", data, at + 4)
        entries += struct.pack(">HI", number, length)
        at += length
    segment = struct.pack(">HHBB", 0xFF55, 4 + len(entries), 0, 0x60) + entries
    box = data.index(b"jp2c") - 4
    length = struct.unpack_from(">I", data, box)[0]
    whole = data[:box] + struct.pack(">I", length and length + len(segment)) + data[box + 4 : first]
    (folder / "b.jp2").write_bytes(whole + segment + data[first:])
    return "b.jp2"


KINDS: dict[str, tuple[Make, float]] = {
    "HDF5": (hdf5, 0.07),
    "FITS": (fits_file, 0.1),
    "FITS in tiles": (fits_tiles, 0.12),
    "NIfTI": (nifti, 0.12),
    "npy": (npy, 0.2),
    "JPEG 2000 with few tiles": (jpeg_2000, 1.2),
    "JPEG 2000 with a list of its tiles": (listed_jpeg_2000, 0.12),
}


@pytest.mark.parametrize("kind", KINDS)
def test_one_tile_takes_a_small_share_of_a_scientific_file(
    kind: str, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, share = KINDS[kind]
    made = make(tmp_path)
    monkeypatch.setattr(RemoteFile, "download", None)
    with open_pyramid(tmp_path / made) as local, open_pyramid(f"{server.address}/{made}") as remote:
        index = tuple(length // 2 for _, length in local.axes)
        box = slice(10, 90), slice(300, 400)
        part = remote.read(0, *box, index=index)
        assert server.sent < share * (tmp_path / made).stat().st_size
        assert np.array_equal(part, local.read(0, *box, index=index))
        again = pickle.loads(pickle.dumps(remote))
        assert np.array_equal(again.read(0, *box, index=index), part)
        again.close()
        server.wrong["."] = faults.status(500)
        high, wide = remote.shapes[0]
        with pytest.raises((OSError, ValueError), match="status 500") as caught:
            remote.read(0, slice(high - 50, high), slice(wide - 50, wide), index=(0,) * len(index))
        assert server.address in str(caught.value)
        assert "\n" not in str(caught.value)
        server.wrong.clear()
        assert np.array_equal(remote.read(0, index=index), local.read(0, index=index))


def test_opening_hdf5_does_not_look_for_its_chunks(tmp_path: Path, server: Server) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("group/t", data=LARGE, chunks=(16, 16))
        file["again"] = file["group"]
        file["soft"] = h5py.SoftLink("/group/t")
    with open_pyramid(f"{server.address}/a.h5") as remote:
        assert len(server.asked) == 2
        assert np.array_equal(remote.read(0, slice(0, 20), slice(0, 20)), LARGE[:20, :20])


def test_a_variable_of_a_file_at_an_address_is_named(tmp_path: Path, server: Server) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["deep/y"] = LARGE[:50, :60], LARGE[50:90, :60]
    with open_pyramid(f"{server.address}/a.h5/deep/y?key=1") as remote:
        assert np.array_equal(remote.read(0), LARGE[50:90, :60])
    with pytest.raises(ValueError, match=r"/a\.h5 must .*deep/y"):
        open_pyramid(f"{server.address}/a.h5")


def test_what_is_packed_or_by_columns_is_fetched_as_a_whole(tmp_path: Path, server: Server) -> None:
    np.save(tmp_path / "f.npy", np.asfortranarray(LARGE))
    for name in ("f.npy",):
        with open_pyramid(f"{server.address}/{name}") as remote:
            assert np.array_equal(remote.read(0), LARGE)


@pytest.fixture(scope="module")
def cog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a TIFF of 20,000 x 20,000 pixels with all its smaller levels."""
    path = tmp_path_factory.mktemp("cog") / "cog.tif"
    tile = np.random.default_rng(1).integers(0, 16, (512, 512), dtype=np.uint8)
    packed = zlib.compress(tile.tobytes(), 1)
    with tifffile.TiffWriter(path, bigtiff=True) as file:
        for level in range(7):
            side = 20_000 >> level
            count = (-(-side // 512)) ** 2
            file.write(
                iter([packed] * count),
                shape=(side, side),
                dtype=np.uint8,
                tile=(512, 512),
                compression="zlib",
                subfiletype=1 if level else 0,
                metadata=None,
            )
    return path


def test_one_tile_of_a_large_cog_takes_less_than_a_hundredth(cog: Path) -> None:
    with serving(cog.parent) as server, open_pyramid(f"{server.address}/cog.tif") as remote:
        size = cog.stat().st_size
        with open_pyramid(cog) as local:
            assert remote.shapes == local.shapes
            assert np.array_equal(remote.tile(0, 30, 30), local.tile(0, 30, 30))
            assert server.sent < size / 100
            before = server.sent
            smallest = len(remote.shapes) - 1
            level = next(n for n in range(smallest) if max(remote.shapes[n]) < 700)
            assert np.array_equal(remote.read(level), local.read(level))
        # of its level, and the blocks in which its tiles are listed
        assert server.sent - before < 4 * (size / 2000) + 4 * 65536


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_of_ome_zarr_the_chunks_of_a_part_are_read_and_no_others(
    version: str, tmp_path: Path, server: Server
) -> None:
    made = ome_zarr(version, LARGE)(tmp_path)
    with open_pyramid(f"{server.address}/{made}") as remote:
        server.asked.clear()
        part = remote.read(1, slice(64, 128), slice(100, 200))
        names = {path.partition("ome.zarr/")[2] for path, _ in server.asked}
        mark = "1/1." if version == "0.4" else "1/c/1/"
        assert names == {f"{mark}{column}" for column in (1, 2, 3)}
        with open_pyramid(tmp_path / made) as local:
            assert np.array_equal(part, local.read(1, slice(64, 128), slice(100, 200)))


# References


def references(folder: Path, address: str, **more: Any) -> dict[str, Any]:
    """Return Kerchunk's references to the chunks of an HDF5 file."""
    data = LARGE[:300, :400]
    with h5py.File(folder / "a.h5", "w") as file:
        chunks = file.create_dataset("t", data=data, chunks=(64, 64), compression="gzip").id
        array = {
            "zarr_format": 2,
            "shape": [300, 400],
            "chunks": [64, 64],
            "dtype": "<u2",
            "compressor": {"id": "zlib", "level": 4},
            "fill_value": None,
            "filters": None,
            "order": "C",
        }
        refs: dict[str, Any] = {
            ".zgroup": json.dumps({"zarr_format": 2}),
            "t/.zarray": json.dumps(array),
            "t/.zattrs": json.dumps({"_ARRAY_DIMENSIONS": ["y", "x"], "units": "K"}),
        }
        for number in range(chunks.get_num_chunks()):
            chunk = chunks.get_chunk_info(number)
            row, column = (offset // 64 for offset in chunk.chunk_offset)
            refs[f"t/{row}.{column}"] = ["{{u}}/a.h5", chunk.byte_offset, chunk.size]
    return {"version": 1, "templates": {"u": address}, "refs": {**refs, **more}}


def written(folder: Path, address: str, **more: Any) -> Path:
    (folder / "refs.json").write_text(json.dumps(references(folder, address, **more)))
    return folder / "refs.json"


@pytest.mark.parametrize("door", ["file", "address", "variable", "reference", "local"])
def test_references_are_read_as_the_array_they_make(
    door: str, tmp_path: Path, server: Server
) -> None:
    path = written(tmp_path, str(tmp_path) if door == "local" else server.address)
    given: dict[str, Any] = {
        "file": (path, None),
        "local": (path, None),
        "address": (f"{server.address}/refs.json", None),
        "variable": (f"{server.address}/refs.json/t", None),
        "reference": ("reference://", {"fo": str(path), "remote_protocol": "http"}),
    }
    source, options = given[door]
    server.wrong["a.h5"] = faults.once(faults.status(503))
    with open_pyramid(source, storage_options=options) as remote:
        server.asked.clear()
        part = remote.read(0, slice(64, 128), slice(64, 192))
        assert np.array_equal(part, LARGE[64:128, 64:192])
        assert {path for path, _ in server.asked} == (set() if door == "local" else {"/a.h5"})
        with h5py.File(tmp_path / "a.h5") as file:
            chunks = file["t"].id
            sizes = [chunks.get_chunk_info_by_coord(at).size for at in ((64, 64), (64, 128))]
        sent = sum(count for _, count in server.asked if count > 100)
        assert sent == (0 if door == "local" else sum(sizes))
        assert np.array_equal(pickle.loads(pickle.dumps(remote)).read(0), LARGE[:300, :400])


def test_a_chunk_that_is_not_referred_to_is_empty_and_one_that_is_gone_is_an_error(
    tmp_path: Path, server: Server
) -> None:
    path = written(tmp_path, server.address)
    refs = json.loads(path.read_text())
    del refs["refs"]["t/0.0"]
    refs["refs"]["t/1.0"] = [f"{server.address}/none.h5?key=secret", 0, 100]
    refs["refs"]["t/2.0"] = [f"{server.address}/a.h5", (tmp_path / "a.h5").stat().st_size - 9, 90]
    path.write_text(json.dumps(refs))
    with open_pyramid(path) as remote:
        assert not remote.read(0, slice(0, 64), slice(0, 64)).any()
        for top, message in ((64, r"refs\.json.*none\.h5, which is not there"), (128, "which has")):
            with pytest.raises((OSError, ValueError), match=message) as caught:
                remote.read(0, slice(top, top + 64), slice(0, 64))
            assert "secret" not in str(caught.value)
            assert "\n" not in str(caught.value)


RUNS = "cycler.__init__.__globals__.os.mkdir('sprung')"
CODE = {
    "an expression": "{{ %s }}" % RUNS,  # noqa: UP031 (braces)
    "between texts": "{{ '}}' ~ %s ~ '{{' }}" % RUNS,  # noqa: UP031
    "a filter": "{{ u|attr('x') }}",
    "an item": "{{ u['__class__'] }}",
    "a statement": "{%% if %s %%}{%% endif %%}" % RUNS,  # noqa: UP031
    "an attribute": "{{u.__class__}}",
    "braces of format": "{{u}}{u.__class__}",
    "a power": "{{ 9**9**9 }}",
}


@pytest.mark.parametrize("where", ["key", "url", "offset", "template", "part"])
@pytest.mark.parametrize("name", CODE)
def test_templates_of_references_run_no_code(
    name: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    monkeypatch.chdir(tmp_path)
    refs = references(tmp_path, server.address)
    gen = {"key": "a", "url": "{{u}}", "offset": "0", "length": "1", "dimensions": {"i": [0]}}
    if where == "template":
        refs["templates"]["v"] = CODE[name]
    elif where == "part":
        refs["refs"]["t/9.9"] = [CODE[name], 0, 1]
    else:
        refs["gen"] = [{**gen, where: CODE[name]}]
    (tmp_path / "refs.json").write_text(json.dumps(refs))
    for source in (tmp_path / "refs.json", f"{server.address}/refs.json"):
        with pytest.raises(ValueError, match="must hold names and numbers alone") as caught:
            open_pyramid(source)
        assert "\n" not in str(caught.value)
    assert not Path("sprung").exists()


@pytest.mark.parametrize("text", ["{{u}}/a.h5", "{{ u }}/{{f(c='a-1')}}", "a_{{(i + 1) * 10}}"])
def test_templates_of_names_and_numbers_are_taken(text: str, tmp_path: Path) -> None:
    refs = {**references(tmp_path, str(tmp_path)), "gen": []}
    refs["templates"]["f"] = "{{c}}"
    refs["gen"] = [{"key": "x", "url": text, "dimensions": {"i": {"stop": 3}}}]
    (tmp_path / "refs.json").write_text(json.dumps(refs))
    with open_pyramid(tmp_path / "refs.json") as local:
        assert np.array_equal(local.read(0), LARGE[:300, :400])


def test_references_from_elsewhere_are_to_no_file_of_this_machine(
    tmp_path: Path, server: Server
) -> None:
    written(tmp_path, str(tmp_path))
    with pytest.raises(ValueError, match="must refer to addresses"):
        open_pyramid(f"{server.address}/refs.json")
    (tmp_path / "other.json").write_text('{"a": 1}')
    for source in (tmp_path / "other.json", f"{server.address}/other.json"):
        with pytest.raises(ValueError, match=r"other\.json must hold Kerchunk's references"):
            open_pyramid(source)


# Arrays


@pytest.mark.parametrize("seed", range(4))
def test_any_part_of_an_array_is_read(
    seed: int, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_GAP", "_AT_ONCE", "_LONGEST"):
        monkeypatch.setattr(f"nbimage.pyramid.remote.remote_array.{name}", (64, 900, 300)[seed % 3])
    rng = np.random.default_rng(seed)
    array = rng.integers(0, 1 << 30, rng.integers(1, 12, 4), dtype=np.int32)
    (tmp_path / "a.bin").write_bytes(b"head" + array.tobytes())
    found = RemoteArray(RemoteFile(f"{server.address}/a.bin"), np.int32, 4, array.shape)
    for _ in range(12):
        where = tuple(
            int(rng.integers(length))
            if rng.random() < 0.3
            else slice(*sorted(rng.integers(0, length + 1, 2).tolist()), int(rng.integers(1, 3)))
            for length in array.shape
        )
        assert np.array_equal(found[where], array[where])
