"""New data for a live view: what fits, what a page gets, and what is dropped."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import xarray
from PIL import Image as Pillow

from nbimage import View
from nbimage.base.box import Box
from nbimage.view.model.tiled_image import TileAddress
from tests.view.live.test_widget import Page, live

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(12)
GRAY = RANDOM.integers(0, 256, (300, 400), dtype=np.uint8)
DRAWN = [(0, 1, 0, 0), (0, 0, 0, 0), (0, 0, 1, 1)]


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """No thread goes on after the views are closed."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith("nbimage-"):
            thread.join(60)
            assert not thread.is_alive()


def drawn(page: Page, generation: int, *tiles: Any) -> None:
    requests = [{"image": 0, "tiles": [list(tile) for tile in tiles]}]
    page.tell({"type": "drawn", "generation": generation, "requests": requests})


def samples(data: bytes, dtype: str, shape: tuple[int, int]) -> Array:
    planes = np.asarray(Pillow.open(io.BytesIO(data))).reshape(-1, *shape)
    stacked = np.ascontiguousarray(np.moveaxis(planes, 0, 2))
    return stacked.view(np.dtype(dtype).newbyteorder(">"))[..., 0]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, bool])
def test_a_page_gets_the_tiles_of_new_data_that_it_has_drawn_before(dtype: Any) -> None:
    view = live(GRAY.astype(dtype))
    page = Page(view)
    view.data = GRAY[::-1].astype(dtype)
    page.wait("data")
    drawn(page, 1, *DRAWN)
    newest = (GRAY[:, ::-1] // 2).astype(dtype)
    view.data = newest
    message, buffers = page.wait("data", 2)[1]
    assert message["generation"] == 2
    assert [tile["address"] for tile in message["tiles"]] == [list(one) for one in DRAWN]
    assert {tile["generation"] for tile in message["tiles"]} == {2}
    kept = samples(buffers[1], message["tiles"][1]["dtype"], (256, 256))
    np.testing.assert_array_equal(kept, newest[:256, :256])
    assert view.data is newest
    view.close()


def test_a_page_that_has_not_drawn_gets_the_newest_data_later_and_the_rest_is_dropped() -> None:
    view = live(GRAY)
    page = Page(view)
    for count in (1, 2):  # which are on the way at once
        view.data = GRAY
        page.wait("data", count)
    for _ in range(7):
        view.data = GRAY
    assert len(page.of("data")) == 2
    drawn(page, 1, *DRAWN)
    assert page.wait("data", 3)[2][0]["generation"] == 9
    assert view.dropped == 6
    view.close()


def test_what_was_requested_before_comes_of_its_own_data_or_of_newer_ones() -> None:
    view = live(GRAY)
    page = Page(view)
    view.data = GRAY // 2
    page.want(1, (0, 0, 0, 0))
    [(tile, [data])] = page.wait("tile")
    assert tile["generation"] == 1
    np.testing.assert_array_equal(samples(data, "uint8", (256, 256)), GRAY[:256, :256] // 2)
    again = Page(view, "second")
    assert again.of("hello")[-1][0]["generation"] == 1
    view.close()


@pytest.mark.parametrize(("names", "axis"), [("tyx", 0), ("ztyx", 1), ("yxt", 2), ("zyx", 0)])
def test_a_frame_is_the_last_plane_of_the_axis_of_time(names: str, axis: int) -> None:
    sizes = {"t": 3, "z": 2, "y": 20, "x": 30}
    array = RANDOM.integers(0, 99, [sizes[name] for name in names], dtype=np.int16)
    view = live(array, axes=names)
    name = "t" if "t" in names else "z"
    expected = array
    for keep, count in ((None, array.shape[axis]), (5, 5), (5, 5), (2, 2), (1, 1), (4, 2)):
        frame = RANDOM.integers(0, 99, array.take(0, axis).shape, dtype=np.int16)
        view.append(frame, max_planes=keep)
        expected = np.concatenate([expected, np.expand_dims(frame, axis)], axis)
        expected = expected.take(range(-min(count, expected.shape[axis]), 0), axis)
        np.testing.assert_array_equal(view.data, expected)
        assert view.state["index"][name] == view.data.shape[axis] - 1
        sizes_of = {one["name"]: one["size"] for one in view.model.config["axes"]}
        assert sizes_of[name] == view.data.shape[axis]
    rest = {one: 0 for one in names if one not in ("y", "x")} | {name: view.data.shape[axis] - 1}
    stack = view.model.tiled[0]
    read = stack.plane([rest[one] for one in stack.names])
    order = [names.index(one) for one in stack.names]
    picked = np.moveaxis(view.data, order, range(len(order)))[
        tuple(rest[one] for one in stack.names)
    ]
    np.testing.assert_array_equal(np.asarray(read.array), picked)
    view.close()


def test_what_is_kept_does_not_grow() -> None:
    view = live(GRAY[None], axes="tyx")
    for number in range(300):
        view.append(np.full_like(GRAY, number % 256), max_planes=10)
    np.testing.assert_array_equal(view.data[:, 0, 0], np.arange(290, 300) % 256)
    assert view._frames is not None
    assert view._frames._buffer.nbytes <= 30 * GRAY.nbytes
    view.close()


def test_the_callers_arrays_stay_as_they_are_and_a_frame_may_be_filled_again() -> None:
    array, frame = np.zeros((2, 20, 30), np.uint8), np.ones((20, 30), np.uint8)
    view = live(array, axes="tyx")
    view.append(frame)
    frame[:] = 9
    view.append(frame)
    np.testing.assert_array_equal(view.data[:, 0, 0], [1, 9])
    assert not array.any()
    view.close()


def test_frames_come_from_any_thread() -> None:
    view = live(np.zeros((1, 64, 64), np.uint16), axes="tyx")
    page = Page(view)

    def film(camera: int) -> None:
        for number in range(50):
            view.append(np.full((64, 64), 1000 * camera + number, np.uint16), max_planes=200)

    cameras = [threading.Thread(target=film, args=(camera,)) for camera in range(4)]
    for camera in cameras:
        camera.start()
    for camera in cameras:
        camera.join()
    assert len(view.data) == 200
    found = view.data[1:, 0, 0].tolist()
    for camera in range(4):
        own = [one for one in found if one // 1000 == camera]
        assert own == sorted(own)
    page.wait("data")
    view.close()


def test_limits_stay_or_follow() -> None:
    view = live(GRAY[None].astype(np.float32), vmin=0, vmax=100, axes="tyx")
    view.append(np.full_like(GRAY, 7, np.float32))
    assert view.state["displays"][0]["limits"] == [[0, 100]]
    view.follow = True
    view.append(np.linspace(-5, 30, GRAY.size, dtype=np.float32).reshape(GRAY.shape))
    assert view.state["displays"][0]["limits"] == [[-5, 30]]
    view.data = np.stack([GRAY * 2.0]).astype(np.float32)
    assert view.state["displays"][0]["limits"] == [[0, 2 * int(GRAY.max())]]
    view.close()


def test_a_projection_along_time_goes_on_with_it() -> None:
    first = {"projections": {"t": "max"}}
    view = live(GRAY[None].repeat(3, 0), axes="tyx", state=first)
    view.append(GRAY, max_planes=6)
    assert view.state["projections"] == {"t": ["max", 0, 3]}
    view.model.update_state({"projections": [{"kind": "max", "first": 1, "last": 2}]})
    view.append(GRAY, max_planes=6)
    assert view.state["projections"] == {"t": ["max", 3, 4]}
    view.close()


def test_the_labels_of_planes_that_went_are_gone() -> None:
    times = xarray.DataArray(
        np.zeros((2, 20, 30)), dims=("time", "y", "x"), coords={"time": ["a", "b"]}
    )
    view = live(times)
    assert view.model.config["axes"][0]["labels"] == ["a", "b"]
    view.append(np.ones((20, 30)), max_planes=3)
    assert view.model.config["axes"][0]["labels"] == []
    view.close()


def test_several_images_are_replaced_together() -> None:
    view = live({"a": GRAY, "b": GRAY}, shared=False)
    view.follow = True
    view.data = {"a": GRAY // 2, "b": GRAY // 3}
    low_high = [display["limits"] for display in view.state["displays"]]
    assert low_high == [[[0, 127]], [[0, 85]]]
    view.close()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda v: setattr(v, "data", GRAY[None, :-1]), "shape (1, 300, 400) as before, but got"),
        (
            lambda v: setattr(v, "data", GRAY[None] * 1.0),
            "a dtype as uint8 before, but got float64",
        ),
        (lambda v: setattr(v, "data", [GRAY[None]] * 2), "data must be of 1 image as before"),
        (lambda v: v.append(GRAY[:-1]), "frame must have the shape (300, 400) as before"),
        (lambda v: v.append(GRAY.astype(np.uint16)), "frame must be of uint8 as before"),
        (
            lambda v: v.append(GRAY, max_planes=0),
            "max_planes must be a whole number from 1 on, but got 0",
        ),
        (
            lambda v: v.append(GRAY, max_planes=1.5),
            "max_planes must be a whole number from 1 on, but got 1.5",
        ),
    ],
)
def test_what_does_not_fit_is_an_error_in_one_line(change: Any, message: str) -> None:
    view = live(GRAY[None], axes="tyx")
    with pytest.raises((TypeError, ValueError), match=re.escape(message)) as raised:
        change(view)
    assert "\n" not in str(raised.value)
    assert view.data.shape == (1, 300, 400)
    view.close()


def test_an_error_says_the_way_out_where_there_can_be_no_new_data() -> None:
    with pytest.raises(ValueError, match="embed=False"):
        View(GRAY).data = GRAY
    with pytest.raises(ValueError, match="embed=False"):
        View(GRAY[None]).append(GRAY)
    view = live(GRAY)
    with pytest.raises(ValueError, match=re.escape('give View(array[None], axes="tyx"')):
        view.append(GRAY)
    view.close()


# Masks


def test_a_mask_is_of_the_data_it_came_with() -> None:
    values = np.arange(600, dtype=np.float32).reshape(20, 30)
    masked = np.ma.masked_less(values, 100)
    view = live(masked)
    box = Box(0, 20, 0, 30)
    for data in (values, masked, values + 5):
        view.data = data
        shown = view.model.tiled[0].read(0, box, ())
        np.testing.assert_array_equal(shown, np.ma.filled(data, np.nan))
    view.close()


def test_masked_values_of_a_frame_are_missing_or_an_error() -> None:
    view = live(np.zeros((1, 20, 30), np.float32), axes="tyx")
    view.append(np.ma.masked_less(np.arange(600, dtype=np.float32).reshape(20, 30), 100))
    assert np.isnan(view.data).sum() == 100
    view.close()
    view = live(GRAY[None], axes="tyx")
    with pytest.raises(TypeError, match="frame must have all its values, but some of uint8"):
        view.append(np.ma.masked_less(GRAY, 100))
    view.append(np.ma.masked_greater(GRAY, 255))
    view.close()
    view = live(np.ma.masked_less(GRAY, 100)[None], axes="tyx")
    with pytest.raises(ValueError, match="without a mask: give floats with NaN"):
        view.append(GRAY)
    view.close()


def test_dates_are_replaced_by_dates_that_are_counted_alike() -> None:
    days = np.arange(600).reshape(1, 20, 30).astype("datetime64[D]")
    view = live(days, axes="tyx")
    view.data = days + 100
    shown = view.model.tiled[0].read(0, Box(0, 20, 0, 30), (0,))
    np.testing.assert_array_equal(shown, np.arange(100, 700).reshape(20, 30))
    with pytest.raises(TypeError, match=r"datetime64\[D\] as before, but got datetime64\[s\]$"):
        view.data = days.astype("datetime64[s]")
    with pytest.raises(TypeError, match=r"datetime64\[D\] as before, but got int64$"):
        view.data = days.astype(np.int64)
    with pytest.raises(ValueError, match=r"must be of a view of numbers.*: set view\.data$"):
        view.append(days[0])
    assert view.data.dtype == days.dtype
    view.close()


# The thread


def test_room_is_made_for_planes_as_they_come() -> None:
    view = live(GRAY[None], axes="tyx")
    for number in range(50):
        view.append(np.full_like(GRAY, number), max_planes=10**15)
    np.testing.assert_array_equal(view.data[1:, 0, 0], np.arange(50))
    assert view._frames is not None
    assert view._frames._buffer.nbytes <= 100 * GRAY.nbytes
    view.close()


def test_data_go_on_when_a_page_leaves_while_they_are_sent() -> None:
    view = live(GRAY)
    page, other = Page(view, "one"), Page(view, "two")
    view.data = GRAY
    assert view._live is not None
    stream = view._live.stream
    page.wait("data")
    other.tell({"type": "bye"})
    stream._send("two")
    drawn(page, 1)
    view.data = GRAY
    assert page.wait("data", 3)[-1][0]["generation"] == 2
    view.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_fails_is_followed_by_another_one(monkeypatch: Any) -> None:
    view = live(GRAY)
    page = Page(view)
    assert view._live is not None
    failing = view._live
    with monkeypatch.context() as patch:
        patch.setattr(failing, "describe_data", lambda *_: {}["it fails"])
        view.data = GRAY
        failed = failing.stream._thread
        if failed is not None:
            failed.join(60)
    view.data = GRAY
    assert page.wait("data")[0][0]["generation"] == 2
    view.close()


def test_tiles_of_a_snapshot_are_of_its_data_whatever_comes_meanwhile() -> None:
    view = live(GRAY)
    page = Page(view)
    page.want(1, (0, 0, 0, 0))
    page.wait("tile")
    scheduler = view._live.scheduler  # type: ignore[union-attr]
    assert scheduler is not None
    before, address = scheduler.snapshot(), TileAddress(0, 0, 0, 0)
    view.data = GRAY // 2
    for snapshot, expected in ((before, GRAY), (None, GRAY // 2), (before, GRAY)):
        tile = scheduler.tile(0, address, snapshot)
        np.testing.assert_array_equal(samples(tile.data, "uint8", (256, 256)), expected[:256, :256])
        assert tile.generation == (0 if snapshot else 1)
    view.close()


def test_a_page_gets_the_coarsest_tile_of_a_frame_before_it_has_drawn_any() -> None:
    view = live(GRAY[None], axes="tyx")
    page = Page(view)
    view.append(GRAY // 2, max_planes=4)
    message, _ = page.wait("data")[0]
    assert [tile["address"] for tile in message["tiles"]] == [[1, 1, 0, 0]]
    view.append(GRAY // 3, max_planes=4)
    page.wait("data", 2)
    drawn(page, 1, (1, 1, 0, 0), (1, 0, 0, 0))  # Python is further by now
    view.append(GRAY, max_planes=4)
    message, _ = page.wait("data", 3)[2]
    assert [tile["address"] for tile in message["tiles"]] == [[3, 1, 0, 0], [3, 0, 0, 0]]
    view.close()
