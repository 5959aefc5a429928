"""Ticks of an axis: numbers, dates, durations or names.

At which numbers ticks stand is found in `page.ticks`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.figure.axes import ResolvedAxis, as_datetime, duration_unit
from nbimage.page.figure_model import Axis
from nbimage.page.ticks import Tick, find_fitting_level, name_ticks, number_ticks, scale_ticks


def make_axis(
    axis: ResolvedAxis, length: float, *, across: bool, lower: bool = False
) -> Axis | None:
    """Make the axis of a figure, ``length`` CSS pixels long; None if there is nothing to draw."""
    ticks = _ticks(axis, lower) if axis.shown else ()
    if not ticks and not axis.label:
        return None
    upright = across and _is_named(axis) and _fits_upright(ticks, length)
    return Axis(ticks, axis.label, upright)


def _is_named(axis: ResolvedAxis) -> bool:
    return axis.values is not None and axis.values.dtype.kind == "U"


def _ticks(axis: ResolvedAxis, lower: bool) -> tuple[Tick, ...]:
    to_positions = axis.to_positions

    def position(value: Any) -> float:
        along = (float(to_positions(np.array([value]))[0]) + 0.5) / axis.count
        return 1 - along if lower else along

    values = axis.values
    if values is None:
        return number_ticks(0, axis.count - 1, position, whole=True)
    if _is_named(axis):
        return _name_ticks(values, lower)
    if values.dtype.kind == "M":
        from nbimage.page.date_ticks import date_ticks

        ends = as_datetime(values[0]), as_datetime(values[-1])
        if ends[0] is None or ends[1] is None:
            return _name_ticks(values, lower)
        return date_ticks(ends[0], ends[1], lambda date: position(np.datetime64(date)))
    if values.dtype.kind == "m":
        low, high = (float(v.astype(np.int64)) for v in (values[0], values[-1]))
        _, factor = duration_unit(str(values.dtype), high - low)
        kind = values.dtype
        return number_ticks(
            low * factor,
            high * factor,
            lambda x: position(np.int64(round(x / factor)).view(kind)),
        )
    low, high = float(values[0]), float(values[-1])
    if values.dtype.kind == "f":
        return scale_ticks(low, high, position)  # of even ones they are even too
    if len(set(np.diff(values.astype(np.float64)).tolist())) > 1:
        uneven = scale_ticks(low, high, position)
        whole = tuple(tick for tick in uneven if "." not in tick.text)
        if len(whole) > 1:
            return whole
    return number_ticks(low, high, position, whole=True)


def _name_ticks(values: Array, lower: bool) -> tuple[Tick, ...]:
    ticks = name_ticks([str(value) for value in values])
    if not lower:
        return ticks
    return tuple(Tick(1 - tick.position, tick.text, tick.levels) for tick in ticks)


def _fits_upright(ticks: tuple[Tick, ...], length: float) -> bool:
    """Return whether names find more room when they run downwards."""
    return find_fitting_level(ticks, length, False) > find_fitting_level(ticks, length, True)
