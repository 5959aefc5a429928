"""Titles of facets in short: what all of them begin with is said once, above the grid."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TITLE = re.compile(r"(.+?) = (.+)", re.DOTALL)
_NUMBER = re.compile(r"[-+−]?[\d.]+(?:e[-+]?\d+)?|nan|inf")
_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d)(?: (\d\d:\d\d.*))?)?")


def shorten_titles(titles: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return what all titles say, such as "time 2020", and the rest of each: "1 Feb".

    Titles of another form stay as they are, and those of bare numbers, which would say nothing.
    No two that differ become the same.
    """
    whole = "", tuple(titles)
    parts = [_TITLE.fullmatch(title) for title in titles]
    names = {part[1] for part in parts if part is not None}
    if len(titles) < 2 or None in parts or len(names) != 1:
        return whole
    values = [part[2] for part in parts if part is not None]
    common, short = _shorten_dates(values)
    if any(_NUMBER.fullmatch(value) for value in short):
        return whole
    if len(set(short)) < len(set(titles)):
        common, short = "", values
    (name,) = names
    return f"{name} {common}".rstrip(), tuple(short)


def _shorten_dates(values: Sequence[str]) -> tuple[str, list[str]]:
    """Return the day or the year of dates that have it in common, and the rest of each."""
    dates = [_DATE.fullmatch(value) for value in values]
    found = [date for date in dates if date is not None]
    if len(found) < len(values):
        return "", list(values)
    if any(date[4] for date in found) and len({date[0][:10] for date in found}) == 1:
        return found[0][0][:10], [date[4] or "00:00" for date in found]
    if len({date[1] for date in found}) > 1 or not all(1 <= int(date[2]) <= 12 for date in found):
        return "", list(values)
    texts = []
    for _, month, day, time in (date.groups() for date in found):
        text = _MONTHS[int(month) - 1]
        text = f"{int(day)} {text}" if day else text
        texts.append(f"{text} {time}" if time else text)
    return found[0][1], texts


def join_lead(title: str, lead: str) -> str:
    """Return the title of a grid with what all of its facets say, in one line."""
    return f"{title} ({lead})" if title and lead else title or lead
