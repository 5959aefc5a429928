"""Videos as other people's decoders see them, and what is left when something fails: nothing."""

from __future__ import annotations

import base64
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from nbimage import FFmpegError, Video, nbvideo
from nbimage.codecs import ffmpeg

PATCHES = np.array(
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [128, 128, 128], [20, 90, 200]],
    np.uint8,
)
EXE = ffmpeg.find_ffmpeg()


def patches(count: int = 4, side: int = 32) -> np.ndarray:
    """Frames of six flat patches, 2 rows of 3, each ``side`` pixels wide; a mark moves along."""
    frame = np.repeat(np.repeat(PATCHES.reshape(2, 3, 3), side, 0), side, 1)
    frames = np.stack([frame] * count)
    for number in range(count):
        frames[number, :4, number * 4 % side : number * 4 % side + 4] = 0
    return frames


def decoded(data: bytes, size: tuple[int, int], pixel_format: str = "rgb24") -> np.ndarray:
    """The frames that ffmpeg decodes, by the file's own color tags."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video"
        path.write_bytes(data)
        decoder = ("-c:v", "libvpx-vp9") if pixel_format == "rgba" else ()
        command = [EXE, "-loglevel", "error", *decoder, "-i", str(path), "-f", "rawvideo"]
        command += [
            "-vf",
            "scale=flags=accurate_rnd+full_chroma_int",
            "-pix_fmt",
            pixel_format,
            "-",
        ]
        raw = subprocess.run(command, capture_output=True, check=True).stdout
    channels = {"gray": 1, "rgb24": 3, "rgba": 4}[pixel_format]
    return np.frombuffer(raw, np.uint8).reshape(-1, size[1], size[0], channels)


def probed(data: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video"
        path.write_bytes(data)
        done = subprocess.run([EXE, "-i", str(path)], capture_output=True, check=False)
    return done.stderr.decode()


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9", "av1", "theora"])
def test_flat_colors_survive_every_codec(codec: str) -> None:
    options = {"h264": None, codec: True}
    frames = patches()
    video = Video(frames, **options)  # type: ignore[arg-type]
    got = decoded(video.files[codec], (96, 64))
    assert len(got) == len(frames)
    middles = got[:, 16::32, 16::32].astype(int)
    wanted = frames[:, 16::32, 16::32].astype(int)
    assert np.abs(middles - wanted).max() <= {"av1": 8, "theora": 8}.get(codec, 2)


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9", "av1", "theora"])
def test_flat_squares_that_change_alone_are_drawn(codec: str) -> None:
    random = np.random.default_rng(3)
    squares = random.integers(0, 2, (20, 2, 5, 1), np.uint8) * 224 + 16
    squares = np.where(random.random((20, 2, 5, 1)) < 0.2, 99, squares).repeat(3, 3)
    options = {"h264": None, codec: True}
    video = Video(squares.repeat(64, 1).repeat(64, 2), **options)  # type: ignore[arg-type]
    got = decoded(video.files[codec], (320, 128))[:, 32::64, 32::64].astype(int)
    assert np.abs(got - squares).max() <= 12


@pytest.mark.parametrize("codec", ["h264", "vp9"])
def test_lossless_keeps_every_pixel(codec: str) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, 31, 45, 3), dtype=np.uint8)
    video = Video(frames, lossless=True, **{"h264": None, codec: True})  # type: ignore[arg-type]
    assert np.array_equal(decoded(video.files[codec], (45, 31)), frames)


@pytest.mark.parametrize("name", ["webp", "apng"])
def test_animated_pictures_keep_every_pixel(name: str) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, 31, 45, 3), dtype=np.uint8)
    data = Video(frames, format=name, fps=10, loop=True).files[name]
    image = Image.open(BytesIO(data))
    got = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    assert np.array_equal(np.stack(got), frames)
    assert image.info["loop"] == 0


def test_gray_gif_keeps_every_pixel() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, 31, 45), dtype=np.uint8)
    image = Image.open(BytesIO(Video(frames, format="gif", fps=10).files["gif"]))
    got = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(image)]
    assert np.array_equal(np.stack(got), frames)


def test_several_codecs_come_from_one_reading_of_the_frames() -> None:
    read = []

    def frames() -> Iterator[np.ndarray]:
        for frame in patches(6):
            read.append(1)
            yield frame

    video = Video(frames(), vp8=True, vp9=True, theora=True)
    assert len(read) == 6
    assert list(video.files) == ["h264", "vp9", "vp8", "theora"]
    assert all(len(decoded(data, (96, 64))) == 6 for data in video.files.values())


def even(n: int) -> int:
    return n + n % 2


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 7), (31, 1), (8, 8), (16, 16), (40, 50), (65, 97), (241, 321)]
)
@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9"])
def test_a_file_has_the_frames_own_size(codec: str, shape: tuple[int, int]) -> None:
    frames = np.full((3, *shape), 200, np.uint8)
    video = Video(frames, **{"h264": None, codec: True})  # type: ignore[arg-type]
    own = (shape[1], shape[0]) if codec == "vp9" else (even(shape[1]), even(shape[0]))
    got = decoded(video.files[codec], own, "gray")
    assert len(got) == 3
    assert np.abs(got.astype(int) - 200).max() <= 3
    assert "enlarged" not in video.description


@pytest.mark.parametrize(
    ("codec", "shape", "factor"),
    [("theora", (40, 16), 2), ("theora", (9, 5), 4), ("av1", (8, 8), 2), ("av1", (1, 1), 9)],
)
def test_a_codec_that_takes_no_smaller_frames_gets_larger_ones_and_says_so(
    codec: str, shape: tuple[int, int], factor: int
) -> None:
    grays = np.array([200, 180, 160])[:, None, None]  # of frames that are equal, some hold none
    frames = np.broadcast_to(grays, (3, *shape)).astype(np.uint8)
    video = Video(frames, **{"h264": True, codec: True})  # type: ignore[arg-type]
    rows, columns = (n * factor for n in shape)
    got = decoded(video.files[codec], (even(columns), even(rows)), "gray")
    assert len(got) == 3
    assert np.abs(got[..., 0].astype(int) - grays).max() <= 3
    said = f"enlarged {factor} times to {rows}×{columns}, since {codec} takes no smaller ones"
    assert said in video.description
    assert decoded(video.files["h264"], (even(shape[1]), even(shape[0]))).shape[0] == 3


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9"])
def test_a_whole_zoom_enlarges_the_file_and_says_so(codec: str) -> None:
    options: dict[str, Any] = {"h264": None, codec: True}
    frames = patches(3, 14)[:, :27, :41]
    video = Video(frames, zoom=3, **options)
    assert "files enlarged 3 times to 81×123, for the zoom" in video.description
    size = (123, 81) if codec == "vp9" else (124, 82)
    got = decoded(video.files[codec], size)[:, :81, :123].astype(int)
    wanted = np.repeat(np.repeat(frames, 3, 1), 3, 2).astype(int)
    assert np.abs(got - wanted)[:, 21:30, 21:30].max() <= 4  # within a patch
    assert np.abs(got - wanted).mean() < 4
    assert "enlarged" not in Video(frames, zoom=1.5, **options).description


def test_a_zoom_keeps_every_pixel_of_a_lossless_file() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 15, 23, 3), dtype=np.uint8)
    video = Video(frames, zoom=2, lossless=True)
    enlarged = np.repeat(np.repeat(frames, 2, 1), 2, 2)
    assert np.array_equal(decoded(video.files["h264"], (46, 30)), enlarged)
    image = Image.open(BytesIO(Video(frames, zoom=2, format="apng").files["apng"]))
    got = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    assert np.array_equal(np.stack(got), enlarged)


def test_a_zoom_keeps_every_gray() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 15, 23), dtype=np.uint8)
    enlarged = np.repeat(np.repeat(frames, 2, 1), 2, 2)
    exact = Video(frames, zoom=2, lossless=True).files["h264"]
    assert np.array_equal(decoded(exact, (46, 30), "gray")[..., 0], enlarged)
    coded = decoded(Video(frames, zoom=2, h264=4).files["h264"], (46, 30), "gray")[..., 0]
    assert np.abs(coded.astype(int) - enlarged).max() <= 6


def test_a_zoom_keeps_alpha_and_has_an_end() -> None:
    frames = np.zeros((3, 96, 96, 4), np.uint8)
    frames[:, :, :32] = (255, 0, 0, 255)
    got = decoded(Video(frames, zoom=2, h264=None, vp9=10).files["vp9"], (192, 192), "rgba")
    assert got[:, 64, 20, 3].min() >= 253
    assert got[:, 64, 100, 3].max() <= 2
    far = Video(np.zeros((2, 300, 2000), np.uint8), zoom=64)
    assert "enlarged 2 times to 600×4000, for the zoom, as far as 4096" in far.description


def page_file(video: Video, codec: str = "h264") -> bytes:
    """The file that a page holds."""
    kind = {"h264": "mp4", "vp9": "webm"}[codec]
    found = re.search(rf'src="data:video/{kind};base64,([^"]+)"', video.html)
    assert found is not None
    return base64.b64decode(found[1])


@pytest.mark.parametrize("codec", ["h264", "vp9"])
def test_a_page_has_the_colors_of_small_frames_pixel_for_pixel(codec: str) -> None:
    noise = np.random.default_rng(0).integers(0, 2, (4, 40, 50, 3), dtype=np.uint8) * 200 + 20
    video = Video(noise, **{"h264": None, codec: 4})  # type: ignore[arg-type]
    shown = decoded(page_file(video, codec), (200, 160))[:, 1::4, 1::4].astype(int)
    assert np.abs(shown - noise).mean() < 12
    own = decoded(video.files[codec], (50, 40)).astype(int)
    assert np.abs(own - noise).mean() > 40  # of colors a file has means of 2 × 2


@pytest.mark.parametrize(
    ("fps", "count", "said"),
    [(0.5, 3, "0.50 fps"), (Fraction(24000, 1001), 24, "23.98 fps"), (29.97, 30, "29.97 fps")],
)
def test_rates_may_be_fractions(fps: float, count: int, said: str) -> None:
    video = Video(patches(count, 8), fps=fps)
    assert said in probed(video.files["h264"])
    assert video.duration == pytest.approx(count / float(fps), rel=1e-4)


def test_alpha_is_kept_in_webm_and_on_white_in_mp4() -> None:
    frames = np.zeros((3, 96, 96, 4), np.uint8)
    frames[:, :, :32] = (255, 0, 0, 255)
    video = Video(frames, vp9=10)
    got = decoded(video.files["vp9"], (96, 96), "rgba")
    assert got[:, 32, 10, 3].min() >= 253
    assert got[:, 32, 50, 3].max() <= 2
    seen = decoded(video.files["h264"], (96, 96))[0].astype(int)
    assert np.abs(seen[32, 10] - [255, 0, 0]).max() <= 4
    assert np.abs(seen[32, 50] - 255).max() <= 3


@pytest.mark.parametrize("corner", ["ul", "ur", "ll", "lr"])
@pytest.mark.parametrize("ground", [0, 127, 255])
def test_the_counter_reads_on_any_ground_in_its_corner_alone(corner: str, ground: int) -> None:
    frames = np.full((2, 200, 300), ground, np.uint8)
    before = frames.copy()
    video = Video(frames, counter=corner, lossless=True)
    assert np.array_equal(frames, before)
    first = decoded(video.files["h264"], (300, 200))[0, :, :, 0]
    changed = np.argwhere(first != ground)
    top, left = corner[0] == "u", corner[1] == "l"
    assert (changed[:, 0] < 60).all() == top
    assert (changed[:, 1] < 90).all() == left
    assert int(first.max()) - int(first.min()) >= 120


def test_counters_differ_from_frame_to_frame_and_can_be_worded() -> None:
    frames = np.zeros((3, 64, 96), np.uint8)
    for counter in (True, "ul", "t = {}", ("lr", "{:03d}"), ("ur", lambda i: f"{i / 2} s")):
        video = Video(frames, counter=counter, counter_color="orange", lossless=True)  # type: ignore[arg-type]
        got = decoded(video.files["h264"], (480, 320))
        assert not np.array_equal(got[0], got[1])
        assert (got[..., 0] > got[..., 2]).any()
        said = "files enlarged 5 times to 320×480, so that the counter can be read"
        assert said in video.description


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((40, 50), (500, 400)),
        ((200, 300), (300, 200)),
        ((10, 2000), (4000, 20)),
        ((1, 1), (480, 480)),
    ],
)
@pytest.mark.parametrize("name", ["h264", "gif"])
def test_a_counter_is_drawn_into_files_where_it_can_be_read(
    shape: tuple[int, int], size: tuple[int, int], name: str
) -> None:
    frames = np.full((2, *shape), 90, np.uint8)
    video = Video(frames, counter=True, format="gif" if name == "gif" else None)
    if name == "gif":
        got = np.asarray(Image.open(BytesIO(video.files["gif"])).convert("L"))
    else:
        got = decoded(video.files["h264"], size, "gray")[0, :, :, 0]
    assert got.shape == size[::-1]
    assert int(got.max()) - int(got.min()) > 120
    assert video.render().max() > 95  # what stands for it where no video plays


def test_a_counter_stands_over_the_page_and_not_in_its_frames() -> None:
    frames = np.full((2, 96, 128), 90, np.uint8)
    video = Video(frames, counter=("lr", "frame {}"), counter_color="orange")
    assert np.abs(decoded(page_file(video), (128, 96), "gray").astype(int) - 90).max() <= 2
    assert 'data-counter="lr 255,165,0"' in video.html
    assert "frame 1" in video.html
    for none in (None, False):
        assert "data-counter" not in Video(frames, counter=none).html  # type: ignore[arg-type]


def test_a_page_that_refers_to_a_file_shows_the_counter_that_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    video = Video(patches(3), counter=True)
    video.refer_to(video.save("x.mp4"))
    assert "data-counter" not in video.html


def dated(count: int = 3, step: str = "D") -> Any:
    import xarray

    times = np.datetime64("2019-01-12") + np.arange(count) * np.timedelta64(6, step)
    return xarray.DataArray(patches(count)[..., 0], dims=("time", "y", "x"), coords={"time": times})


@pytest.mark.parametrize(
    ("step", "texts"),
    [
        ("D", ["2019-01-12", "2019-01-18", "2019-01-24"]),
        ("h", ["2019-01-12 00:00", "2019-01-12 06:00", "2019-01-12 12:00"]),
    ],
)
def test_dates_of_labelled_frames_are_said_and_counted(
    step: str, texts: list[str], tmp_path: Path
) -> None:
    data = dated(3, step)
    listed = 'data-labels="{}"'.format("\n".join(texts))
    data.to_zarr(tmp_path / "x.zarr")
    for source in (data, data.chunk(time=1), tmp_path / "x.zarr"):
        plain, counted = Video(source, 0, 255), Video(source, 0, 255, counter=True)
        assert listed in plain.html
        assert listed in counted.html
        assert "data-texts" not in counted.html  # the dates are the counter
    assert "data-labels" not in Video(data.values).html


def test_a_counter_may_be_a_format_of_dates(tmp_path: Path) -> None:
    data = dated(3, "h")
    data.to_zarr(tmp_path / "x.zarr")
    texts = 'data-texts="12 Jan, 00:00\n12 Jan, 06:00\n12 Jan, 12:00"'
    for source in (data, data.chunk(time=1), tmp_path / "x.zarr", list(data)):
        assert texts in Video(source, 0, 255, counter=("lr", "{:%d %b, %H:%M}")).html
    years = data.assign_coords(
        time=np.array([f"{year}-07" for year in (1850, 1999, 2100)], "M8[M]")
    )
    assert 'data-texts="July 1850\nJuly 1999\nJuly 2100"' in Video(years, counter="{:%B %Y}").html
    number = Video(data, counter="{:%}").html  # a number's own format
    assert 'data-texts="0.000000%\n100.000000%\n200.000000%"' in number


def test_a_counter_of_dates_that_frames_do_not_have_is_named() -> None:
    data = dated(3)
    for source, said in (
        (data.values, "none is known"),
        (data.assign_coords(time=("time", [1, 2, 3], {"units": "m"})), "'1 m'"),
        (data.assign_coords(time=["2000-01-30", "2000-02-30", "2000-03-30"]), "'2000-02-30'"),
    ):
        with pytest.raises(
            ValueError, match=f"^counter .* no dates, but got '{{:%Y}}' and {said}$"
        ):
            Video(source, counter="{:%Y}")


def test_frames_of_a_list_are_called_by_what_differs() -> None:
    stack = dated(3).assign_coords(level=500.0)
    video = Video(list(stack))
    texts = ["2019-01-12", "2019-01-18", "2019-01-24"]
    assert "\n".join(texts) in video.html
    assert video.figure.title == "level = 500"
    assert Video(iter(stack), 0, 255).figure.title == ""  # not the first one's date


def test_files_of_other_dates_have_no_title_of_the_first_one(tmp_path: Path) -> None:
    stack = dated(3).assign_coords(level=500.0)
    for number, frame in enumerate(stack):
        frame.to_dataset(name="sst").to_netcdf(tmp_path / f"{number}.nc", engine="h5netcdf")
    assert Video([*sorted(tmp_path.iterdir())], 0, 255).figure.title == ""


@pytest.mark.parametrize("name", ["x.mp4", "x"])
def test_a_saved_file_that_is_enlarged_is_said_below(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbimage import video as module

    shown: list[Video] = []
    monkeypatch.setattr(module, "show", lambda video, *_: shown.append(video))
    nbvideo(patches(2, 8), zoom=2, saveas=tmp_path / name)
    nbvideo(patches(2, 8), saveas=tmp_path / name)
    nbvideo(patches(2, 8), zoom=2)
    notes = [video.figure.notes for video in shown]
    assert notes == [("files enlarged 2 times to 32×48, for the zoom",), (), ()]


def test_steps_with_a_unit_are_said() -> None:
    import xarray

    data = xarray.DataArray(
        patches(3)[..., 0],
        dims=("level", "y", "x"),
        coords={"level": ("level", [1000.0, 850.0, 500.0], {"units": "hPa"})},
    )
    assert "1000 hPa\n850 hPa\n500 hPa" in Video(data).html


# ------------------------------------------------------------------------------- animations


def delays(data: bytes) -> list[float]:
    """For how many milliseconds each frame is shown."""
    with Image.open(BytesIO(data)) as image:
        found = []
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            found.append(image.info["duration"])
    return found


NOISE = np.random.default_rng(0).integers(0, 256, (12, 16, 16), dtype=np.uint8)


@pytest.mark.parametrize("fps", [7, 24, 30, 40, 45, 50])
def test_delays_of_a_gif_keep_the_mean_rate(fps: float, recwarn: pytest.WarningsRecorder) -> None:
    video = Video(NOISE, fps=fps, format="gif")
    shown = delays(video.files["gif"])
    assert abs(sum(shown) - 12_000 / fps) <= 10
    assert max(shown) - min(shown) <= 10
    assert min(shown) >= 20
    assert not recwarn


@pytest.mark.parametrize(
    ("name", "fps", "shown", "holds"),
    [
        ("gif", 60, 20, "fps=50"),
        ("gif", 100, 20, "fps=50"),
        ("webp", 120, 11, "fps=90.9"),
        ("apng", 100, 11, "fps=90.9"),
        ("gif", 0.001, 655_350, "fps=0.0015"),
    ],
)
def test_delays_that_browsers_would_change_are_said_and_not_written(
    name: Any, fps: float, shown: int, holds: str
) -> None:
    with pytest.warns(UserWarning, match=holds) as caught:
        video = Video(NOISE, fps=fps, format=name)
    assert "\n" not in str(caught[0].message)
    assert delays(video.files[name]) == [shown] * 12
    assert video.fps == Fraction(1000, shown)
    assert video.duration == pytest.approx(12 * shown / 1000)
    assert f"{float(video.fps):g} frames a second" in video.description


@pytest.mark.parametrize("fps", [90, 50, 30])
@pytest.mark.parametrize("name", ["webp", "apng"])
def test_other_delays_are_kept(name: Any, fps: float, recwarn: pytest.WarningsRecorder) -> None:
    shown = delays(Video(NOISE, fps=fps, format=name).files[name])
    assert abs(sum(shown) - 12_000 / fps) <= 2
    assert not recwarn


@pytest.mark.parametrize("name", ["gif", "webp", "apng"])
def test_uneven_times_of_an_animation_are_kept_in_another(name: Any, tmp_path: Path) -> None:
    times = [70, 110, 300, 20, 50]
    images = [Image.fromarray(frame) for frame in NOISE[:5]]
    options: dict[str, Any] = {"append_images": images[1:], "duration": times, "loop": 0}
    images[0].save(tmp_path / "x.gif", save_all=True, **options)
    video = Video(tmp_path / "x.gif", format=name)
    assert delays(video.files[name]) == times
    assert video.duration == pytest.approx(0.55)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"h264": 52}, "52"),
        ({"h264": -1}, "-1"),
        ({"vp9": 64}, "64"),
        ({"theora": 11}, "11"),
        ({"h264": None}, "h264=18"),
        ({"fps": 0}, "0"),
        ({"fps": float("nan")}, "nan"),
        ({"format": "mpeg"}, "mpeg"),
        ({"vp8": 10, "lossless": True}, "vp8"),
        ({"counter": "middle"}, "middle"),
        ({"counter_color": "blurple"}, "blurple"),
        ({"counter_color": 256}, "256"),
        ({"zoom": -1}, "-1"),
    ],
)
def test_what_does_not_fit_is_an_error_that_names_it(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError) as caught:
        Video(patches(2), **options)  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


# ------------------------------------------------------------------------------------- failures


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for temporary files of each test's own: others run at the same time."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))


def leftovers() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob("*nbimage-*")}


def children(mark: str = "") -> list[str]:
    """Command lines of ffmpegs: those of this process, or those that a mark is in."""
    ours = [] if mark else ["--ppid", str(os.getpid())]
    command = ["ps", *(ours or ["-e"]), "-o", "args"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [x for x in done.stdout.splitlines() if x.startswith(EXE) and mark in x]


def test_an_exception_of_the_generator_comes_through_and_nothing_is_left(tmp_path: Path) -> None:
    before = leftovers()

    def frames() -> Iterator[np.ndarray]:
        yield from patches(5)
        raise RuntimeError("the simulation diverged")

    with pytest.raises(RuntimeError, match="diverged"):
        nbvideo(frames(), saveas=tmp_path / "x")
    assert leftovers() == before
    assert list(tmp_path.iterdir()) == []
    assert children() == []


def test_killing_ffmpeg_in_mid_stream_names_the_signal_at_once() -> None:
    before, last = leftovers(), 0

    def frames() -> Iterator[np.ndarray]:
        nonlocal last
        for last in range(10_000):
            if last == 20:
                subprocess.run(["pkill", "-KILL", "-P", str(os.getpid()), "ffmpeg"], check=True)
            yield frame

    frame = patches(1)[0]
    with pytest.raises(FFmpegError, match="SIGKILL"):
        Video(frames())
    assert last < 9_999  # not only when all had been sent
    assert leftovers() == before


def test_words_of_ffmpeg_are_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from nbimage.codecs import videos

    monkeypatch.setattr(videos, "_COLORS", "no_such_filter=1")
    with pytest.raises(FFmpegError, match="no_such_filter"):
        Video(patches(200))


def test_a_missing_encoder_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from nbimage.codecs import videos

    monkeypatch.setattr(videos, "list_encoders", lambda exe: frozenset({"libvpx"}))
    monkeypatch.setattr(ffmpeg, "list_encoders", lambda exe: frozenset({"libvpx"}))
    with pytest.raises(FFmpegError, match=r"libx264.*pip install"):
        Video(patches(2))


def test_a_missing_ffmpeg_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)
    ffmpeg.find_ffmpeg.cache_clear()
    try:
        with pytest.raises(FFmpegError, match="pip install imageio-ffmpeg"):
            Video(patches(2))
        assert Video(patches(2), format="webp", progress=False).files["webp"]
    finally:
        ffmpeg.find_ffmpeg.cache_clear()


def test_without_imageio_ffmpeg_one_on_the_path_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / ("ffmpeg.exe" if sys.platform == "win32" else "ffmpeg")
    shutil.copy(ffmpeg.find_ffmpeg(), own)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("IMAGEIO_FFMPEG_EXE", raising=False)
    ffmpeg.find_ffmpeg.cache_clear()
    try:
        assert Path(ffmpeg.find_ffmpeg()) == own
        assert Video(patches(2), progress=False).files["h264"]
    finally:
        ffmpeg.find_ffmpeg.cache_clear()


INTERRUPTED = """
import signal, sys, threading, os, time
import numpy as np
from nbimage import nbvideo
signal.signal(signal.SIGINT, signal.default_int_handler)
def frames():
    for number in range(100000):
        if number == 50:
            print("running", flush=True)
        yield np.zeros((64, 96), np.uint8)
