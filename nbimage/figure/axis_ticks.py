"""Ticks of an axis: numbers, dates, durations or names.

At which numbers ticks stand is found in `page.ticks`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.figure.axes import ResolvedAxis, as_datetime, duration_unit
from nbimage.page.figure_model import Axis
from nbimage.page.ticks.levels import TURNED, Tick, find_fitting_level, name_ticks, split_prefix
from nbimage.page.ticks.numbers import degree_ticks, number_ticks, scale_ticks

_ALIKE = 0.02  # scales that differ by less look alike, such as those of (0, 18) and (0, 12)


def make_axes(
    x: ResolvedAxis, y: ResolvedAxis, width: float, height: float, *, lower: bool = False
) -> tuple[Axis | None, Axis | None]:
    """Make the axes of a figure of this size in CSS pixels, of one step where that is possible."""
    span = _common_span(x, y, width, height)
    return (
        make_axis(x, width, across=True, span=span),
        make_axis(y, height, across=False, lower=lower, span=span),
    )


def make_axis(
    axis: ResolvedAxis,
    length: float,
    *,
    across: bool,
    lower: bool = False,
    span: float | None = None,
) -> Axis | None:
    """Make the axis of a figure, ``length`` CSS pixels long; None if there is nothing to draw.

    ``span`` is that of the longer one of two axes of one scale.
    """
    if axis.shown and axis.values is not None and _is_named(axis):
        axis = _say_prefix_once(axis, axis.values)
    ticks = _ticks(axis, lower, span) if axis.shown else ()
    if not ticks and not axis.label:
        return None
    named = _is_named(axis)
    turned = across and named and _fits_turned(ticks, length)
    return Axis(ticks, axis.label, turned, named, span is not None)


def _say_prefix_once(axis: ResolvedAxis, names: Array) -> ResolvedAxis:
    """Return an axis of names whose label says the words that all of them begin with."""
    prefix, rest = split_prefix([str(name) for name in names])
    label = axis.label or prefix
    if not prefix or prefix.lower() not in label.lower():
        return axis
    return replace(axis, values=np.array(rest), label=label)


def _common_span(x: ResolvedAxis, y: ResolvedAxis, width: float, height: float) -> float | None:
    """Return the longer axis' span where both are even numbers of one scale; None elsewhere."""
    lines = [_find_line(axis) for axis in (x, y)]
    if None in lines or bool(x.degrees) != bool(y.degrees):
        return None
    steps = [abs(line[1]) for line in lines if line is not None]
    scales = steps[0] * x.count / width, steps[1] * y.count / height
    if min(x.count, y.count) < 2 or not math.isclose(*scales, rel_tol=_ALIKE):
        return None
    spans = [step * (axis.count - 1) for step, axis in zip(steps, (x, y), strict=True)]
    return max(spans) if 0 < max(spans) < math.inf else None


def _find_line(axis: ResolvedAxis) -> tuple[float, float] | None:
    """Return the first coordinate and the step of an axis of even numbers with ticks."""
    if not axis.shown:
        return None
    if axis.values is None:
        return 0.0, 1.0
    if axis.values.dtype.kind not in "iuf" or len(axis.values) < 2:
        return None
    from nbimage.arrays.coordinates import find_line

    return find_line(axis.values)


def _is_named(axis: ResolvedAxis) -> bool:
    return axis.values is not None and axis.values.dtype.kind == "U"


def _ticks(axis: ResolvedAxis, lower: bool, span: float | None) -> tuple[Tick, ...]:
    to_positions = axis.to_positions

    def position(value: Any) -> float:
        along = (float(to_positions(np.array([value]))[0]) + 0.5) / axis.count
        return 1 - along if lower else along

    values = axis.values
    if values is None:
        return number_ticks(0, axis.count - 1, position, whole=True, span=span)
    if _is_named(axis):
        return _name_ticks(values, lower)
    if values.dtype.kind == "M":
        from nbimage.page.ticks.dates import date_ticks

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
    if axis.degrees and _find_line(axis) is not None:
        return degree_ticks(low, high, position, axis.degrees, span=span)
    if span is not None:
        return number_ticks(low, high, position, whole=values.dtype.kind != "f", span=span)
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


def _fits_turned(ticks: tuple[Tick, ...], length: float) -> bool:
    """Return whether names find more room when they are turned."""
    turned = find_fitting_level(ticks, length, False, apart=TURNED)
    return turned > find_fitting_level(ticks, length, True)
