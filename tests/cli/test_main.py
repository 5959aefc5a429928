"""`nbimage png IN OUT`: the same pixels as `rerange`, and every error in one line."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nbimage
from nbimage import Picture, encode, rerange
from nbimage.cli.main import main
from nbimage.codecs.png import encode_png

Array = np.ndarray
RANDOM = np.random.default_rng(11)
VALUES = RANDOM.normal(size=(20, 31))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def as_process(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit code, output and errors of `python -m nbimage`."""
    done = subprocess.run(
        [sys.executable, "-m", "nbimage", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The same in this process."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as end:  # argparse
            code = 0 if end.code is None else int(end.code)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


Run = Callable[..., tuple[int, str, str]]


def saved(name: str) -> Array:
    with Image.open(name) as image:
        return np.asarray(image)


# ------------------------------------------------------------------------------- pictures


def test_the_program_writes_what_rerange_gives(folder: Path) -> None:
    np.save("in.npy", VALUES)
    code, out, err = as_process("png", "in.npy", "out.png")
    assert (code, err) == (0, "")
    assert out.startswith("out.png")
    assert out.count("\n") == 1
    assert np.array_equal(saved("out.png"), rerange(VALUES))


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        ([], {}),
        (["--vmin", "-1"], {"vmin": -1}),
        (["--vmin=-1.5", "--vmax=2e-1"], {"vmin": -1.5, "vmax": 0.2}),
        (["--vmax", "0"], {"vmax": 0}),
        (["--vmin", "1", "--vmax", "-1"], {"vmin": 1, "vmax": -1}),
        (["--vsym"], {"vsym": True}),
        (["--contrast", "robust"], {"contrast": "robust"}),
        (["--contrast", "infer"], {"contrast": "infer"}),
        (["--contrast", "zscale"], {"contrast": "zscale"}),
        (["--norm", "asinh"], {"norm": "asinh"}),
        (["--contrast", "1,99"], {"contrast": (1, 99)}),
        (["--contrast=12.5,50"], {"contrast": (12.5, 50)}),
        (["--contrast", "robust", "--vsym"], {"contrast": "robust", "vsym": True}),
    ],
)
def test_every_flag_means_what_the_parameter_means(
    folder: Path, run: Run, flags: list[str], options: dict[str, Any]
) -> None:
    np.save("in.npy", VALUES)
    code, _, err = run("png", "in.npy", "out.png", *flags)
    assert (code, err) == (0, "")
    assert np.array_equal(saved("out.png"), rerange(VALUES, **options))


@pytest.mark.parametrize("dtype", ["u1", "?", "<i2", ">u2", "<i8", "<f2", ">f4", "<f8", "M8[D]"])
def test_arrays_of_any_dtype_are_reranged(folder: Path, run: Run, dtype: str) -> None:
    array = (VALUES > 0 if dtype == "?" else VALUES * 30 + 90).astype(np.int64).astype(dtype)
    np.save("in.npy", array)
    code, _, err = run("png", "in.npy", "out.png")
    assert (code, err) == (0, "")
    assert np.array_equal(np.asarray(Image.open("out.png").convert("L")), rerange(array))


def test_fortran_order_and_channels_are_kept_apart(folder: Path, run: Run) -> None:
    np.save("in.npy", np.asfortranarray(VALUES))
    assert run("png", "in.npy", "out.png")[0] == 0
    assert np.array_equal(saved("out.png"), rerange(VALUES))
    planar = RANDOM.integers(0, 256, (3, 9, 12), dtype=np.uint8)
    np.save("in.npy", planar)
    assert run("png", "in.npy", "out.png")[0] == 0
    assert np.array_equal(saved("out.png"), np.moveaxis(planar, 0, -1))


def test_the_channel_axis_can_be_said_and_a_guess_is_said_aloud(folder: Path, run: Run) -> None:
    array = RANDOM.integers(0, 256, (3, 9, 3), dtype=np.uint8)
    np.save("in.npy", array)
    code, _, err = run("png", "in.npy", "guess.png")
    assert code == 0
    assert "channel_axis" in err or "channel-axis" in err
    assert err.count("\n") == 1
    for axis in (0, -1):
        assert run("png", "in.npy", "out.png", "--channel-axis", str(axis))[::2] == (0, "")
        assert np.array_equal(saved("out.png"), np.moveaxis(array, axis, -1))


def test_an_archive_of_one_array_needs_no_key(folder: Path, run: Run) -> None:
    np.savez("in.npz", only=VALUES)
    assert run("png", "in.npz", "out.png")[::2] == (0, "")
    assert np.array_equal(saved("out.png"), rerange(VALUES))


