"""The windows (values of interest, VOI) of a DICOM dataset as limits of its values.

A picture has limits and a line between them: where a dataset asks for a curve, its ends are the
limits, and a note says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbimage.arrays.dicom.frames import functional_groups
from nbimage.arrays.metadata import Window
from nbimage.base.chunked import Array
from nbimage.base.text import one_line


def find_window(
    dataset: Any, dtype: np.dtype[Any], total: float | None = None
) -> tuple[Window | None, str]:
    """Return the first window of a dataset, and a note on it.

    Parameters
    ----------
    dataset : pydicom.Dataset
        With pixels in shades of gray.
    dtype : dtype
        Of the values that are shown.
    total : float, optional
        The values that are shown are this minus those that the window is of: inverted ones.
    """
    groups = functional_groups(dataset, "FrameVOILUTSequence")
    holder = next((g for g in (dataset, *groups[:1]) if g.get("WindowCenter") is not None), None)
    found, note = ([], "") if holder is None else _list_windows(holder)
    if not found:
        holder = next((g for g in (dataset, *groups[:1]) if g.get("VOILUTSequence")), None)
        found, note = ([], "") if holder is None else _find_ends(holder["VOILUTSequence"].value[0])
    if not found:
        return None, ""
    if total is not None:
        found = [(name, (total - high, total - low)) for name, (low, high) in found]
    notes = [note, _describe(found) if len(found) > 1 else ""]
    if holder is not dataset and len({str(_list_windows(group)) for group in groups}) > 1:
        notes.append("the window of the first frame, others have their own")
    window = found[0][1]
    same = dtype == np.uint8 and window == (0, 255)
    return (None if same else window), ", ".join(filter(None, notes))


def _list_windows(holder: Any) -> tuple[list[tuple[str, Window]], str]:
    """Return all windows with their names, and a note."""
    way = str(holder.get("VOILUTFunction") or "LINEAR")
    names = [one_line(name) for name in _as_list(holder.get("WindowCenterWidthExplanation"))]
    found = []
    centers, widths = (_as_list(holder.get(f"Window{one}")) for one in ("Center", "Width"))
    pairs = zip(centers, widths, strict=False)
    for number, pair in enumerate(pairs):
        try:
            center, width = map(float, pair)
        except (TypeError, ValueError):
            continue
        if way == "LINEAR":  # PS3.3 C.11.2.1.2.1
            center, width = center - 0.5, width - 1
        if width > 0 and np.isfinite([center, width]).all():
            name = names[number] if number < len(names) else ""
            found.append((name, (center - width / 2, center + width / 2)))
    note = "the window's sigmoid is shown as a line" if way == "SIGMOID" and found else ""
    return found, note


def _describe(found: list[tuple[str, Window]]) -> str:
    texts = [f"{name} {low:g} to {high:g}".lstrip() for name, (low, high) in found]
    return f"the first of {len(found)} windows: {'; '.join(texts)}"


def _find_ends(table: Any) -> tuple[list[tuple[str, Window]], str]:
    """Return the values between which a table goes from its one end to the other, and a note."""
    try:
        first = int(table.LUTDescriptor[1])
        entries = read_table(table)
    except (AttributeError, IndexError, TypeError, ValueError):
        return [], ""
    if len(entries) < 2 or entries[0] == entries[-1]:
        return [], ""
    low = int(np.argmax(entries != entries[0])) - 1
    high = len(entries) - int(np.argmax(entries[::-1] != entries[-1]))
    line = np.interp(np.arange(len(entries)), [low, high], [entries[low], entries[high]])
    exact = entries[0] < entries[-1] and bool((np.abs(entries - line) <= 1).all())
    note = "" if exact else "the VOI table is shown as a line between its ends"
    return [("", (float(first + low), float(first + high)))], note


def read_table(table: Any) -> Array:
    """Return the entries of a lookup table; bytes of an unknown kind are of 8 or 16 bits."""
    count, _, bits = (int(number) for number in table.LUTDescriptor)
    count = count or 1 << 16
    data = table["LUTData"].value
    if isinstance(data, bytes):
        entries = np.frombuffer(data, "<u2" if len(data) >= 2 * count else np.uint8)
    else:
        entries = np.asarray(data)
    if len(entries) < count:
        raise ValueError(f"a table of {count} values of {bits} bits has {len(entries)}")
    return entries[:count].astype(np.int64)


def _as_list(value: Any) -> list[Any]:
    several = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    return list(value) if several else [value]
