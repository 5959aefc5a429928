"""What is shown can be sent to another process, or says in one line that it can't."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, View, open_pyramid

ARRAY = np.random.default_rng(0).random((30, 40))
SHOWN: dict[str, Callable[[], Any]] = {
    "picture": lambda: Picture(ARRAY),
    "picture with all around it": lambda: Picture(
        ARRAY, colorbar=True, overlay=("contour", ARRAY), title="t", cmap="viridis"
    ),
    "grid": lambda: Grid([ARRAY, ARRAY]),
    "video": lambda: Video(np.zeros((3, 20, 20), np.uint8)),
    "view": lambda: View(ARRAY),
}
WAYS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda shown: pickle.loads(pickle.dumps(shown)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
every_way = pytest.mark.parametrize("way", WAYS)


@every_way
@pytest.mark.parametrize("name", SHOWN)
def test_a_copy_shows_the_same(name: str, way: str) -> None:
    shown = SHOWN[name]()
    again = WAYS[way](shown)
    assert again.html == shown.html
    assert again._repr_mimebundle_() == shown._repr_mimebundle_()


@every_way
def test_a_view_of_tiles_is_refused_in_one_line(way: str) -> None:
    view = View(ARRAY, embed=False)
    with pytest.raises(TypeError, match=r"^a view of tiles must stay where it was made, [^\n]+$"):
        WAYS[way](view)


def test_a_pyramid_that_is_closed_stays_closed() -> None:
    pyramid = open_pyramid(ARRAY)
    pyramid.close()
    with pytest.raises(ValueError, match="is closed"):
        pickle.loads(pickle.dumps(pyramid)).read(0)


def test_what_was_changed_in_a_private_map_is_in_the_pickle(tmp_path: Any) -> None:
    np.save(tmp_path / "a.npy", ARRAY)
    array = np.load(tmp_path / "a.npy", mmap_mode="c")
    array[3, 4] = 7
    with open_pyramid(array) as pyramid, pickle.loads(pickle.dumps(pyramid)) as again:
        assert again.read(0)[3, 4] == 7
