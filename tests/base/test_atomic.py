"""A file is written whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nbimage import Picture, nbimage
from nbimage.base import atomic
from nbimage.base.atomic import AtomicPath, folder_replaced, write_file
from nbimage.base.disk import leftovers
from nbimage.base.disk.system import exchange

OLD, NEW = b"the older file\n" * 1000, os.urandom(300_000)
posix = pytest.mark.skipif(os.name != "posix", reason="file modes and signals are POSIX's")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def names(folder: Path) -> set[str]:
    """Everything in a folder, hidden files too."""
    return {path.name for path in folder.iterdir()}


# ---------------------------------------------------------------------------------- success


def test_a_new_file_holds_the_bytes_and_has_no_company(folder: Path) -> None:
    assert write_file(folder / "new.png", NEW) == folder / "new.png"
    assert (folder / "new.png").read_bytes() == NEW
    assert names(folder) == {"new.png"}


@pytest.mark.parametrize("size", [0, 1, 10_000_000])
def test_files_of_any_size_replace_the_older_one(folder: Path, size: int) -> None:
    (folder / "x").write_bytes(OLD)
    data = bytes(size)
    write_file(folder / "x", data)
    assert (folder / "x").read_bytes() == data
    assert names(folder) == {"x"}


def test_a_name_is_taken_from_the_current_folder(folder: Path) -> None:
    assert write_file("x.png", NEW) == Path("x.png")
    assert (folder / "x.png").read_bytes() == NEW


def test_a_tilde_is_the_home_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "home").mkdir()
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("USERPROFILE", str(folder / "home"))
    assert write_file("~/x.png", NEW) == folder / "home" / "x.png"
    assert names(folder) == {"home"}
    assert names(folder / "home") == {"x.png"}


@pytest.mark.parametrize(
    "name",
    [
        "a b.png",
        "grüße.png",
        "画像.png",
        "🖼.png",
        "%s{}.png",
        "-rf",
        ".hidden",
        "no_suffix",
        "x" * 255,
        "x" * 251 + ".png",
        "ü" * 125 + ".png",
        "画" * 83 + ".png",
    ],
    ids=lambda name: f"{name[:9]}-{len(name.encode())}-bytes",
)
def test_any_name_that_the_file_system_takes_will_do(folder: Path, name: str) -> None:
    (folder / name).write_bytes(OLD)  # the file system takes it
    write_file(folder / name, NEW)
    assert (folder / name).read_bytes() == NEW
    assert names(folder) == {name}


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664, 0o755, 0o400])
def test_an_older_file_keeps_its_mode(folder: Path, mode: int) -> None:
    target = folder / "x.png"
    target.write_bytes(OLD)
    target.chmod(mode)
    write_file(target, NEW)
    assert stat.S_IMODE(target.stat().st_mode) == mode


@posix
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o027, 0o077])
def test_a_new_file_has_the_mode_that_the_umask_leaves(folder: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_file(folder / "x.png", NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "x.png").stat().st_mode) == 0o666 & ~mask


@posix
@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_a_link_goes_on_pointing_to_its_file(folder: Path, relative: bool, there: bool) -> None:
    (folder / "far").mkdir()
    target = folder / "far" / "target.png"
    if there:
        target.write_bytes(OLD)
    link, second = folder / "link.png", folder / "second.png"
    link.symlink_to("far/target.png" if relative else target)
    second.symlink_to(link)
    write_file(second, NEW)
    assert second.is_symlink()
    assert link.is_symlink()
    assert not target.is_symlink()
    assert target.read_bytes() == second.read_bytes() == NEW
    assert names(folder) == {"far", "link.png", "second.png"}
    assert names(folder / "far") == {"target.png"}


@posix
def test_a_folder_that_is_a_link_will_do(folder: Path) -> None:
    (folder / "real").mkdir()
    (folder / "link").symlink_to("real")
    write_file(folder / "link" / "x.png", NEW)
    assert names(folder / "real") == {"x.png"}


@posix
def test_a_device_is_written_to_and_stays_one() -> None:
    write_file("/dev/null", NEW)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@posix
def test_a_pipe_is_written_to_and_stays_one(folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_file(pipe, NEW)
    reader.join(10)
    assert read == [NEW]
    assert pipe.is_fifo()
    assert names(folder) == {"pipe"}


def test_a_reader_never_sees_half_a_file(folder: Path) -> None:
    target = folder / "x"
    kinds = [bytes([kind]) * 200_000 for kind in (1, 2)]
    write_file(target, kinds[0])
    done = threading.Event()
    seen = set()

    def read() -> None:
        while not done.is_set():
            seen.add(target.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        write_file(target, kinds[number % 2])
    done.set()
    reader.join()
    assert seen
    assert seen <= set(kinds)


def test_of_several_writers_at_once_one_wins_whole(folder: Path) -> None:
    target = folder / "x"
    kinds = [bytes([kind]) * 100_000 for kind in range(6)]
    threads = [
        threading.Thread(target=lambda kind=kind: [write_file(target, kind) for _ in range(10)])
        for kind in kinds
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_bytes() in kinds
    assert names(folder) == {"x"}


# ---------------------------------------------------------------------------------- failure


def test_a_missing_folder_is_an_error_and_is_not_made(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        write_file(folder / "missing" / "x.png", NEW)
    assert names(folder) == set()


def test_a_file_in_place_of_the_folder_is_an_error(folder: Path) -> None:
    (folder / "file").write_bytes(OLD)
    with pytest.raises(OSError, match="file"):
        write_file(folder / "file" / "x.png", NEW)
    assert (folder / "file").read_bytes() == OLD
    assert names(folder) == {"file"}


@pytest.mark.parametrize("name", ["sub", "sub/", "."])
def test_a_folder_in_place_of_the_file_is_an_error(folder: Path, name: str) -> None:
    (folder / "sub").mkdir()
    with pytest.raises(IsADirectoryError, match="folder"):
        write_file(f"{folder}/{name}", NEW)
    assert names(folder) == {"sub"}
    assert names(folder / "sub") == set()


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(
    "failure",
    [
        KeyboardInterrupt(),
        SystemExit(1),
        MemoryError(),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EIO, "Input/output error"),
    ],
    ids=repr,
)
def test_whatever_breaks_off_the_writing_the_older_file_stays(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    step: str,
    there: bool,
) -> None:
    if there:
        (folder / "x.png").write_bytes(OLD)

    def broken_off(*arguments: Any, **options: Any) -> None:
        raise failure

    monkeypatch.setattr(os, step, broken_off)
    with pytest.raises(type(failure)) as caught:
        write_file(folder / "x.png", NEW)
    assert caught.value is failure
    assert names(folder) == ({"x.png"} if there else set())
    assert not there or (folder / "x.png").read_bytes() == OLD


def run(code: str, *arguments: Any, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


WRITE_BEYOND_A_LIMIT = """
import resource, signal, sys
from nbimage.base.atomic import write_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
try:
    write_file(sys.argv[1], bytes(300_000))
