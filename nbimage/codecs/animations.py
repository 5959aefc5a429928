"""Encode frames as animated pictures: GIF, WebP, APNG, and for how long browsers show each."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate
from typing import Any

from nbimage.codecs.ffmpeg import Output

ANIMATIONS = {
    "webp": (".webp", "image/webp", "libwebp_anim"),
    "apng": (".png", "image/apng", "apng"),
    "gif": (".gif", "image/gif", "gif"),
}
_CODECS = {
    "mp4": "h264=18, the default, makes .mp4",
    "h264": "h264=18 is the default",
    "webm": "vp9=31 makes .webm",
    "vp9": "vp9=31 makes .webm",
    "ogv": "theora=7 makes .ogv",
}
"""What makes a video of a name that is no animation's."""
_SHORTEST = {"gif": Fraction(20), "webp": Fraction(11), "apng": Fraction(11)}
"""Milliseconds that a frame lasts at the least: browsers show what is shorter for 100."""
_LONGEST = {"gif": Fraction(655_350)}
"""Milliseconds that the format can say."""
_MOST = 3000  # frames of which each has a time of its own on ffmpeg's command line


def as_animation(name: Any) -> Any:
    """Return the name of an animation in small letters; None for a video. Raises ValueError."""
    plain = str(name).lower().lstrip(".")
    if name is None or plain in ANIMATIONS:
        return None if name is None else plain
    way = f": {_CODECS[plain]}" if plain in _CODECS else ""
    raise ValueError(
        f"format must be None or one of {', '.join(ANIMATIONS)}, but got {name!r}{way}"
    )


def hold_rate(name: str, rate: Fraction, repeats: tuple[int, ...] = ()) -> tuple[Fraction, str]:
    """Return the rate at which an animation is shown, and a line where it is not the one given.

    A frame is shown for ``repeats`` steps of the rate, else for one.
    """
    shortest = 1000 * min(repeats, default=1) / rate
    longest = 1000 * max(repeats, default=1) / rate
    least, most = _SHORTEST[name], _LONGEST.get(name, longest)
    if shortest < least:
        held, words = (
            least,
            f"{float(least):g} ms or longer, and browsers show shorter ones for 100",
        )
    elif longest > most:
        held, words = most, f"{float(most / 1000):g} s or shorter"
    else:
        return rate, ""
    slower = shortest < least
    changed = rate * (shortest / held if slower else longest / held)
    fps = 1000 / held
    text = f"{int(fps * 100) / 100 if slower else float(fps):g}"
    return changed, (
        f"frames of a {name.upper()} must last {words}: it plays at "
        f"{float(changed / rate):.3g} times the speed; fps={text} holds, or a video"
    )


def make_animation(
    name: str,
    channels: int,
    loop: bool,
    rate: Fraction,
    repeats: tuple[int, ...] = (),
    factor: int = 1,
) -> Output:
    """Make ffmpeg's arguments for an animated picture, each pixel so many times as large.

    With `are_timed` repeats each frame is given once, and lasts so many steps of the rate.
    """
    suffix, _, encoder = ANIMATIONS[name]
    filters = [] if factor == 1 else [f"scale=iw*{factor}:ih*{factor}:flags=neighbor"]
    flags: tuple[str, ...]
    ends: tuple[str, ...]
    last = repeats[-1] / rate if repeats else 1 / rate  # seconds
    if are_timed(repeats):
        starts = [0, *accumulate(repeats)][:-1]
        filters.append(f"setpts='{_start_expression(starts, 0, len(starts))}'")
    if name == "gif":
        palette = "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=none"
        flags = ("-pix_fmt", "gray") if channels == 1 else ()
        filters += [] if channels == 1 else [palette]
        ends = ("-loop", "0" if loop else "-1", "-final_delay", f"{min(65535, round(100 * last))}")
    elif name == "apng":
        short = last.limit_denominator(65535)
        ends = ("-f", "apng", "-plays", "0" if loop else "1")
        if are_timed(repeats):
            ends += ("-final_delay", f"{short.numerator}/{short.denominator}")
        flags = ()
    else:
        flags = ("-lossless", "1", "-quality", "30", "-pix_fmt", "bgra")
        ends = ("-loop", "0" if loop else "1")
    if filters:
        flags = ("-vf", ",".join(filters), *flags)
    if are_timed(repeats):
        flags = ("-fps_mode", "passthrough", *flags)
    return Output(name, suffix, ("-c:v", encoder, *flags, *ends), encoder)


def are_timed(repeats: tuple[int, ...]) -> bool:
    """Return whether each frame of an animation gets a time of its own, not equal ones."""
    return len(repeats) <= _MOST and len(set(repeats)) > 1


def set_last_delay(data: bytes, milliseconds: int) -> bytes:
    """Return a WebP whose last frame lasts so long, for which ffmpeg takes the mean of the others.

    Data that are no animation are returned as they are.
    """
    found, at = -1, 12
    while at + 8 <= len(data):
        if data[at : at + 4] == b"ANMF":
            found = at
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    if found < 0 or data[:4] != b"RIFF":
        return data
    at = found + 8 + 12  # behind the frame's position and size
    return data[:at] + milliseconds.to_bytes(3, "little") + data[at + 3 :]


def _start_expression(starts: list[int], low: int, high: int) -> str:
    """Return ffmpeg's expression for the start of frame N, of those in a range."""
    if high - low == 1:
        return str(starts[low])
    middle = (low + high) // 2
    early, late = _start_expression(starts, low, middle), _start_expression(starts, middle, high)
    return f"if(lt(N,{middle}),{early},{late})"