def test_of_several_arrays_the_key_picks_one(folder: Path, run: Run) -> None:
    np.savez_compressed("in.npz", first=VALUES, second=-VALUES)
    for key, array in (("first", VALUES), ("second", -VALUES)):
        assert run("png", "in.npz", "out.png", "--key", key)[::2] == (0, "")
        assert np.array_equal(saved("out.png"), rerange(array))
    for flags in ([], ["--key", "third"]):
        code, out, err = run("png", "in.npz", "none.png", *flags)
        assert (code, out) == (2, "")
        assert "first" in err
        assert "second" in err
        assert err.count("\n") == 1
    assert not (folder / "none.png").exists()


@pytest.mark.parametrize(
    "array",
    [
        RANDOM.integers(0, 256, (12, 17), dtype=np.uint8),
        RANDOM.integers(0, 256, (12, 17, 3), dtype=np.uint8),
        RANDOM.integers(0, 256, (12, 17, 4), dtype=np.uint8),
        RANDOM.integers(0, 65536, (12, 17), dtype=np.uint16),
    ],
    ids=["gray", "rgb", "rgba", "gray16"],
)
@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_picture_files_are_taken_as_arrays(
    folder: Path, run: Run, array: Array, suffix: str
) -> None:
    if array.shape[2:] == (4,):
        array[0, 0, 3] = 255  # else it is told that nothing is opaque
    Image.fromarray(array).save(f"in.{suffix}")
    assert run("png", f"in.{suffix}", "out.png")[::2] == (0, "")
    assert np.array_equal(saved("out.png"), rerange(array) if array.ndim == 2 else array)


def test_a_float_tiff_keeps_its_values_until_they_are_reranged(folder: Path, run: Run) -> None:
    array = VALUES.astype(np.float32)
    Image.fromarray(array).save("in.tiff")
    assert run("png", "in.tiff", "out.png", "--vsym")[::2] == (0, "")
    assert np.array_equal(saved("out.png"), rerange(array, vsym=True))


def test_a_picture_of_three_columns_is_not_taken_for_channels(folder: Path, run: Run) -> None:
    """Where a file says which its channels are, nothing is guessed."""
    array = RANDOM.integers(0, 256, (3, 9, 3), dtype=np.uint8)
    Image.fromarray(array).save("in.png")
    assert run("png", "in.png", "out.png")[::2] == (0, "")
    assert np.array_equal(saved("out.png"), array)


def test_nan_is_transparent(folder: Path, run: Run) -> None:
    values = np.where(VALUES > 1, np.nan, VALUES)
    np.save("in.npy", values)
    assert run("png", "in.npy", "out.png")[::2] == (0, "")
    alpha = np.asarray(Image.open("out.png").convert("RGBA"))[:, :, 3]
    assert np.array_equal(alpha == 0, np.isnan(values))


@pytest.mark.parametrize(
    ("target", "written", "kind"),
    [("x", "x.png", "PNG"), ("run.1", "run.1.png", "PNG"), ("x.jpg", "x.jpg", "JPEG"),
     ("x.webp", "x.webp", "WEBP"), ("x.avif", "x.avif", "AVIF")],
)  # fmt: skip
def test_the_suffix_of_the_target_is_believed(
    folder: Path, run: Run, target: str, written: str, kind: str
) -> None:
    np.save("in.npy", VALUES)
    code, out, err = run("png", "in.npy", target)
    assert (code, err) == (0, "")
    assert written in out
    with Image.open(written) as image:
        assert (image.format, image.size) == (kind, (31, 20))


def test_effort_and_quality_are_those_of_encode(folder: Path, run: Run) -> None:
    np.save("in.npy", VALUES)
    assert run("png", "in.npy", "out.png", "--compression", "9")[0] == 0
    assert Path("out.png").read_bytes() == encode(VALUES, compression=9)
    assert run("png", "in.npy", "out.jpg", "--quality", "20")[0] == 0
    assert Path("out.jpg").read_bytes() == encode(VALUES, "jpeg", quality=20)


def test_a_file_can_be_its_own_target(folder: Path, run: Run) -> None:
    array = RANDOM.integers(0, 65536, (12, 17), dtype=np.uint16)
    Image.fromarray(array).save("x.png")
    assert run("png", "x.png", "x.png")[::2] == (0, "")
    assert np.array_equal(saved("x.png"), rerange(array))


# ---------------------------------------------------------------------------------- errors


def check_refused(found: tuple[int, str, str], *said: str) -> None:
    code, out, err = found
    assert (code, out) == (2, "")
    assert err.startswith("nbimage: ")
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    for text in said:
        assert text in err