except OSError as error:
    print(error.errno)
"""


@posix
@pytest.mark.parametrize("there", [False, True])
def test_a_file_that_grows_too_large_leaves_the_older_one(folder: Path, there: bool) -> None:
    if there:
        (folder / "x.png").write_bytes(OLD)
    done = run(WRITE_BEYOND_A_LIMIT, folder / "x.png")
    assert (done.stdout, done.stderr) == (f"{errno.EFBIG}\n", "")
    assert names(folder) == ({"x.png"} if there else set())
    assert not there or (folder / "x.png").read_bytes() == OLD


FILL_A_DISK = """
import errno, os, subprocess, sys
from pathlib import Path
from nbimage.base.atomic import write_file
place = Path(sys.argv[1])
mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)])
if mounted.returncode:
    sys.exit(77)
old = b"old" * 5000
(place / "x.png").write_bytes(old)
try:
    write_file(place / "x.png", bytes(300_000))
except OSError as error:
    assert error.errno == errno.ENOSPC, error
else:
    raise AssertionError("the disk was not full")
assert (place / "x.png").read_bytes() == old
assert os.listdir(place) == ["x.png"]
write_file(place / "x.png", bytes(20_000))
assert (place / "x.png").read_bytes() == bytes(20_000)
"""


@posix
def test_a_full_disk_leaves_the_older_file_and_no_litter(folder: Path) -> None:
    own = ["unshare", "--mount"]  # a name space of its own: the mount goes when the process does
    if (
        not shutil.which("unshare")
        or subprocess.run([*own, "true"], capture_output=True).returncode
    ):
        pytest.skip("mounting a small file system is not permitted; the size limit stands for it")
    command = [*own, sys.executable, "-c", FILL_A_DISK, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode == 77:
        pytest.skip("mounting a small file system is not permitted; the size limit stands for it")
    assert (done.returncode, done.stderr) == (0, "")
    assert names(folder) == set()  # nothing of it was ever on the disk below


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="nbimage-test-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


WRITE_UNPRIVILEGED = """
import os, sys
from nbimage.base.atomic import write_file
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    write_file(sys.argv[1], b"new")
except PermissionError as error:
    print("refused", str(error).endswith(f": {sys.argv[1]!r}"))
