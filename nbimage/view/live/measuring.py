"""Measures of large parts of an image of tiles: a page asks, and a thread answers it.

Not here: which samples are inside of a shape, and their statistics (`nbimage.view.shapes`).
"""

from __future__ import annotations

import contextvars
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np

from nbimage.arrays.metadata import Metadata
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.text import one_line
from nbimage.base.workers.steps import call_soon
from nbimage.base.workers.threads import can_start_threads
from nbimage.logs import find_log
from nbimage.view.live.messages import MeasuredPart, check_epoch, check_measure
from nbimage.view.model.view_model import ViewModel
from nbimage.view.shapes.masks import find_inside, find_slices
from nbimage.view.shapes.measures import Measure

_LOG = find_log("read")
_BAND = 1 << 20  # samples that are read at once
_MOST_MASKED = 1 << 28  # samples around a shape of which each is looked at whether it is inside
_EXACT = 2**53  # of whole numbers that a page knows


class Host(Protocol):
    """What is needed of the view's widget."""

    model: ViewModel

    @property
    def pages(self) -> tuple[str, ...]:
        """The names of the pages that show it."""

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send a message to all pages, from any thread."""


class Measuring:
    """Measures for the pages of a view: of each page the shape that it asked for last."""

    def __init__(self, live: Host) -> None:
        self._live = weakref.ref(live)
        self._latest: dict[str, int] = {}

    def begin(self, client: str, message: dict[str, Any]) -> None:
        """Measure in a thread; what the same page asked for before is left.

        Raises one of `nbimage.view.live.messages.WRONG` for what makes no sense.
        """
        live = self._live()
        if live is None:
            return
        number = check_epoch(message["number"])
        parts = check_measure(message["kind"], message["parts"], live.model)
        self._latest[client] = number
        answer = partial(self._answer, client, number, message["kind"], parts)
        if not can_start_threads():
            call_soon(answer)
            return
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(answer,), name="nbimage-measure", daemon=True).start()

    def end(self, client: str) -> None:
        """Forget a page: what it asked for is left."""
        self._latest.pop(client, None)

    def _answer(self, client: str, number: int, kind: str, parts: list[MeasuredPart]) -> None:
        def go_on() -> bool:
            live = self._live()
            here = live is not None and client in live.pages
            return here and self._latest.get(client) == number

        answer: dict[str, Any] = {"type": "measured", "client": client, "number": number}
        try:
            answer["found"] = [measure_part(kind, part, go_on) for part in parts] or None
        except Exception as error:  # each source has its own
            answer |= {"found": None, "error": one_line(error)}
            _LOG.warning("a shape of the view can't be measured: %s", answer["error"])
        live = self._live()
        if live is not None and go_on():
            live.send(answer)


def measure_part(
    kind: str, part: MeasuredPart, go_on: Callable[[], bool]
) -> list[dict[str, Any]] | None:
    """Return the statistics of each channel inside of a shape, by bands of rows.

    None where they are too many to be held, or nobody waits for them.
    """
    stack, index, points = part
    shape = stack.rows, stack.columns
    rows, columns = find_slices(kind, points, shape)
    wide, high = columns.stop - columns.start, rows.stop - rows.start
    inside = None
    if kind != "box":
        if wide * high > _MOST_MASKED:
            return None
        (rows, columns), inside = find_inside(kind, points, shape)
    channels = [Measure() for _ in range(stack.channels)]
    each = max(1, _BAND // max(1, wide * stack.channels))
    for start in range(rows.start, rows.stop, each):
        if not go_on() or not all(one.held for one in channels):
            return None
        stop = min(rows.stop, start + each)
        top, bottom = (stack.rows - stop, stack.rows - start) if stack.upward else (start, stop)
        read = stack.read(0, Box(top, bottom, columns.start, columns.stop), index)
        values = stack.as_values(read, index, Metadata())
        band = np.asarray(values.array)
        known = None if values.mask is None else ~np.asarray(values.mask)
        if stack.upward:
            band, known = band[::-1], None if known is None else known[::-1]
        own = slice(None) if inside is None else inside[start - rows.start : stop - rows.start]
        for i, one in enumerate(channels):
            one.add(_channel(band, i, own), None if known is None else _channel(known, i, own))
    return [_as_sent(one.describe()) for one in channels]


def _channel(band: Array, channel: int, own: Any) -> Array:
    found: Array = (band[..., channel] if band.ndim > 2 else band)[own]
    return found


def _as_sent(numbers: dict[str, Any]) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, int) and abs(value) > _EXACT else value
        for key, value in numbers.items()
    }
