"""What is at an address is read as a file is: only the parts that are asked for, or one error."""

from __future__ import annotations

import multiprocessing
import pickle
import re
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.remote.url import is_address, redact_secrets
from tests.optional import zarr
from tests.web_server import Handler, Server, serving

pytest.importorskip("aiohttp")
fsspec = pytest.importorskip("fsspec")
pyvips = pytest.importorskip("pyvips")

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(8)
GRAY = RANDOM.integers(0, 65536, (331, 407), dtype=np.uint16)
BYTES = RANDOM.integers(0, 256, (331, 407), dtype=np.uint8)
COLOR = RANDOM.integers(0, 256, (331, 407, 3), dtype=np.uint8)
LARGE = RANDOM.integers(0, 256, (3000, 4000), dtype=np.uint8)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as server:
        yield server


Make = Callable[[Path], str]


def tiff(array: Array, **options: Any) -> Make:
    def make(folder: Path) -> str:
        tifffile.imwrite(folder / "a.tif", array, **options)
        return "a.tif"

    return make


def levels(array: Array, **options: Any) -> Make:
    def make(folder: Path) -> str:
        with tifffile.TiffWriter(folder / "a.ome.tif") as file:
            file.write(array, subifds=2, **options)
            for step in (2, 4):
                file.write(array[::step, ::step], subfiletype=1, **options)
        return "a.ome.tif"

    return make


def dzi(array: Array, suffix: str = ".dzi", **options: Any) -> Make:
    def make(folder: Path) -> str:
        image = pyvips.Image.new_from_array(array)
        if suffix != ".dzi":
            image.dzsave(str(folder / "image.zip"), suffix=".png", container="zip", **options)
            (folder / "image.zip").rename(folder / f"image{suffix}")
        else:
            image.dzsave(str(folder / "image"), suffix=".png", **options)
        return f"image{suffix}"

    return make