"""


@posix
@pytest.mark.parametrize("there", [False, True])
def test_a_folder_that_may_not_be_written_is_an_error_that_names_the_file(
    open_folder: Path, there: bool
) -> None:
    if there:
        (open_folder / "x.png").write_bytes(OLD)
    open_folder.chmod(0o555)
    done = run(WRITE_UNPRIVILEGED, open_folder / "x.png")
    assert (done.stdout, done.stderr) == ("refused True\n", "")
    assert names(open_folder) == ({"x.png"} if there else set())
    assert not there or (open_folder / "x.png").read_bytes() == OLD


@posix
def test_the_unprivileged_writer_could_have_written(open_folder: Path) -> None:
    open_folder.chmod(0o777)
    done = run(WRITE_UNPRIVILEGED, open_folder / "x.png")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (open_folder / "x.png").read_bytes() == b"new"


SAVE_SLOWLY = """
import os, signal, sys, time
import numpy as np
from nbimage import Picture
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
picture = Picture(np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8))
def fsync(number):
    print("saving", os.fstat(number).st_size, flush=True)
    time.sleep(30)
os.fsync = fsync
picture.save(sys.argv[1])
"""


@posix
@pytest.mark.parametrize("there", [False, True])
def test_ctrl_c_in_the_middle_of_a_save_leaves_the_older_file(folder: Path, there: bool) -> None:
    if there:
        (folder / "x.png").write_bytes(OLD)
    command = [sys.executable, "-c", SAVE_SLOWLY, str(folder / "x.png")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            word, size = process.stdout.readline().split()
            assert (word, int(size) > 80_000) == (b"saving", True)
            assert len(names(folder)) == 1 + there  # the part that is being written
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=120)
        finally:
            process.kill()
    assert b"KeyboardInterrupt" in errors
    assert names(folder) == ({"x.png"} if there else set())
    assert not there or (folder / "x.png").read_bytes() == OLD


# ---------------------------------------------------------------------------- saved pictures

GRAY = np.random.default_rng(1).integers(0, 256, (24, 36), dtype=np.uint8)


@pytest.mark.parametrize(
    ("given", "written", "kind"),
    [
        ("x", "x.png", "PNG"),
        ("run.1", "run.1.png", "PNG"),
        ("v1.2.3", "v1.2.3.png", "PNG"),
        ("x.png", "x.png", "PNG"),
        ("x.PNG", "x.PNG", "PNG"),
        ("x.jpg", "x.jpg", "JPEG"),
        ("x.jpeg", "x.jpeg", "JPEG"),
        ("x.JPG", "x.JPG", "JPEG"),
        ("x.webp", "x.webp", "WEBP"),
        ("x.avif", "x.avif", "AVIF"),
        ("über.größe", "über.größe.png", "PNG"),
        ("sub.jpg/x", "sub.jpg/x.png", "PNG"),
    ],
)
@pytest.mark.parametrize("as_path", [False, True])
@pytest.mark.parametrize("shown", [False, True])
def test_a_suffix_is_believed_and_none_means_png(
    folder: Path, given: str, written: str, kind: str, as_path: bool, shown: bool
) -> None:
    (folder / "sub.jpg").mkdir()
    path: Any = Path(given) if as_path else given
    if shown:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            nbimage(GRAY, saveas=path)
        assert written in printed.getvalue()
    else:
        assert Picture(GRAY).save(path) == Path(written)
    with Image.open(written) as image:
        assert image.format == kind
        assert image.size == (36, 24)
        if kind == "PNG":
            assert np.array_equal(np.asarray(image), GRAY)
    (found,) = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    assert found == Path(written)


@pytest.mark.parametrize("name", ["x.tiff", "x.tif", "x.gif", "x.BMP", "x.ps", "x.eps", "x.mp4"])
@pytest.mark.parametrize("shown", [False, True])
def test_a_suffix_of_a_kind_that_is_not_written_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, shown: bool
) -> None:
    with pytest.raises(ValueError, match=r"\.avif, \.svg, \.pdf or \.html") as caught:
        if shown:
            nbimage(GRAY, saveas=name)
        else:
            Picture(GRAY).save(name)
    assert repr(name) in str(caught.value)
    assert names(folder) == set()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["sub/", "./", ""])
def test_a_folder_given_for_a_file_is_an_error_and_nothing_is_hidden_in_it(
    folder: Path, name: str
) -> None:
    (folder / "sub").mkdir()
    with pytest.raises(ValueError, match=f"^a file must have a name, but got '{name}': add one$"):
        Picture(GRAY).save(name)
    assert names(folder) == {"sub"}
    assert names(folder / "sub") == set()


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg"])
def test_a_saved_file_is_never_reduced(folder: Path, suffix: str) -> None:
    picture = Picture(GRAY, max_pixels=100)
    assert picture.width == 312  # 12 pixels, enlarged
    picture.save(f"a.{suffix}")
    with contextlib.redirect_stdout(io.StringIO()):
        nbimage(GRAY, saveas=f"b.{suffix}", max_pixels=100)
    for name in ("a", "b"):
        assert Image.open(f"{name}.{suffix}").size == (36, 24)
    if suffix == "png":
        assert np.array_equal(np.asarray(Image.open("a.png")), GRAY)


def test_saving_takes_its_own_parameters_and_else_those_of_the_picture(folder: Path) -> None:
    array = np.add.outer(np.arange(90), np.arange(80)).astype(np.uint8)
    picture = Picture(array, format="jpeg", quality=30)
    sizes = {
        name: picture.save(f"{name}.jpg", **options).stat().st_size
        for name, options in (("own", {}), ("low", {"quality": 5}), ("high", {"quality": 100}))
    }
    assert sizes["low"] < sizes["own"] < sizes["high"]
    assert Picture(array).save("stored.png", compression=0).stat().st_size > array.size
    exact = picture.save("exact.webp", lossless=True)
    assert np.array_equal(np.asarray(Image.open(exact).convert("L")), array)
    assert np.array_equal(np.asarray(Image.open(picture.save("exact"))), array)


def test_a_save_with_parameters_that_do_not_apply_leaves_the_older_file(folder: Path) -> None:
    (folder / "x.png").write_bytes(OLD)
    with pytest.raises(ValueError, match="quality"):
        Picture(GRAY).save("x.png", quality=90)
    assert (folder / "x.png").read_bytes() == OLD
    assert names(folder) == {"x.png"}


# ------------------------------------------------------------------------------------- folders

WRITE_SMALL_FILES = """
import os, resource, signal, sys
from nbimage.base.atomic import write_new_file, write_small_file
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for write, scratch in ((write_new_file, ()), (write_small_file, (".",))):
    try:
        write(write.__name__, bytes(1001), *scratch)
    except OSError as error:
        print(error.errno)