def broken_inputs() -> dict[str, bytes]:
    def file(save: Callable[..., Any], *arguments: Any, **options: Any) -> bytes:
        stream = io.BytesIO()
        save(stream, *arguments, **options)
        return stream.getvalue()

    good = file(np.save, VALUES)
    archive = file(np.savez, a=VALUES)
    picture = encode_png(RANDOM.integers(0, 256, (50, 50), dtype=np.uint8))
    return {
        "text.png": b"this is no picture",
        "text.npy": b"this is no array",
        "text.npz": b"this is no archive",
        "empty.png": b"",
        "empty.npy": b"",
        "empty.npz": b"",
        "short.png": picture[: len(picture) // 2],
        "short.npy": good[: len(good) // 2],
        "header.npy": good[:9],
        "short.npz": archive[: len(archive) // 2],
        "nothing.npz": file(np.savez),
        "array.npz": good,
        "garbled.npy": good[:20] + b"\xff" * 30 + good[50:],
        "objects.npy": file(np.save, np.array([[1, "a"]], object), allow_pickle=True),
        "objects.npz": file(np.savez, a=np.array([[1, "a"]], object)),
        "complex.npy": file(np.save, VALUES + 1j),
        "strings.npy": file(np.save, np.array([["a", "b"]])),
        "records.npy": file(np.save, np.zeros((3, 4), [("x", "f4"), ("y", "f4")])),
        "line.npy": file(np.save, VALUES[0]),
        "stack.npy": file(np.save, np.zeros((5, 3, 9, 9))),
        "no-pixel.npy": file(np.save, np.zeros((0, 9))),
        "channels.npy": file(np.save, np.zeros((7, 9, 9))),
    }


@pytest.mark.parametrize("name", broken_inputs())
def test_an_input_that_will_not_do_is_refused_in_one_line(
    folder: Path, run: Run, name: str
) -> None:
    Path(name).write_bytes(broken_inputs()[name])
    check_refused(run("png", name, "out.png"))
    assert not Path("out.png").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("complex.npy", "complex128"),
        ("line.npy", "(31,)"),
        ("channels.npy", "(7, 9, 9)"),
        ("text.png", "text.png"),
        ("text.npy", "text.npy"),
        ("objects.npy", "object"),
    ],
)
def test_the_line_names_what_is_wrong(folder: Path, run: Run, name: str, said: str) -> None:
    Path(name).write_bytes(broken_inputs()[name])
    check_refused(run("png", name, "out.png"), said)


def test_a_pickle_is_never_opened(folder: Path, run: Run) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, ("sprung",)

    np.save("in.npy", np.array([[Trap()]], object), allow_pickle=True)
    np.savez("in.npz", a=np.array([[Trap()]], object))
    for name in ("in.npy", "in.npz"):
        check_refused(run("png", name, "out.png"))
    assert not Path("sprung").exists()


def test_a_missing_file_and_a_folder_are_refused(folder: Path, run: Run) -> None:
    Path("sub").mkdir()
    for name in ("missing.npy", "missing.png", "sub"):
        check_refused(run("png", name, "out.png"), name)


@pytest.mark.parametrize(
    "target",
    ["missing/out.png", "sub.png", "in.npy/out.png", "out.txt", "~nobody-of-this-name/out.png"],
)
def test_a_target_that_will_not_do_is_refused(folder: Path, run: Run, target: str) -> None:
    Path("sub.png").mkdir()
    np.save("in.npy", VALUES)
    check_refused(run("png", "in.npy", target), target.split("/")[0])
    assert {path.name for path in folder.rglob("*")} == {"sub.png", "in.npy"}


@pytest.mark.parametrize(
    "flags",
    [
        ["--contrast", "9,1"],
        ["--contrast", "1,2,3"],
        ["--contrast", "-5,50"],
        ["--contrast", "best"],
        ["--vmin", "nan"],
        ["--vmax", "inf"],
        ["--channel-axis", "0"],
        ["--compression", "10"],
        ["--quality", "90"],
        ["--key", "a"],
    ],
    ids=" ".join,
)
def test_flags_that_do_not_fit_are_refused(folder: Path, run: Run, flags: list[str]) -> None:
    np.save("in.npy", VALUES)
    flags = [f"{flags[0]}={flags[1]}"]
    check_refused(run("png", "in.npy", "out.png", *flags))
    assert not Path("out.png").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["png"],
        ["png", "in.npy"],
        ["jpg", "in.npy", "out.jpg"],
        ["png", "in.npy", "out.png", "--vmin", "low"],
        ["png", "in.npy", "out.png", "--contrast", "1,high"],
        ["png", "in.npy", "out.png", "--unknown"],
    ],
)
def test_a_line_that_cannot_be_read_has_exit_code_2(
    folder: Path, run: Run, arguments: list[str]
) -> None:
    np.save("in.npy", VALUES)
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and "--help)" in err and "invalid _" not in err
    assert not Path("out.png").exists()