def deflated(folder: Path) -> str:
    dzi(BYTES)(folder)
    with zipfile.ZipFile(folder / "b.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for path in [folder / "image.dzi", *sorted((folder / "image_files").rglob("*.png"))]:
            file.write(path, path.relative_to(folder))
    return "b.zip"


def ome_zarr(version: str, array: Array = GRAY, **options: Any) -> Make:
    def make(folder: Path) -> str:
        kind = 2 if version == "0.4" else 3
        group = zarr.open_group(str(folder / "a.ome.zarr"), mode="w", zarr_format=kind)
        level, datasets = array, []
        for number in range(3):
            made = group.create_array(
                str(number), shape=level.shape, dtype=level.dtype, chunks=(64, 64), **options
            )
            made[:] = level
            scale = {"type": "scale", "scale": [0.5 * 2**number] * 2}
            datasets.append({"path": str(number), "coordinateTransformations": [scale]})
            level = halve(level)
        axes = [{"name": n, "type": "space", "unit": "micrometer"} for n in "yx"]
        image = {"version": version, "axes": axes, "datasets": datasets}
        about = {"multiscales": [image]}
        group.attrs.update({"ome": {"version": version, **about}} if kind == 3 else about)
        return "a.ome.zarr"

    return make


def plain_zarr(folder: Path) -> str:
    made = zarr.create_array(str(folder / "b.zarr"), shape=GRAY.shape, dtype="u2", chunks=(64, 64))
    made[:] = GRAY
    return "b.zarr"


def saved(name: str, array: Array) -> Make:
    def make(folder: Path) -> str:
        if name.endswith(".npy"):
            np.save(folder / name, array)
        else:
            Image.fromarray(array).save(folder / name)
        return name

    return make


KINDS: dict[str, Make] = {
    "dzi": dzi(COLOR),
    "dzi with one level": dzi(BYTES, depth="one"),
    "dzi down to one tile": dzi(BYTES, depth="onetile"),
    "dzi without overlap": dzi(BYTES, overlap=0, tile_size=64, depth="onetile"),
    "dzi of one tile": dzi(BYTES[:100, :100], depth="onetile"),
    "szi": dzi(BYTES, ".szi"),
    "zip, deflated": deflated,
    "OME-Zarr 0.4": ome_zarr("0.4"),
    "OME-Zarr 0.5": ome_zarr("0.5"),
    "OME-Zarr with shards": ome_zarr("0.5", shards=(128, 128)),
    "zarr array": plain_zarr,
    "TIFF with tiles": tiff(GRAY, tile=(64, 64), compression="zlib"),
    "TIFF with colors": tiff(COLOR, tile=(64, 64), compression="zlib", photometric="rgb"),
    "TIFF with strips": tiff(GRAY, rowsperstrip=7, compression="zlib", predictor=True),
    "TIFF, plain": tiff(GRAY),
    "TIFF, plain, big-endian": tiff(GRAY, byteorder=">"),
    "TIFF, plain colors": tiff(COLOR, photometric="rgb"),
    "TIFF, planes of colors": tiff(
        np.moveaxis(COLOR, -1, 0).copy(), photometric="rgb", planarconfig="separate"
    ),
    "TIFF of pages": tiff(np.stack([GRAY, GRAY[::-1]]), metadata={"axes": "ZYX"}),
    "OME-TIFF with levels": levels(GRAY, tile=(64, 64), compression="zlib"),
    "npy": saved("a.npy", GRAY),
    "PNG": saved("a.png", COLOR),
}


def check_same(found: Pyramid, expected: Pyramid) -> None:
    about = "dtype", "shapes", "native_levels", "axes", "channels", "pixel_size", "unit"
    assert [getattr(found, key) for key in about] == [getattr(expected, key) for key in about]
    planes = [tuple(length - 1 for _, length in expected.axes), ()]
    for level in range(len(expected.shapes)):
        for plane in planes:
            assert np.array_equal(found.read(level, index=plane), expected.read(level, index=plane))
    for top, left in RANDOM.integers(0, 90, (5, 2)).tolist():
        rows, columns = slice(top, top + 90), slice(left, left + 120)
        part = expected.read(0, rows, columns)
        assert np.array_equal(found.read(0, rows, columns), part)


@pytest.mark.parametrize("name", KINDS)
def test_what_a_web_server_sends_is_what_the_file_holds(
    name: str, tmp_path: Path, server: Server
) -> None:
    made = KINDS[name](tmp_path)
    address = f"{server.address}/{made}"
    with open_pyramid(tmp_path / made) as local, open_pyramid(address) as remote:
        check_same(remote, local)


@pytest.mark.parametrize("name", ["dzi", "szi", "OME-Zarr 0.5", "TIFF with strips", "PNG"])
def test_a_server_that_sends_only_whole_files_will_do(
    name: str, tmp_path: Path, server: Server
) -> None:
    server.ranges = False
    made = KINDS[name](tmp_path)
    with open_pyramid(tmp_path / made) as local, open_pyramid(f"{server.address}/{made}") as remote:
        check_same(remote, local)


@pytest.mark.parametrize("name", ["dzi", "szi", "OME-Zarr 0.4", "TIFF, plain", "npy"])
def test_any_file_system_of_fsspec_will_do(name: str, tmp_path: Path) -> None:
    made = KINDS[name](tmp_path)
    memory = fsspec.filesystem("memory")
    memory.put(str(tmp_path), "/nbimage-test", recursive=True)
    try:
        with (
            open_pyramid(tmp_path / made) as local,
            open_pyramid(f"memory://nbimage-test/{made}") as remote,
            open_pyramid((tmp_path / made).as_uri()) as by_uri,
        ):
            check_same(remote, local)
            check_same(by_uri, local)
    finally:
        memory.rm("/nbimage-test", recursive=True)


@pytest.mark.parametrize("name", ["dzi", "OME-Zarr 0.5", "TIFF with tiles", "TIFF, plain"])
def test_sixteen_threads_read_the_same_as_one(name: str, tmp_path: Path, server: Server) -> None:
    made = KINDS[name](tmp_path)
    with (
        open_pyramid(tmp_path / made, tile_size=64) as local,
        open_pyramid(f"{server.address}/{made}", tile_size=64) as remote,
        ThreadPoolExecutor(16) as pool,
    ):
        down, across = local.grid.tiles(0)
        places = [(c, r) for r in range(down) for c in range(across)] * 2
        found = list(pool.map(lambda place: remote.tile(0, *place), places))
        for place, tile in zip(places, found, strict=True):
            assert np.array_equal(tile, local.tile(0, *place))


LARGE_KINDS: dict[str, tuple[Make, float]] = {
    "dzi": (dzi(LARGE), 0.02),
    "szi": (dzi(LARGE, ".szi"), 0.03),
    "OME-Zarr": (ome_zarr("0.5", LARGE), 0.02),
    "OME-Zarr with shards": (ome_zarr("0.5", LARGE, shards=(1024, 1024)), 0.02),
    "TIFF with tiles": (tiff(LARGE, tile=(256, 256), compression="zlib"), 0.04),
    "TIFF with strips": (tiff(LARGE, rowsperstrip=16, compression="zlib"), 0.11),
    "TIFF, plain": (tiff(LARGE), 0.21),
    "TIFF, plain, with long rows": (tiff(LARGE.reshape(30, -1)), 0.2),
    "OME-TIFF with levels": (levels(LARGE, tile=(256, 256), compression="zlib"), 0.04),
}


@pytest.mark.parametrize("name", LARGE_KINDS)
def test_one_tile_takes_a_small_share_of_a_large_file(
    name: str, tmp_path: Path, server: Server
) -> None:
    make, share = LARGE_KINDS[name]
    made = make(tmp_path)
    with open_pyramid(f"{server.address}/{made}") as remote, open_pyramid(tmp_path / made) as local:
        tile = remote.tile(0, 3, 0)
        assert np.array_equal(tile, local.tile(0, 3, 0))
        assert server.sent < share * LARGE.nbytes
        before = len(server.asked)
        assert np.array_equal(remote.tile(0, 3, 0), tile)
        if "Zarr" not in name:  # what was decoded last is kept
            assert len(server.asked) == before


@pytest.mark.parametrize("name", ["dzi", "TIFF with tiles"])
def test_the_tiles_of_one_part_are_asked_for_together(
    name: str, tmp_path: Path, server: Server
) -> None:
    made = KINDS[name](tmp_path)
    gate = threading.Barrier(3)

    def together(handler: Handler) -> None:
        gate.wait(10)  # or it breaks, and the request fails
        own = {key: value for key, value in server.wrong.items() if value is not together}
        server.wrong = own
        handler.do_GET()

    with open_pyramid(f"{server.address}/{made}") as remote:
        server.wrong[r"/9/|a\.tif"] = together
        assert np.array_equal(
            remote.read(0, slice(0, 331), slice(0, 407)).reshape(331, 407, -1),
            np.asarray(COLOR if name == "dzi" else GRAY).reshape(331, 407, -1),
        )
        assert not server.wrong


def status(number: int) -> Callable[[Handler], None]:
    return lambda handler: handler.answer(number, b"<html>no</html>")


def redirect(target: str) -> Callable[[Handler], None]:
    return lambda handler: handler.answer(302, b"", {"Location": target})


def cut(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.wfile.write(b"\x89PNG")
    handler.close_connection = True


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.close_connection = True
    while True:
        handler.wfile.write(b" " * 65536)


def silent(handler: Handler) -> None:
    for _ in range(100):
        if handler.server.folder.joinpath("enough").exists():
            return
        time.sleep(0.05)


def page(handler: Handler) -> None:
    handler.answer(200, b"<!DOCTYPE html><html><body>Sign in</body></html>")


def elsewhere(handler: Handler) -> None:
    handler.answer(206, b"nothing that was asked for", {"Content-Range": "bytes 7-32/100000"})


WRONG: dict[str, tuple[Callable[[Handler], None], type[Exception], str]] = {
    "404": (status(404), FileNotFoundError, "there is no file|but lacks"),
    "403": (status(403), PermissionError, "storage_options"),
    "500": (status(500), OSError, "answers with status 500"),
    "a circle": (redirect("/image.dzi?x"), OSError, "redirects too often"),
    "to a local file": (redirect("file:///etc/hostname"), OSError, "no address of the web"),
    "cut off": (cut, OSError, "can't be read"),
    "another part": (elsewhere, OSError, "from 7 on"),
    "a page": (page, ValueError, "must be"),
    "endless": (endless, ValueError, "must be"),
}


@pytest.mark.parametrize(
    ("made", "name"),
    [("image.dzi", name) for name in WRONG if name != "another part"]
    + [("a.tif", name) for name in WRONG if name != "endless"],
)
def test_what_can_not_be_opened_is_one_line(made: str, name: str, server: Server) -> None:
    wrong, kind, message = WRONG[name]
    server.wrong["."] = wrong
    host = server.address.replace("http://", "http://someone:secret@")
    with pytest.raises(kind, match=message) as caught:
        open_pyramid(f"{host}/{made}?X-Amz-Signature=secret")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert f"{server.address}/{made}" in str(caught.value)
    assert caught.value.__cause__ is None or "secret" not in str(caught.value.__cause__)


@pytest.mark.parametrize("name", ["dzi", "szi", "OME-Zarr 0.4", "OME-Zarr 0.5", "TIFF with tiles"])
def test_a_server_that_fails_later_is_one_line(name: str, tmp_path: Path, server: Server) -> None:
    made = KINDS[name](tmp_path)
    with open_pyramid(f"{server.address}/{made}?key=secret") as remote:
        server.wrong["."] = status(500)
        with pytest.raises((OSError, ValueError), match="status 500") as caught:
            remote.read(0)
        assert "secret" not in str(caught.value)
        assert "\n" not in str(caught.value)
        assert server.address in str(caught.value)
        server.wrong.clear()  # what failed once is asked for again
        with open_pyramid(tmp_path / made) as local:
            assert np.array_equal(remote.read(0), local.read(0))


def test_a_server_that_is_silent_is_given_up(tmp_path: Path, server: Server) -> None:
    import aiohttp

    server.wrong["."] = silent
    options = {"client_kwargs": {"timeout": aiohttp.ClientTimeout(sock_read=0.2)}}
    with pytest.raises(TimeoutError, match="too slow or silent"):
        open_pyramid(f"{server.address}/image.dzi", storage_options=options)
    (tmp_path / "enough").touch()


def test_a_server_or_scheme_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with Server(tmp_path) as gone:
        address = gone.address
    with pytest.raises(OSError, match=re.escape(f"{address}/a.png can't be read")):
        open_pyramid(f"{address}/a.png")
    with pytest.raises(ValueError, match="nothing://x can't be opened"):
        open_pyramid("nothing://x")
    with pytest.raises(OSError, match="can't be read: Invalid IPv6 URL"):
        open_pyramid("https://[::1")
    with pytest.raises(ValueError, match="storage_options must come with an address"):
        open_pyramid(str(tmp_path), storage_options={"anon": True})


def test_a_tile_that_is_missing_is_named_and_a_chunk_that_is_missing_is_empty(
    tmp_path: Path, server: Server
) -> None:
    made, other = dzi(COLOR)(tmp_path), ome_zarr("0.5", fill_value=7)(tmp_path)
    (tmp_path / "image_files" / "9" / "1_1.png").unlink()
    (tmp_path / "a.ome.zarr" / "0" / "c" / "1" / "1").unlink()
    with open_pyramid(f"{server.address}/{made}") as remote:
        with pytest.raises(FileNotFoundError, match=r"lacks http://.*/image_files/9/1_1\.png"):
            remote.read(0)
        assert np.array_equal(remote.tile(0, 0, 0), COLOR[:255, :255])
    with open_pyramid(f"{server.address}/{other}") as remote:
        found = remote.read(0)
        assert (found[64:128, 64:128] == 7).all()
        assert np.array_equal(found[:64], GRAY[:64])


def test_broken_bytes_name_the_address(tmp_path: Path, server: Server) -> None:
    for number, name in enumerate(("dzi", "zip, deflated", "OME-Zarr 0.5", "TIFF with tiles")):
        folder = tmp_path / str(number)
        folder.mkdir()
        made = f"{number}/{KINDS[name](folder)}"
        for path in [tmp_path / made, *(folder / "image_files/9").glob("*")]:
            if path.suffix in (".tif", ".zip", ".png"):
                data = bytearray(path.read_bytes())
                data[len(data) // 3 : len(data) // 3 + 2000] = bytes(2000)
                path.write_bytes(data)
        for path in (folder / "a.ome.zarr").glob("0/c/*/*"):
            path.write_bytes(b"broken")
        address = f"{server.address}/{made}"
        with (
            pytest.raises(ValueError, match=re.escape(address)) as caught,
            open_pyramid(address) as remote,
        ):
            remote.read(0)
        assert "\n" not in str(caught.value)


def test_metadata_that_a_server_refuses_are_not_there_unless_all_are(
    tmp_path: Path, server: Server
) -> None:
    made = ome_zarr("0.4")(tmp_path)
    server.wrong[r"zarr\.json|zmetadata"] = status(403)
    with open_pyramid(f"{server.address}/{made}") as remote:
        assert np.array_equal(remote.read(0), GRAY)
    server.wrong["zarr"] = status(403)
    with pytest.raises(PermissionError, match="is refused"):
        open_pyramid(f"{server.address}/{made}")


def test_what_is_fetched_as_a_whole_leaves_nothing_behind(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = saved("a.png", COLOR)(tmp_path)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with open_pyramid(f"{server.address}/{made}") as remote:
        assert len(list(folder.iterdir())) == 1
        assert np.array_equal(remote.read(0), COLOR)
    assert not list(folder.iterdir())
    (tmp_path / "b.png").write_bytes(b"no picture")
    server.wrong["c.png"] = cut
    for name, kind in (("b.png", ValueError), ("c.png", OSError)):
        with pytest.raises(kind, match=f"http://.*/{name}"):
            open_pyramid(f"{server.address}/{name}")
    monkeypatch.setattr("nbimage.pyramid.remote.remote_file._MAX_DOWNLOAD", 10_000)
    before = server.sent
    for name in ("a.png", "d.png"):
        server.wrong["d.png"] = endless
        with pytest.raises(OSError, match="has more than 10000 bytes"):
            open_pyramid(f"{server.address}/{name}")
    assert server.sent - before <= 2 * (tmp_path / "a.png").stat().st_size + 100
    assert not list(folder.iterdir())


def test_an_ome_tiff_of_several_files_never_looks_for_local_ones(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["a.ome.tif", "b.ome.tif"]
    data = "".join(
        f'<TiffData FirstZ="{z}" PlaneCount="1"><UUID FileName="{name}">urn:uuid:{z}</UUID>'
        "</TiffData>"
        for z, name in enumerate(names)
    )
    text = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
        'UUID="urn:uuid:0"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" '
        'Type="uint16" SizeX="407" SizeY="331" SizeZ="2" SizeC="1" SizeT="1">'
        f'<Channel ID="Channel:0" SamplesPerPixel="1"/>{data}</Pixels></Image></OME>'
    )
    for name in names:
        tifffile.imwrite(tmp_path / name, GRAY, description=text, metadata=None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"http://.*/a\.ome\.tif .* files that are not beside it"):
        open_pyramid(f"{server.address}/a.ome.tif")


def reading(given: bytes) -> bytes:
    with pickle.loads(given) as pyramid:
        return pyramid.read(0).tobytes()


def test_a_pickled_pyramid_is_opened_again_in_another_process(
    tmp_path: Path, server: Server
) -> None:
    names = ["dzi", "zip, deflated", "OME-Zarr 0.5", "TIFF with tiles", "TIFF, plain", "PNG"]
    pickled, expected = [], []
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        folder.mkdir()
        with open_pyramid(f"{server.address}/{number}/{KINDS[name](folder)}") as remote:
            expected.append(remote.read(0).tobytes())
            pickled.append(pickle.dumps(remote))
            assert reading(pickled[-1]) == expected[-1]
    assert len(pickled[0]) < 4000
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(reading, pickled) == expected


def test_files_of_fsspec_and_stores_of_zarr_are_taken(tmp_path: Path, server: Server) -> None:
    made = KINDS["TIFF with tiles"](tmp_path)
    with open_pyramid(fsspec.open(f"{server.address}/{made}")) as remote:
        assert np.array_equal(remote.read(0), GRAY)
        assert reading(pickle.dumps(remote)) == GRAY.tobytes()
    ome_zarr("0.4")(tmp_path)
    with open_pyramid(zarr.storage.LocalStore(tmp_path / "a.ome.zarr")) as found:
        assert np.array_equal(found.read(0), GRAY)
        assert found.pixel_size == (0.5, 0.5)


def test_a_path_needs_no_fsspec(tmp_path: Path) -> None:
    for name in ("dzi", "TIFF, plain", "PNG"):
        made = tmp_path / KINDS[name](tmp_path)
        code = (
            "import sys; from nbimage import open_pyramid; "
            f"p = open_pyramid({str(made)!r}); p.read(0); p.close(); "
            "sys.exit('fsspec' in sys.modules or 'aiohttp' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_without_a_package_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ImportError, match=r"pip install 'nbimage\[remote\]'"):
        open_pyramid("https://127.0.0.1/a.png")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("http://h/a.png", True),
        ("HTTPS://h/a.png", True),
        ("simplecache::s3://b/k", True),
        ("C:\\images\\a.png", False),
        ("C:/images/a.png", False),
        ("a.png", False),
        ("folder//a://b", False),
        (Path("http://h/a.png"), False),
        (b"http://h/a.png", False),
    ],
)
def test_only_text_with_a_scheme_is_an_address(source: Any, expected: bool) -> None:
    assert is_address(source) is expected


def test_secrets_of_addresses_are_not_shown() -> None:
    text = "no https://me:p@ss@host:80/a/b@c.png?sig=x#y nor URL('s3://k:s@b/x') here"
    assert redact_secrets(text) == "no https://host:80/a/b@c.png nor URL('s3://b/x') here"


def test_a_pyramid_that_is_never_closed_ends_quietly_with_its_process(
    tmp_path: Path, server: Server
) -> None:
    names = ["dzi", "OME-Zarr 0.5", "TIFF with tiles", "PNG"]
    made = [KINDS[name](tmp_path) for name in names]
    (tmp_path / "temporary").mkdir()
    code = (
        "import tempfile; from nbimage import open_pyramid\n"
        f"tempfile.tempdir = {str(tmp_path / 'temporary')!r}\n"
        f"kept = [open_pyramid({server.address!r} + '/' + name) for name in {made!r}]\n"
        "print(sum(p.read(0).shape[0] for p in kept))"
    )
    command = [sys.executable, "-X", "dev", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == str(4 * 331)
    assert "Traceback" not in done.stderr
    assert "nclosed" not in done.stderr
    assert done.returncode == 0
    assert not list((tmp_path / "temporary").iterdir())