"""


@posix
def test_a_small_file_that_is_not_taken_whole_is_an_error(folder: Path) -> None:
    done = run(WRITE_SMALL_FILES)
    assert (done.stdout, done.stderr) == (f"{errno.EFBIG}\n" * 2, "")
    assert names(folder) == {"write_new_file"}  # whose folder is a temporary one


def version(folder: Path, name: str) -> Path:
    """A folder of some files, all of which hold its name."""
    made = folder / name
    made.mkdir()
    for number in range(9):
        (made / str(number)).write_text(name)
    return made


def test_a_folder_is_replaced_at_once(folder: Path) -> None:
    if not exchange(version(folder, "a"), version(folder, "b")):
        pytest.skip("this system exchanges no names")
    target = version(folder, "x")
    done, found = threading.Event(), set()

    def read() -> None:
        while not done.is_set():
            found.add((target / "0").read_text())

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        for number in range(50):
            with AtomicPath(target) as part:
                version(folder, f"v{number}").rename(part.path)
                part.commit()
        done.set()
        reader.result()  # it was always there
    assert found <= {"x", *(f"v{number}" for number in range(50))}
    assert names(folder) == {"a", "b", "x"}


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("exchanged", [False, True])
def test_a_folder_that_fails_to_be_replaced_is_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, there: bool, exchanged: bool
) -> None:
    if not exchanged:
        monkeypatch.setattr(atomic, "exchange", lambda one, other: False)
    new, target = version(folder, "new"), folder / "x"
    if there:
        version(folder, "x")
    with pytest.raises(KeyboardInterrupt), folder_replaced(new, target):
        assert (target / "8").read_text() == "new"
        raise KeyboardInterrupt
    assert {path.read_text() for path in new.iterdir()} == {"new"}
    assert not there or {path.read_text() for path in target.iterdir()} == {"x"}
    assert names(folder) == {"new", "x"} if there else {"new"}
    with folder_replaced(new, target):
        pass
    assert {path.read_text() for path in target.iterdir()} == {"new"}
    assert names(folder) == {"x"}


def test_of_several_folders_at_once_one_wins_whole_and_nobody_fails(folder: Path) -> None:
    target = version(folder, "x")

    def replace(number: int) -> None:
        for _ in range(5):
            with AtomicPath(target) as part:
                part.path.mkdir()
                for name in "ab":
                    (part.path / name).write_text(str(number))
                part.commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(replace, range(4)))
    assert (target / "a").read_text() == (target / "b").read_text()
    assert names(folder) == {"x"}


# ----------------------------------------------------------------- what killed processes leave


def test_what_a_killed_process_left_a_day_ago_goes_with_the_next_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, then = {}, time.time() - 90_000
    for name in ("a", "b", "c", "d", "e"):
        left[name] = folder / f".nbimage-{name * 12}.part"
        left[name].mkdir()
        (left[name] / "tiles").mkdir()
        (left[name] / "tiles" / "x").touch()
    left["file"], left["own"] = folder / f".nbimage-{'0' * 12}.part", folder / "notes.part"
    left["resumed"] = folder / ".nbimage-x.dzi.part"
    left["older"] = folder / f".nbimage-{'0' * 12}.old"
    for name in ("file", "own", "resumed", "older"):
        left[name].touch()
    (left["c"] / "lock").touch()  # to be gone on with
    for path in sorted(folder.rglob("*"), reverse=True):
        if path != left["d"] / "tiles" / "x":  # which is being written
            os.utime(path, (then, then))
    os.utime(left["e"])
    write_file(folder / "x.png", NEW)
    stays = {left[name].name for name in ("c", "d", "e", "own", "resumed", "older")}
    assert names(folder) == {"x.png", *stays}
    os.utime(left["e"], (then, then))
    write_file(folder / "x.png", NEW)  # a folder is read once an hour
    assert names(folder) == {"x.png", *stays}
    monkeypatch.setattr(leftovers, "_read", {})
    write_file(folder / "x.png", NEW)
    assert names(folder) == {"x.png", *stays} - {left["e"].name}