def test_a_picture_file_of_very_many_pixels_is_converted_or_refused_in_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)  # of this process, which looks at it
    array = np.broadcast_to(np.uint8(0), (13_500, 13_500))
    Path("in.png").write_bytes(encode_png(array, bilevel=True))
    code, _, err = as_process("png", "in.png", "out.png")
    assert "Traceback" not in err
    assert (code, err.count("\n")) in {(0, 0), (0, 1), (2, 1)}
    if code == 0:
        assert Image.open("out.png").size == (13_500, 13_500)


def test_an_error_of_the_program_is_one_line_on_stderr(folder: Path) -> None:
    check_refused(as_process("png", "missing.npy", "out.png"), "missing.npy")


def test_the_file_is_written_even_if_its_name_cannot_be_printed(folder: Path) -> None:
    np.save("in.npy", VALUES)
    code, _, err = as_process("png", "in.npy", "größe.png", PYTHONIOENCODING="ascii")
    assert np.array_equal(saved("größe.png"), rerange(VALUES))
    assert (code, err) == (0, "")


# ------------------------------------------------------------------------------ the program


def test_the_version_is_the_packages_own() -> None:
    code, out, err = as_process("--version")
    assert (code, out, err) == (0, f"nbimage {nbimage.__version__}\n", "")


def test_help_names_every_flag(run: Run) -> None:
    code, out, _ = run("png", "--help")
    assert code == 0
    for flag in ("--vmin", "--vmax", "--vsym", "--contrast", "--channel-axis", "--key"):
        assert flag in out
    whole = run("--help")[1]
    assert "png" in whole
    assert "tests.stub" not in whole


def test_the_installed_command_is_the_same_program(folder: Path) -> None:
    command = Path(sys.executable).with_name("nbimage")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, f"nbimage {nbimage.__version__}\n")


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--cmap", "viridis"], {"cmap": "viridis"}),
        (["--norm", "log", "--cmap", "magma"], {"norm": "log", "cmap": "magma"}),
        (["--norm", "2.2"], {"norm": 2.2}),
        (["--nan-color", "red"], {"nan_color": "red"}),
    ],
)
def test_colors_and_norms_are_those_of_the_picture(
    tmp_path: Path, words: list[str], options: dict[str, Any]
) -> None:
    data = np.arange(1.0, 61).reshape(6, 10)
    data[2, 3] = np.nan
    np.save(tmp_path / "in.npy", data)
    main(["png", str(tmp_path / "in.npy"), str(tmp_path / "out.png"), *words])
    assert (tmp_path / "out.png").read_bytes() == Picture(data, **options).png


ODD = (
    "1/0",
    "nan",
    "inf",
    "-inf",
    "0",
    "-1",
    "1e400",
    "x",
    "",
    "9" * 26,
    "1+2j",
    "²",
    "2024-01-01",
)