nbvideo(frames(), saveas=sys.argv[1])
"""


def test_ctrl_c_ends_ffmpeg_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path / "x.mp4")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"running\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
    assert b"KeyboardInterrupt" in errors
    assert [path.name for path in tmp_path.rglob("*")] == ["tmp"]
    assert children(str(tmp_path)) == []


MEMORY = """
import numpy as np, resource
from nbimage import Video
def frames():
    frame = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    for number in range(600):
        yield np.roll(frame, number, 1)
video = Video(frames(), h264=40)
assert video.count == 600
peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
print(int(peak.split()[1]) // 1024)
"""


def test_a_long_generator_never_is_in_memory_as_a_whole() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 300


def test_encoding_in_several_threads_at_once_works() -> None:
    files: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: files.append(Video(patches(10)).files["h264"]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files) == 4
    assert len({len(decoded(data, (96, 64))) for data in files}) == 1


# -------------------------------------------------------------------------------- on the page


def test_the_bundle_holds_the_video_and_its_poster() -> None:
    video = Video(patches(3), title="<b>patches</b>", vp9=True)
    data, metadata = video._repr_mimebundle_()
    assert set(data) == {"text/html", "image/png", "text/plain"}
    page = data["text/html"]
    assert 'src="data:video/mp4;base64,' in page
    assert '<source src="data:video/webm;base64,' in page
    assert "<b>patches" not in page
    assert " id=" not in re.sub(r"(?s)<script>.*?</script>", "", page)
    assert "http" not in page
    assert metadata == {"image/png": {"width": 288 + 16}}  # of its figure


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("x.webm", "give vp9=31 for it"),
        ("x.gif", 'give format="gif" for it'),
        ("x.apng", 'give format="apng" for it'),
        ("x.avi", "give vp9=31 for .webm, h264=18 for .mp4"),
    ],
)
def test_a_suffix_without_a_codec_names_the_one_that_makes_it(
    tmp_path: Path, name: str, way: str
) -> None:
    with pytest.raises(ValueError, match=f"but got '.*{name}': {way}"):
        Video(np.zeros((2, 16, 16), np.uint8)).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_formats_are_named_as_in_files(tmp_path: Path) -> None:
    frames = np.zeros((2, 4, 5), np.uint8)
    for name in ("GIF", ".gif"):
        assert list(Video(frames, format=name).files) == ["gif"]  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"got 'mp4': h264=18, the default, makes .mp4$"):
        Video(frames, format="mp4")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"but got 'avi'$"):
        Video(frames, format="avi")  # type: ignore[arg-type]


def test_files_take_the_suffix_that_their_codec_asks_for(tmp_path: Path) -> None:
    video = Video(patches(3), vp8=True, vp9=True, theora=True)
    names = sorted(path.name for path in video.save(tmp_path / "run.1"))
    assert names == ["run.1.mp4", "run.1.ogv", "run.1.vp8.webm", "run.1.vp9.webm"]
    assert [path.name for path in video.save(tmp_path / "y.mp4")] == ["y.mp4"]
    with pytest.raises(ValueError, match=r"\.webm"):
        Video(patches(3)).save(tmp_path / "y.webm")


FULL = """
import resource, signal, sys
import numpy as np
from nbimage import FFmpegError, nbvideo
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
random = np.random.default_rng(0)
frames = random.integers(0, 256, (60, 128, 128), dtype=np.uint8)
try:
    nbvideo(frames, saveas=sys.argv[1])
except FFmpegError as error:
    print("refused", "SIGXFSZ" in str(error) or "too large" in str(error))
"""


def test_a_disk_that_takes_no_more_is_an_error_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "x.mp4").write_bytes(b"older")
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    command = [sys.executable, "-c", FULL, str(tmp_path / "x.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (done.stdout, done.returncode) == ("refused True\n", 0), done.stderr
    assert (tmp_path / "x.mp4").read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["tmp", "x.mp4"]


def test_a_page_may_refer_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    video = Video(patches(3))
    video.refer_to(video.save("a b.mp4"))
    assert 'src="a%20b.mp4"' in video.html
    assert "data:video" not in video.html
    with pytest.raises(ValueError, match="saveas"):
        nbvideo(patches(3), embed=False)


@pytest.mark.parametrize("codecs", [("vp8", "vp9"), ("vp9", "av1"), ("vp8", "vp9", "av1")])
@pytest.mark.parametrize("name", ["x", "x.webm", "x.v2"])
def test_a_page_refers_to_the_file_of_each_codec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codecs: tuple[str, ...], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    options: dict[str, Any] = dict.fromkeys(codecs, True)
    video = Video(patches(3), h264=None, **options)
    paths = video.save(name)
    assert len({path.read_bytes() for path in paths}) == len(set(paths)) == len(codecs)
    video.refer_to(paths)
    found = re.findall(r'src="([^"]+[.]webm)"', video.html)
    assert sorted(found) == sorted(map(str, paths))


def test_an_animation_is_referred_to_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    video = Video(patches(3), format="webp")
    video.refer_to(video.save("x"))
    assert 'src="x.webp"' in video.html
    assert "data:image/webp" not in video.html


def test_a_video_is_saved_as_a_page_of_its_own(tmp_path: Path) -> None:
    video = Video(patches(3), title="<runs>")
    (path,) = video.save(tmp_path / "x.html")
    text = path.read_text("utf-8")
    assert path.name == "x.html"
    assert text.startswith("<!DOCTYPE html>")
    assert "<title>&lt;runs&gt;</title>" in text
    assert "data:video/mp4;base64," in text
    with pytest.raises(ValueError, match="saveas must name the files that the page refers to"):
        nbvideo(patches(3), saveas=tmp_path / "y.html", embed=False)


def test_theora_alone_warns_that_browsers_do_not_play_it() -> None:
    with pytest.warns(UserWarning, match="Theora"):
        Video(patches(3), h264=None, theora=True)._repr_mimebundle_()
