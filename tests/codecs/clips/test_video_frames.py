"""Frames of video files: each is the one that ffmpeg decodes, wherever reading begins."""

from __future__ import annotations

import gc
import os
import pickle
import random
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import dask.array
import numpy as np
import pytest
from PIL import Image

from nbimage import Video, frames
from nbimage.codecs.clips import pyav_reader, video_frames
from tests.clips import ALL, check_any_frame, decode_all, make_clip, make_frames
from tests.forking import Child, needs_fork


@pytest.fixture(autouse=True)
def _without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyav_reader, "find_av", lambda: None)


@pytest.mark.parametrize("name", ALL)
def test_frames_are_those_that_ffmpeg_decodes(name: str, folder: Path) -> None:
    path = make_clip(folder, name)
    with frames(path) as video:
        known = decode_all(path, video.shape)
        assert video.shape == known.shape
        assert np.array_equal(np.asarray(video), known)
        count = len(video)
        for number in (count - 1, count // 2, count // 2 - 1, count // 3, 0, count - 2):
            video._cache.clear()
            assert np.array_equal(video[number], known[number]), number


def test_any_frame_of_a_long_group_is_found(folder: Path) -> None:
    (folder / "300").mkdir()
    long = make_clip(folder / "300", "long.mp4", 300)
    with frames(long) as video:
        assert list(video.index.keys) == [0, 250]
        check_any_frame(video, decode_all(long, video.shape))


def test_numbers_slices_and_lists_pick_as_of_an_array(folder: Path) -> None:
    with frames(make_clip(folder, "open.mp4")) as video:
        known = np.asarray(video)
        mask = np.arange(60) % 7 == 0
        for index in (
            *(5, -1, np.int64(7), slice(None, None, 25), slice(50, 10, -9), slice(7, 7)),
            *([3, 40, 3, -2], np.array([9, 1]), mask, [], ..., (..., 0), (4, ..., slice(1, 3))),
            *((slice(2, 5), slice(None, None, -1), 3), ([1, 2], slice(4, 9), 5, 2), (-1, 0, 0, 0)),
        ):
            found = video[index]
            assert found.shape == known[index].shape
            assert np.array_equal(found, known[index]), index
        assert [np.array_equal(a, b) for a, b in zip(video, known, strict=True)] == [True] * 60
        for wrong in (60, -61, (0, [1], 2), 1.5, None, (0, 0, 0, 0, 0), [[1]], True, [60]):
            with pytest.raises(IndexError):
                video[wrong]
        own = video[3]
        own[:] = 0
        assert np.array_equal(video[3], known[3])


def test_what_the_file_says_is_told(folder: Path) -> None:
    with frames(make_clip(folder, "rare.mkv")) as video:
        assert video.fps == Fraction(24000, 1001)
        assert video.codec == "h264" and video.pixel_format == "yuv420p"
        assert (video.dtype, video.ndim, video.size) == (np.uint8, 4, video.nbytes)
    with frames(make_clip(folder, "uneven.mp4")) as video:
        steps = np.unique(np.diff(video.times).round(3))
        assert video.times[0] == 0 and len(steps) > 1
        assert abs(len(video) / video.fps - video.duration) < 1e-3
    with frames(make_clip(folder, "wide.mkv")) as video:
        assert video.pixel_aspect == Fraction(4, 3) and video.shape[1:] == (48, 64, 3)
    turned = make_clip(folder, "turned.mp4")
    with frames(turned) as video, frames(turned, orientation=False) as stored:
        assert video.shape[1:] == (64, 48, 3) and stored.shape[1:] == (48, 64, 3)
        assert np.array_equal(stored[9], frames(make_clip(folder, "open.mp4"))[9])


@pytest.mark.parametrize("name", ["h264", "vp9", "vp8", "av1", "theora"])
def test_what_videos_are_encoded_as_is_read(name: str, tmp_path: Path) -> None:
    data = make_frames()
    codecs: Any = {"h264": None, name: True}
    (path,) = Video(data, **codecs, fps=10, progress=False).save(tmp_path / "clip")
    with frames(path) as video:
        assert len(video) == len(data) and video.fps == 10
        height, width = video.shape[1:3]
        shown = video[:, :: height // 48, :: width // 64].astype(int)
        assert np.abs(shown - data).mean() < 12


@pytest.mark.parametrize(
    ("suffix", "alpha"),
    [("gif", False), ("gif", True), ("apng", True), ("webp", False), ("avif", True)],
)
def test_animations_are_read_too(suffix: str, alpha: bool, tmp_path: Path) -> None:
    mode = "RGBA" if alpha else "RGB"
    pictures = [
        Image.new(mode, (20, 10), (255 * (n % 2), 40 * n, 0, 255)[: 3 + alpha]) for n in range(5)
    ]
    for picture in pictures if alpha else ():
        picture.paste((0, 0, 0, 0), (0, 0, 10, 10))
    options: dict[str, Any] = {"webp": {"lossless": True}, "gif": {"disposal": 2}}.get(suffix, {})
    path = tmp_path / f"a.{suffix}"
    save: Any = pictures[0].save
    save(path, save_all=True, append_images=pictures[1:], duration=[40, 40, 200, 40, 40], **options)
    with frames(path) as video:
        assert video.shape == (5, 10, 20, 4 if alpha else 3)
        assert np.allclose(video.times, [0, 0.04, 0.08, 0.28, 0.32])
        for number in (4, 1, 3):
            pixel, wanted = video[number, 5, 15], np.array(pictures[number].getpixel((15, 5)))
            assert np.abs(pixel.astype(int) - wanted).max() <= (40 if suffix == "avif" else 4)
            assert not alpha or video[number, 5, 5, 3] == 0


@pytest.mark.parametrize("suffix", ["webp", "png"])
@pytest.mark.parametrize("orientation", [3, 6])
def test_frames_of_an_animation_are_turned(suffix: str, orientation: int, tmp_path: Path) -> None:
    pixels, exif = make_frames(3)[:, :20, :30], Image.Exif()
    exif[0x0112] = orientation
    path, (first, *more) = tmp_path / f"a.{suffix}", map(Image.fromarray, pixels)
    options: dict[str, Any] = {"lossless": True} if suffix == "webp" else {}
    first.save(path, save_all=True, append_images=more, exif=exif, **options)
    turned = np.rot90(pixels, {3: 2, 6: -1}[orientation], (1, 2))
    for upright, known in ((True, turned), (False, pixels)):
        with frames(path, orientation=upright) as video:
            assert video.shape == known.shape
            assert np.array_equal(np.asarray(video), known)


def test_memory_is_bounded_and_order_costs_one_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_frames, "_CACHED", 5 * 48 * 64 * 3)
    begun = []
    start = video_frames.VideoFrames._start

    def count(self: Any, *arguments: Any) -> None:
        begun.append(arguments)
        start(self, *arguments)

    monkeypatch.setattr(video_frames.VideoFrames, "_start", count)
    with frames(make_clip(folder, "long.mp4")) as video:
        for _ in video:
            assert len(video._cache) <= 5
        assert len(begun) == 1
        np.asarray(video)
        video[::10]
        assert len(begun) == 3
        begun.clear()
        for number in range(40, 20, -1):  # backward, a few are kept on the way
            video[number]
        assert len(begun) < 14


def test_it_is_pickled_and_read_by_dask(folder: Path) -> None:
    with frames(make_clip(folder, "open.mp4")) as video:
        again = pickle.loads(pickle.dumps(video))
        assert np.array_equal(again[33], video[33])
        lazy: Any = dask.array.from_array(video, chunks=(20, -1, -1, -1))  # type: ignore[no-untyped-call]
        assert np.array_equal(lazy[10:50:3].compute(), video[10:50:3])
        again.close()


def test_threads_read_at_once(folder: Path) -> None:
    with frames(make_clip(folder, "open.mp4")) as video:
        known, wrong = np.asarray(video), []

        def read(seed: int) -> None:
            chosen = random.Random(seed)
            for _ in range(6):
                number = chosen.randrange(60)
                if not np.array_equal(video[number], known[number]):
                    wrong.append(number)

        video._cache.clear()
        threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(sys.platform == "win32", reason="processes are told by signals")
def test_no_process_is_left(folder: Path) -> None:
    path = make_clip(folder, "long.mp4")

    def begin() -> tuple[Any, int]:
        video = frames(path)
        video[3]
        reader: Any = video._reader
        assert _is_running(reader.process_id)
        return video, reader.process_id

    video, process = begin()
    video.close()
    assert not _is_running(process)
    with pytest.raises(ValueError, match=r"long\.mp4 is closed"):
        video[3]
    video, process = begin()
    del video
    gc.collect()
    assert not _is_running(process)
    script = (
        "import sys; from nbimage import frames; from nbimage.codecs.clips import pyav_reader\n"
        "pyav_reader.find_av = lambda: None\n"
        f"v = frames({str(path)!r}); v[3]; print(v._reader.process_id)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert not _is_running(int(done.stdout))


def test_an_interrupted_read_ends_the_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with frames(make_clip(folder, "long.mp4")) as video:
        known = video[20]
        reader: Any = video._reader

        def interrupt(*_: Any) -> Any:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(video, "_take", interrupt)
            with pytest.raises(KeyboardInterrupt):
                video[30]
        assert video._reader is None
        assert not _is_running(reader.process_id)
        video._cache.clear()
        assert np.array_equal(video[20], known)


@needs_fork
def test_a_forked_process_has_a_decoder_of_its_own(folder: Path) -> None:
    with frames(make_clip(folder, "long.mp4")) as video:
        known = np.asarray(frames(video.path))
        video[3]
        with Child(lambda: [int(video[n].sum()) for n in (4, 40, 5)]) as child:
            sums = child.result()
        assert sums == [int(known[n].sum()) for n in (4, 40, 5)]
        assert np.array_equal(video[4], known[4])


def test_what_is_not_whole_is_one_line(folder: Path, tmp_path: Path) -> None:
    data = make_clip(folder, "long.mp4").read_bytes()
    for name, content in {
        "cut.mp4": data[: len(data) // 2],
        "cut.webm": make_clip(folder, "vp8.webm").read_bytes()[:-3000],
        "text.mp4": b"no video",
        "empty.mp4": b"",
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"^{name} must be a whole video, but[^\n]+$"):
            frames(path)
    with pytest.raises(FileNotFoundError, match=r"no such file or folder: '[^\n]*none\.mp4'"):
        frames(tmp_path / "none.mp4")


def test_audio_alone_is_refused(tmp_path: Path) -> None:
    from tests.clips import run

    path = tmp_path / "song.mp4"
    run("-f", "lavfi", "-i", "sine=duration=0.2", str(path))
    with pytest.raises(ValueError, match=r"^song\.mp4 must hold a video, but holds none: audio"):
        frames(path)


def test_a_frame_that_is_lost_is_an_error_and_no_other_frame(tmp_path: Path) -> None:
    path = make_clip(tmp_path, "mpeg2.ts", 60)
    video = frames(path)
    known = np.asarray(video)
    ticks = np.insert(video.index.ticks, 30, video.index.ticks[29] + 1)
    keys = video.index.keys + (video.index.keys >= 30)
    from dataclasses import replace

    video.index = replace(video.index, ticks=ticks, keys=keys)
    video._cache.clear()
    with pytest.raises(ValueError, match=r"^mpeg2\.ts must be whole, but frame 30 can't be dec"):
        video[30]
    assert np.array_equal(video[31], known[30])
    video.close()


def test_a_file_that_was_written_again_is_not_read_by_the_old_index(tmp_path: Path) -> None:
    path = make_clip(tmp_path, "long.mp4", 10)
    with frames(path) as video:
        path.write_bytes(path.read_bytes() + b"\0")
        with pytest.raises(ValueError, match=r"long\.mp4 has changed since it was opened"):
            video[1]
