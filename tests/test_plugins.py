"""Readers, writers and codecs of other packages: at every door, not before they are needed."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

import nbimage as package
from nbimage import Picture, View, encode, open_pyramid, write_image
from nbimage.cli.main import main
from nbimage.codecs.clips.video_frames import SUFFIXES as VIDEOS
from nbimage.plugins import find_plugin, list_plugins
from nbimage.pyramid.open_plugin import READ_HERE, SCHEMES
from nbimage.pyramid.writers.by_suffix import WRITERS_HERE
from tests.example_package import EXAMPLE, install_example, write_package
from tests.kinds import KINDS, Content
from tests.kinds.doors import DOORS

Array = np.ndarray
RANDOM = np.random.default_rng(7)
COLOR = RANDOM.integers(0, 256, (50, 70, 3), dtype=np.uint8)
STACK = RANDOM.integers(0, 4000, (3, 40, 60)).astype(np.uint16)
GROUP = "nbimage.sources"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the example is installed."""
    return install_example(tmp_path_factory.mktemp("example"))


@pytest.fixture
def example(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The example, where this process finds it."""
    monkeypatch.syspath_prepend(str(installed))
    yield installed
    sys.modules.pop("nbimage_raw", None)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of packages that this process finds."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


# --------------------------------------------------------------------------- the example, installed


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", ["colors", "stack", "plane"])
def test_what_a_plugin_reads_is_the_same_at_every_door(
    example: Path, tmp_path: Path, kind: str, door: str
) -> None:
    contents = {
        "colors": Content(COLOR, colors=True),
        "stack": Content(STACK, axes=("z",)),
        "plane": Content(STACK[0]),
    }
    content = contents[kind]
    axes = {"colors": "yxs", "stack": "zyx", "plane": "yx"}[kind]
    path = tmp_path / "in" / "image.nbraw"
    path.parent.mkdir()
    write_image(content.values, path, axes=axes)
    DOORS[door](str(path), content, tmp_path)


def test_what_is_written_is_read_again(example: Path, tmp_path: Path) -> None:
    path = write_image(STACK, tmp_path / "a.nbraw", axes="tyx", options={"big_endian": True})
    assert path == tmp_path / "a.nbraw"
    assert np.array_equal(np.fromfile(path, ">u2").reshape(STACK.shape), STACK)
    with open_pyramid(path) as found:
        assert found.axes == (("t", 3),)
        assert np.array_equal(found.levels[0], STACK)
        again = pickle.loads(pickle.dumps(found))
        assert np.array_equal(again.levels[0], STACK)
        again.close()
    assert {each.name for each in tmp_path.iterdir()} == {"a.nbraw", "a.nbraw.json"}


def test_what_fails_leaves_older_files_as_they_were(example: Path, tmp_path: Path) -> None:
    path = write_image(STACK, tmp_path / "a.nbraw", axes="zyx")
    with pytest.raises(TypeError):
        write_image(COLOR, path, options={"compression": 3})
    with open_pyramid(path) as found:
        assert np.array_equal(found.levels[0], STACK)
    assert {each.name for each in tmp_path.iterdir()} == {"a.nbraw", "a.nbraw.json"}


def test_a_picture_is_saved_by_a_codec_and_read_by_ffmpeg(example: Path, tmp_path: Path) -> None:
    alpha = np.where(np.arange(70) < 9, np.nan, STACK[0, :, :1] * 1.0)
    for data, kind in ((STACK[0], "gray"), (COLOR, "rgb24"), (alpha, "ya8")):
        picture = Picture(data)
        path = picture.save(tmp_path / "a.pam")
        read = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path)]
        done = subprocess.run(
            [*read, "-f", "rawvideo", "-pix_fmt", kind, "-"], capture_output=True, check=True
        )
        assert done.stdout == picture.render().tobytes()
        assert path.read_bytes() == encode(data, "pam")  # type: ignore[arg-type]
    assert package.nbimage(COLOR, saveas=tmp_path / "b.pam") is None
    assert (tmp_path / "b.pam").is_file()


def test_a_codec_is_for_files_not_for_pages(example: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="format must be one of png, jpeg, webp, avif"):
        Picture(COLOR, format="pam")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^quality must be left out for pam, as nbimage-raw"):
        Picture(COLOR).save(tmp_path / "a.pam", quality=3)
    with pytest.raises(ValueError, match=r"a\.pam"):
        View(COLOR).save(tmp_path / "a.pam")
    with pytest.raises(ValueError, match=r"a\.nbraw"):  # a writer's, which takes no pixels
        Picture(COLOR).save(tmp_path / "a.nbraw")
    assert not list(tmp_path.iterdir())


def test_the_tests_of_the_example_pass_where_it_is_installed(installed: Path) -> None:
    """A source, a writer and a codec, by the function that is meant for packages' tests."""
    tests = EXAMPLE / "test_nbimage_raw.py"
    paths = [str(installed), str(Path(package.__file__).parents[1])]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            EXAMPLE,
            tests,
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_the_program_finds_what_is_installed(installed: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.nbraw"
    STACK[0].tofile(path)
    (tmp_path / "a.nbraw.json").write_text('{"shape": [40, 60], "dtype": "<u2", "axes": "yx"}')
    done = subprocess.run(
        [sys.executable, "-m", "nbimage", "info", str(path)],
        env={"PYTHONPATH": f"{installed}:{Path(package.__file__).parents[1]}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "rows, columns: 40, 60" in done.stdout


def test_the_source_of_the_docs_is_right(tmp_path: Path) -> None:
    text = Path(package.__file__).parents[1].joinpath("docs", "plugins.md").read_text("utf-8")
    (code,) = [one for one in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "class" in one]
    names: dict[str, Any] = {}
    exec(code, names)
    (tmp_path / "x.squares").write_text("1000")
    with package.Pyramid(names["Squares"](tmp_path / "x.squares")) as found:
        assert (found.shapes[0], found.pixel_size, found.unit) == ((1000, 1000), (0.5, 0.5), "µm")
        assert found.levels[0][0:16:8, 0:32:8].tolist() == [[0, 255, 0, 255], [255, 0, 255, 0]]


# -------------------------------------------------------------------------- when plugins are asked


def test_nothing_is_looked_for_or_imported_before_it_is_needed(packages: Path) -> None:
    write_package(packages, "trap", "raise RuntimeError('imported')", {GROUP: "trap = trap:f"})
    code = (
        "import sys, numpy as np, nbimage\n"
        "from nbimage import plugins\n"
        "np.save('a.npy', np.eye(9)); nbimage.Picture('a.npy').save('a.png')\n"
        "nbimage.write_image('a.png', 'a.tif'); nbimage.open_pyramid('a.tif').close()\n"
        "nbimage.Picture(np.eye(9)).save('b')\n"
        "assert plugins._known is None\n"
        "nbimage.Picture(np.eye(9)).save('run.of4')\n"
        "assert plugins._known is not None and 'trap' not in sys.modules\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=packages,
        env={"PYTHONPATH": f"{packages}:{Path(package.__file__).parents[1]}"},
        check=True,
    )


def test_no_plugin_takes_what_is_read_here(packages: Path, tmp_path: Path) -> None:
    lines = "\n".join(f"{suffix} = other:fail" for suffix in (*READ_HERE, "s3://"))
    code = "def fail(path): raise AssertionError"
    write_package(packages, "other", code, {GROUP: lines, "nbimage.writers": "tif = other:fail"})
    np.save(tmp_path / "a.npy", STACK[0])
    assert np.array_equal(open_pyramid(tmp_path / "a.npy").levels[0], STACK[0])
    assert write_image(STACK, tmp_path / "a.tif").is_file()  # type: ignore[union-attr]
    assert "other" not in sys.modules


def test_the_tables_of_what_is_read_here_are_complete(tmp_path: Path) -> None:
    Image.init()
    pillow = {
        suffix for suffix, kind in Image.registered_extensions().items() if kind in Image.OPEN
    }
    stubs = {".bufr", ".grib", ".emf", ".wmf", ".pdf"}  # which Pillow names and does not read
    assert {suffix[1:] for suffix in pillow - stubs} <= READ_HERE
    assert {suffix[1:] for suffix in VIDEOS} <= READ_HERE
    assert set(WRITERS_HERE) <= READ_HERE
    assert set(fsspec.available_protocols()) <= SCHEMES
    for number, kind in enumerate(KINDS.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        name = kind.make(folder)[0].partition("[")[0]
        path = next(each for each in (Path(name), *Path(name).parents) if each.exists())
        assert path.suffix in ("", ".gz", ".bz2") or path.suffix[1:].lower() in READ_HERE, path


def test_a_plugin_may_return_an_array_whose_axes_are_asked_for(
    packages: Path, tmp_path: Path
) -> None:
    code = "import numpy as np\ndef read(path): return np.arange(2 * 30 * 40).reshape(2, 30, 40)"
    write_package(packages, "lazy-one", code, {GROUP: "one.two = lazy_one:read"})
    (tmp_path / "x.one.two").write_bytes(b"II*\0")  # what it begins with is not looked at
    with open_pyramid(tmp_path / "x.one.two", axes="tyx") as found:
        assert found.axes == (("t", 2),)
    with pytest.raises(ValueError, match=r"x\.one\.two, read by lazy-one 1\.0: axes"):
        open_pyramid(tmp_path / "x.one.two", axes="yx")
    (tmp_path / "x.two").write_bytes(b"words")
    with pytest.raises(ValueError, match=r"x\.two must be a picture"):
        open_pyramid(tmp_path / "x.two")


def test_a_plugin_may_take_the_addresses_of_a_scheme(packages: Path) -> None:
    code = (
        "import numpy as np\n"
        "def read(address): return np.full((20, 30), int(address.split('/')[-1]), np.uint8)"
    )
    write_package(packages, "museum", code, {GROUP: "museum:// = museum:read"})
    assert Picture("museum://rooms/7").pixels.tolist() == [[7] * 30] * 20
    with open_pyramid("MUSEUM://rooms/8", cache=True) as found:
        assert (found.shapes[0], found.levels[0][0, 0]) == ((20, 30), 8)
    with pytest.raises(ValueError, match="storage_options"):
        open_pyramid("museum://rooms/8", storage_options={"anon": True})


def test_a_folder_may_be_a_plugins(packages: Path, tmp_path: Path) -> None:
    code = "import numpy as np\ndef read(path): return np.full((5, 6), len(list(path.iterdir())))"
    write_package(packages, "shelf", code, {GROUP: "shelf = shelf:read"})
    (tmp_path / "a.shelf").mkdir()
    (tmp_path / "a.shelf" / "book").touch()
    assert open_pyramid(f"{tmp_path}/a.shelf/").levels[0][0, 0] == 1


def test_what_is_installed_later_is_found_without_a_new_start(
    packages: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.late").touch()
    with pytest.raises(ValueError, match=r"x\.late"):
        open_pyramid(tmp_path / "x.late")
    code = "import numpy as np\ndef read(path): return np.eye(9)"
    write_package(packages, "late", code, {GROUP: "late = late:read"})
    assert open_pyramid(tmp_path / "x.late").shapes[0] == (9, 9)


def test_of_two_packages_the_first_by_the_alphabet_is_taken(packages: Path, tmp_path: Path) -> None:
    for name, value in (("zebra", 1), ("ant", 2)):
        code = f"import numpy as np\ndef read(path): return np.full((5, 5), {value})"
        write_package(packages, name, code, {GROUP: f"twice = {name}:read"})
    found = find_plugin(GROUP, "x.twice")
    assert found is not None
    assert found.package == "ant 1.0"


# ------------------------------------------------------------------------------ what is broken


def in_one_line(error: BaseException) -> str:
    text = str(error)
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("import no_such_module", ImportError, "ModuleNotFoundError: No module named 'no_such_mod"),
        ("def other(): pass", ImportError, "AttributeError"),
        ("read = 3", ImportError, "must be callable, but is int"),
        ("def read(path): return {}['shape']", ValueError, "failed on {path}: KeyError: 'shape'"),
        ("def read(path): return 3", ValueError, "but returned int"),
        (
            "import nbimage\nclass read(nbimage.Source):\n  def __init__(self, path): pass",
            ValueError,
            "has no shapes",
        ),
    ],
    ids=["import", "name", "object", "error", "result", "init"],
)
def test_a_broken_source_is_one_line_that_names_the_package(
    packages: Path, tmp_path: Path, code: str, kind: type[Exception], said: str, capsys: Any
) -> None:
    path = tmp_path / "x.bad"
    path.touch()
    write_package(packages, "bad-one", code, {GROUP: "bad = bad_one:read"})
    with pytest.raises(kind) as caught:
        open_pyramid(path)
    text = in_one_line(caught.value)
    assert "bad-one 1.0" in text
    assert said.format(path=path) in text
    assert main(["info", str(path)]) == 2
    assert capsys.readouterr().err == f"nbimage: {text}\n"
    sys.modules.pop("bad_one", None)


def test_a_plugins_own_words_on_a_file_are_kept(packages: Path, tmp_path: Path) -> None:
    (tmp_path / "x.picky").touch()
    code = "def read(path): raise ValueError('it is empty')"
    write_package(packages, "picky", code, {GROUP: "picky = picky:read"})
    with pytest.raises(ValueError, match=r"^it is empty$"):
        open_pyramid(tmp_path / "x.picky")


@pytest.mark.parametrize(
    ("code", "said"),
    [("def do(*a): pass", "has not written"), ("def do(*a): 1 / 0", "ZeroDivisionError")],
)
def test_a_broken_writer_is_one_line_and_leaves_nothing(
    packages: Path, tmp_path: Path, code: str, said: str
) -> None:
    write_package(packages, "bad-writer", code, {"nbimage.writers": "bad = bad_writer:do"})
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(ValueError, match=f"bad-writer 1.0.*{said}") as caught:
        write_image(STACK, target / "x.bad")
    in_one_line(caught.value)
    assert not list(target.iterdir())
    sys.modules.pop("bad_writer", None)


@pytest.mark.parametrize(
    ("code", "said"),
    [("def do(pixels): return 'text'", "returned str"), ("def do(pixels): 1 / 0", "ZeroDivision")],
)
def test_a_broken_codec_is_one_line(packages: Path, tmp_path: Path, code: str, said: str) -> None:
    write_package(packages, "bad-codec", code, {"nbimage.codecs": "bad = bad_codec:do"})
    with pytest.raises(ValueError, match=f"bad-codec 1.0.*{said}") as caught:
        Picture(STACK[0]).save(tmp_path / "x.bad")
    in_one_line(caught.value)
    assert not list(tmp_path.glob("x*"))
    sys.modules.pop("bad_codec", None)


def test_a_damaged_list_of_one_package_hides_no_other(packages: Path) -> None:
    write_package(packages, "good", "", {GROUP: "good = good:read"})
    write_package(packages, "damaged", "", {})
    (packages / "damaged-1.0.dist-info" / "entry_points.txt").write_bytes(b"\xff\xfe[x")
    assert "good" in list_plugins(GROUP)


@pytest.mark.parametrize("name", ["x.png", "x", "x.v2", "x.npy"])
def test_what_nothing_writes_is_refused_with_what_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=rf"written as \.tif, .*{name}") as caught:
        write_image(STACK, tmp_path / name)
    in_one_line(caught.value)
