"""What a notebook keeps of a live view: tiles of the newest data alone, and no noise at the end."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from nbimage import View
from nbimage.view.live.kept_tiles import KeptTiles
from nbimage.view.live.tile_scheduler import ClosedError, TileScheduler

GRAY = np.random.default_rng(5).integers(0, 256, (300, 400), dtype=np.uint8)


def test_tiles_of_earlier_data_are_not_kept() -> None:
    view = View(GRAY, embed=False)
    with TileScheduler(view.model.tiled) as scheduler:
        kept = KeptTiles(view.model, 10**6)
        before = kept.collect(scheduler, at_once=True)["kept"][0]
        assert len(before) == 5
        kept.forget(1)
        assert kept.collect(scheduler, at_once=True)["kept"][0] == {}  # all are of the first data
        scheduler.renew(view.model.tiled, 1)
        assert kept.collect(scheduler, at_once=True)["kept"][0].keys() == before.keys()


def test_new_data_while_tiles_are_collected_leave_none_behind(monkeypatch: Any) -> None:
    view = View(GRAY, embed=False)
    with TileScheduler(view.model.tiled) as scheduler:
        kept = KeptTiles(view.model, 10**6)
        used = kept._used

        def replace(given: TileScheduler) -> Any:
            found = used(given)
            kept.forget(1)
            return found

        monkeypatch.setattr(kept, "_used", replace)
        kept.collect(scheduler, at_once=True)
        assert kept._texts == {}


def test_a_page_that_goes_while_tiles_are_collected_is_no_error(monkeypatch: Any) -> None:
    problems: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", problems.append)
    view = View(GRAY, embed=False)
    scheduler = TileScheduler(view.model.tiled)
    kept = KeptTiles(view.model, 10**6)
    published: list[Any] = []
    kept.begin("a", 0, lambda: scheduler, published.append)
    scheduler.close()
    with pytest.raises(ClosedError):
        kept.collect(scheduler)
    monkeypatch.setattr("nbimage.view.live.kept_tiles.REST", 0.0)
    monkeypatch.setattr("nbimage.view.live.kept_tiles._APART", 0.0)
    rested = threading.Event()
    come_to_rest = kept._come_to_rest

    def come() -> None:
        try:
            come_to_rest()
        finally:
            rested.set()

    monkeypatch.setattr(kept, "_come_to_rest", come)
    kept.note()
    assert rested.wait(60)
    for thread in threading.enumerate():
        if thread.name == "nbimage-keeper":
            thread.join(60)
    assert not problems and not published
