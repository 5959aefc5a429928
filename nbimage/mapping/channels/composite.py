"""Which colors the channels of a composite have: what ``channels=`` asks for, and the defaults.

Not here: how they are added up (`layers`), which limits they have (`channel_limits`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from nbimage.mapping.colormap import as_color

MAX_CHANNELS = 16
_FEW_COLORS = {1: ("white",), 2: ("lime", "magenta")}
_COLORS = ("blue", "lime", "red", "magenta", "cyan", "yellow", "orange")
"""Colors of channels that were given none, each at full light; further ones are white. One channel
is gray, two are the pair whose sum is white."""
_NAMED = {"red": "red", "green": "lime", "blue": "blue"}
"""Those of channels that are called so, such as the bands of a satellite."""

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ChannelColor:
    """A channel's name, and the color of its largest values."""

    name: str
    color: Rgb
    given: bool = True
    """False: the color is a default, and a file may have a better one."""


def as_channel_colors(channels: Any) -> tuple[ChannelColor, ...]:
    """Return what ``channels=`` asks for: a dict of colors, names, or names with colors.

    Raises
    ------
    TypeError, ValueError
        For what is none of these, for unknown colors, and for more than 16.
    """
    pairs: list[tuple[Any, Any]] = []
    if isinstance(channels, Mapping):
        pairs = list(channels.items())
    elif isinstance(channels, Sequence) and not isinstance(channels, (str, bytes)):
        for entry in channels:
            if isinstance(entry, str):
                pairs.append((entry, None))
            elif isinstance(entry, (tuple, list)) and len(entry) == 2:
                pairs.append((entry[0], entry[1]))
            else:
                raise _not_channels(channels)
    else:
        raise _not_channels(channels)
    if not 1 <= len(pairs) <= MAX_CHANNELS:
        raise ValueError(f"channels must be 1 to {MAX_CHANNELS}, but got {len(pairs)}")
    named = [_NAMED.get(str(name).strip().lower()) for name, _ in pairs]
    defaults = _FEW_COLORS.get(len(pairs), _COLORS) if not any(named) else _COLORS
    others = [default for default in defaults if default not in named]
    channel_colors = []
    for (name, color), own in zip(pairs, named, strict=True):
        default = own or (others.pop(0) if others else "white")
        r, g, b, _ = as_color(f"channels[{name!r}]", default if color is None else color)
        channel_colors.append(ChannelColor(str(name), (r, g, b), color is not None))
    return tuple(channel_colors)


def resolve_channels(
    channels: Any, *, cmap: Any = None, labels: Any = None, complex_: Any = None
) -> tuple[ChannelColor, ...] | Literal[False] | None:
    """Return what ``channels=`` asks for: colors, False (no composite) or None (the default).

    Raises TypeError or ValueError for what is none of these, and beside other colors.
    """
    if channels is None or channels is False:
        return channels
    colors = as_channel_colors(channels)
    for name, other in (("cmap", cmap), ("labels", labels), ("complex", complex_)):
        if other is not None and other is not False:
            raise ValueError(f"{name} must be left out where channels have colors of their own")
    return colors


def name_channels(count: int, names: Sequence[str] = ()) -> tuple[ChannelColor, ...]:
    """Return so many channels in default colors, with a file's names where it has some."""
    known = names if len(names) == count else ("",) * count
    return as_channel_colors([name or f"channel {i}" for i, name in enumerate(known)])


def with_file_colors(
    channel_colors: Sequence[ChannelColor], colors: Sequence[str]
) -> tuple[ChannelColor, ...]:
    """Return channels with a file's colors, ``#rrggbb``, where the caller gave none."""
    if len(colors) != len(channel_colors):
        return tuple(channel_colors)
    return tuple(
        own if own.given else replace(own, color=as_color("color", color)[:3])
        for own, color in zip(channel_colors, colors, strict=True)
    )


def complete_colors(colors: Sequence[str]) -> tuple[str, ...]:
    """Return a file's colors, ``#rrggbb``, with a default for each channel that it gives none.

    Nothing where it gives none at all.
    """
    if not any(colors) or (len(colors) > MAX_CHANNELS and not all(colors)):
        return ()
    if all(colors):
        return tuple(colors)
    own = name_channels(len(colors))
    return tuple(
        color or "#{:02x}{:02x}{:02x}".format(*default.color)
        for color, default in zip(colors, own, strict=True)
    )


def _not_channels(channels: Any) -> TypeError:
    return TypeError(
        "channels must be names, (name, color) pairs or a dict {name: color}, but got "
        f"{repr(channels)[:60]}"
    )
