"""A video's path, and its frames, are taken at every door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from nbimage import Grid, Picture, Video, View, data_uri, encode, frames, open_pyramid, write_tiff
from nbimage.cli.main import main
from nbimage.codecs.clips import pyav_reader, video_frames
from nbimage.grids import items
from nbimage.pyramid.levels import limit_samples
from tests.clips import decode_all, make_clip
from tests.web_server import serving


@pytest.fixture(autouse=True)
def _without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyav_reader, "find_av", lambda: None)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clips"), "uneven.mp4", 20)


@pytest.fixture(scope="module")
def known(clip: Path) -> Any:
    return decode_all(clip, (0, 48, 64, 3))


def test_a_pyramid_has_its_frames_and_times(clip: Path, known: Any) -> None:
    with open_pyramid(clip) as pyramid:
        assert pyramid.axes == (("time", len(known)),) and pyramid.channels == 3
        assert np.array_equal(pyramid.read(0, index=(7,)), known[7])
        along = pyramid.metadata.coordinates[0]
        assert along is not None and along.label == "time [s]"
        assert np.allclose(along.listed(len(known)), frames(clip).times)  # type: ignore[arg-type]
    of_frames = open_pyramid(frames(clip))
    assert of_frames.axes == pyramid.axes


@pytest.mark.parametrize("embed", [True, False])
def test_a_view_goes_along_its_times(clip: Path, known: Any, embed: bool) -> None:
    view = View(clip, embed=embed)
    (axis,) = view.model.config["axes"]
    assert axis["name"] == "time [s]" and axis["size"] == len(known)
    assert axis["labels"][:2] == ["0", f"{frames(clip).times[1]:.6g}"]
    view.model.close()


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "avif"])
def test_a_view_goes_along_an_animation(suffix: str, embed: bool, tmp_path: Path) -> None:
    path = make_animation(tmp_path / f"a.{suffix}")
    view = View(path, embed=embed)
    (axis,), (image,) = view.model.config["axes"], view.model.images
    assert axis["name"] == "time [s]" and axis["labels"] == ["0", "0.1", "0.3"]
    for number in range(3):
        assert image.stack.plane((number,)).array[0, 0, 0] == pytest.approx(80 * number, abs=3)
    view.model.close()
    assert Picture(path).render()[0, 0, 0] == pytest.approx(0, abs=3)
    with open_pyramid(path) as pyramid, open_pyramid(frames(path)) as whole:
        assert pyramid.axes == () and whole.axes == (("time", 3),)


def test_a_view_goes_along_animations_that_are_compared_or_served(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    path = make_animation(tmp_path / "a.gif")
    for data in ([path, path], {"a": str(path)}):
        assert View(data).model.config["axes"][0]["size"] == 3
    assert main(["view", str(path), "--export", str(tmp_path / "view")]) == 0
    assert len(list((tmp_path / "view" / "tiles").glob("*/*.dzi"))) == 3
    with serving(tmp_path) as server:
        view = View(f"{server.address}/a.gif", embed=False)
        assert view.model.config["axes"][0]["labels"] == ["0", "0.1", "0.3"]
        view.model.close()


def test_a_picture_of_one_frame_is_no_animation(tmp_path: Path) -> None:
    for name in ("a.gif", "a.png", "a.webp"):
        Image.new("L", (8, 6), 7).save(tmp_path / name)
        assert View(tmp_path / name).model.config["axes"] == []
    (tmp_path / "other.gif").write_bytes((tmp_path / "a.png").read_bytes())
    assert View(tmp_path / "other.gif").model.config["axes"] == []


def make_animation(path: Path) -> Path:
    first, *more = [Image.new("RGB", (8, 6), (80 * n, 9, 9)) for n in range(3)]
    options: dict[str, Any] = {"lossless": True} if path.suffix == ".webp" else {}
    first.save(path, save_all=True, append_images=more, duration=[100, 200, 300], **options)
    return path


def test_a_view_decodes_what_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_clip(tmp_path, "long.mp4", 60)
    monkeypatch.setattr(limit_samples, "_FEW_BYTES", 0)  # as of a large one
    read = []
    plain = video_frames.VideoFrames._read

    def note(self: Any, number: int) -> Any:
        read.append(number)
        return plain(self, number)

    monkeypatch.setattr(video_frames.VideoFrames, "_read", note)
    with open_pyramid(path) as pyramid:
        pyramid.read(0, index=(5,))
    assert read == [5]
    view = View(path, embed=False)
    view.model.close()
    assert len(set(read)) < 10


@pytest.mark.parametrize("door", [Picture, encode, data_uri])
def test_one_picture_is_not_made_of_many_frames(door: Any, clip: Path) -> None:
    words = r"is a video of \d+ frames, not one image: nbvideo and nbview show it, frames\(path\)"
    with pytest.raises(ValueError, match=words):
        door(clip)


def test_a_grid_shows_its_frames(clip: Path, known: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (clip, frames(clip)):
        pictures: Any = Grid(data).pictures
        assert len(pictures) == len(known)
        assert np.array_equal(pictures[3].render(), known[3])
    assert len(Grid(frames(clip)[::3]).pictures) == -(-len(known) // 3)
    monkeypatch.setattr(items, "_MOST_FRAMES", 5)
    with pytest.raises(ValueError, match=r"fewer frames, but uneven\.mp4 has \d+: pick some, such"):
        Grid(clip)


def test_it_is_written_as_other_files(clip: Path, known: Any, tmp_path: Path) -> None:
    write_tiff(clip, tmp_path / "a.tif")
    assert np.array_equal(tifffile.imread(tmp_path / "a.tif"), known)


def test_the_command_line_says_what_it_is(
    clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", str(clip)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"video: h264 (yuv420p), {len(frames(clip))} frames, ")
    assert "axes: time" in said
    assert main(["view", str(clip), "--export", str(tmp_path / "view")]) == 0
    assert (tmp_path / "view" / "index.html").is_file()
    assert main(["video", str(clip), str(tmp_path / "a.webm")]) == 0
    with frames(tmp_path / "a.webm") as video:
        assert video.codec == "vp9"


def test_stored_frames_are_not_turned(tmp_path: Path) -> None:
    turned = make_clip(tmp_path, "turned.mp4", 6)
    for orientation, shape in ((True, (64, 48)), (False, (48, 64))):
        with open_pyramid(turned, orientation=orientation) as pyramid:
            assert pyramid.shapes[0] == shape
        assert Video(turned, orientation=orientation).size == shape[::-1]


def test_a_file_at_an_address_is_fetched(clip: Path, known: Any) -> None:
    pytest.importorskip("aiohttp")
    with serving(clip.parent) as server:
        with frames(f"{server.address}/uneven.mp4") as video:
            assert np.array_equal(video[4], known[4])
            copy = Path(video.path)
        with open_pyramid(f"{server.address}/uneven.mp4") as pyramid:
            assert pyramid.axes == (("time", len(known)),)
        assert Video(f"{server.address}/uneven.mp4").size == (64, 48)
    del video
    assert not copy.exists()