@pytest.mark.parametrize(
    ("verb", "option"),
    [
        *(("png", option) for option in ("vmin", "vmax", "norm", "contrast", "compression")),
        *(("png", option) for option in ("channel-axis", "quality")),
        *(("video", option) for option in ("fps", "quality", "channel-axis", "counter")),
        *(("dzi", option) for option in ("quality", "tile-size", "overlap", "channel-axis")),
        *(("tiff", option) for option in ("quality", "tile-size", "pixel-size", "channel-axis")),
        *(("zarr", option) for option in ("chunk-size", "shard-size", "unit", "axes")),
        *(("info", option) for option in ("tile-size", "overlap", "channel-axis")),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_in_one_line(
    folder: Path, run: Run, verb: str, option: str
) -> None:
    np.save("in.npy", VALUES[None] if verb == "video" else VALUES)
    targets = {"png": ["out.png"], "video": ["out.mp4"], "dzi": ["out.dzi"], "info": []}
    targets |= {"tiff": ["out.tif"], "zarr": ["out.zarr"]}
    target = targets[verb]
    for text in ODD:
        code, _, errors = run(verb, "in.npy", *target, f"--{option}={text}")
        lines = [line for line in errors.splitlines() if not line.startswith(("usage:", " "))]
        assert (code, len(lines)) in ((0, 0), (2, 1)), (text, errors)
        assert not lines or lines[0].startswith("nbimage")


def test_a_rate_may_be_a_fraction(folder: Path, run: Run) -> None:
    np.save("in.npy", np.zeros((3, 8, 8), np.uint8))
    code, out, errors = run("video", "in.npy", "out.mp4", "--fps=30000/1001")
    assert (code, errors) == (0, "")
    assert "29.97 frames a second" in out


def test_limits_are_exact_integers_or_dates(folder: Path, run: Run) -> None:
    np.save("long.npy", 2**60 + np.arange(6).reshape(2, 3))
    assert run("png", "long.npy", "out.png", f"--vmin={2**60 + 1}", f"--vmax={2**60 + 3}")[0] == 0
    assert saved("out.png").tolist() == [[0, 0, 128], [255, 255, 255]]
    np.save("dates.npy", np.array([["2024-01-01", "2024-01-03"]], "M8[D]"))
    assert run("png", "dates.npy", "out.png", "--vmin=2023-12-30", "--vmax=2024-01-03")[0] == 0
    assert saved("out.png").tolist() == [[128, 255]]


@pytest.mark.parametrize(("verb", "name"), [("tiff", "out.ome.tif"), ("zarr", "out.ome.zarr")])
def test_a_stack_is_written_with_what_is_said_of_it(
    folder: Path, run: Run, verb: str, name: str
) -> None:
    if verb == "zarr":
        pytest.importorskip("zarr")
    data = np.arange(2 * 3 * 20 * 30, dtype=np.uint16).reshape(2, 3, 20, 30)
    np.save("in.npy", data)
    code, out, errors = run(
        *(verb, "in.npy", name, "--axes=czyx", "--pixel-size=z=2,y=0.5,x=0.25", "--unit=um"),
        *("--channel-names=DAPI,GFP", "--colors=blue,lime", "--compression=none"),
    )
    assert (code, errors) == (0, "")
    assert name in out
    with nbimage.open_pyramid(name) as found:
        assert (found.pixel_size, found.unit) == ((0.5, 0.25), "µm")
        assert found.channel_names == ("DAPI", "GFP")
        assert found.channel_colors == ("#0000ff", "#00ff00")
        depth = found.metadata.along([axis for axis, _ in found.axes].index("z"))
        assert depth is not None
        assert (depth.line, depth.unit) == ((0, 2), "µm")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--pixel-size=a,b",), "must be numbers such as"),
        (("--pixel-size=1,2,3,4",), "pixel_size must be a number"),
        (("--pixel-size=1", "--unit=parsec"), "unit must be a length"),
        (("--colors=blue,lime",), "colors must be one for each of 1 channels"),
    ],
)
def test_what_can_not_be_said_of_a_stack_is_refused_in_one_line(
    folder: Path, run: Run, options: tuple[str, ...], message: str
) -> None:
    np.save("in.npy", np.zeros((20, 30), np.uint16))
    code, _, errors = run("tiff", "in.npy", "out.ome.tif", *options)
    assert code == 2
    assert message in errors.splitlines()[-1]
    assert not Path("out.ome.tif").exists()


@pytest.mark.parametrize("name", ["out.png", "out.pdf"])
def test_the_command_line_saves_the_figure(run: Any, folder: Path, name: str) -> None:
    array = np.arange(600, dtype=np.uint8).reshape(20, 30) % 200
    np.save("in.npy", array)
    assert run("png", "in.npy", name, "--figure", "--scale", "2")[0] == 0
    expected = Picture(array).save("expected" + name[3:], figure=True, scale=2)
    assert Path(name).read_bytes() == expected.read_bytes()


# ------------------------------------------------------------------------------- its end

SLOW = """
import os, signal, sys, time
from nbimage.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it,
for name in ("SIGTERM", "SIGHUP"):  # one of nohup this
    signal.signal(getattr(signal, name), signal.SIG_DFL)
def fsync(number):
    print("saving", flush=True)
    time.sleep(30)
os.fsync = fsync
sys.exit(main(["png", "in.npy", "out.png"]))
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_program_with_nothing_half_written(folder: Path, name: str) -> None:
    np.save("in.npy", VALUES)
    Path("out.png").write_bytes(b"older")
    number = getattr(signal, name)
    command = [sys.executable, "-c", SLOW]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"saving\n"
            process.send_signal(number)
            _, errors = process.communicate(timeout=120)
        finally:
            process.kill()
    assert (process.returncode, errors) == (128 + number, b"")
    assert {path.name for path in folder.iterdir()} == {"in.npy", "out.png"}
    assert Path("out.png").read_bytes() == b"older"


def test_the_signals_of_a_process_that_calls_the_program_stay_its_own(run: Run) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert run("--version")[0] == 0
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
