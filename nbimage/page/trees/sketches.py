"""Small drawings beside an array's line: a curve, a histogram, the chunks of a lazy one.

Each is an image of its own, so that it stays where scripts and inline SVG are taken away and is
no text that gets copied.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from nbimage.page.guard import ROOT, sized
from nbimage.page.svg_primitives import number

WIDTH, HEIGHT = 64, 20  # CSS pixels of a curve
SIDE = 40  # of a thumbnail and of chunks, at most
_INK, _EDGE = "#4a8fd8", "#8a929e"  # in the middle: they read on light pages and on dark ones
_MOST_LINES = 16  # between chunks of one axis


def curve_image(where: Sequence[float], low: Sequence[float], high: Sequence[float]) -> str:
    """Return a curve through the lowest and highest values at some places.

    All are from 0 to 1, the values from below; NaN is a gap.
    """
    paths: list[str] = []
    top: list[str] = []
    bottom: list[str] = []
    nan = float("nan")
    for x, a, b in [*zip(where, low, high, strict=True), (nan, nan, nan)]:
        if a == a:
            at = number(1 + x * (WIDTH - 2))
            top.append(f"{at} {_height(b)}")
            bottom.append(f"{at} {_height(a)}")
        elif top:
            end = [*top, *reversed(bottom)] if top != bottom else top
            paths.append("M" + "L".join(end if len(top) > 1 else [top[0], top[0]]))
            top, bottom = [], []
    filled = f'fill="{_INK}" fill-opacity=".3"' if list(low) != list(high) else 'fill="none"'
    inner = (
        f'<path d="{"".join(paths)}" {filled} stroke="{_INK}" '
        'stroke-width="1.3" stroke-linejoin="round" stroke-linecap="round"/>'
    )
    return _image(inner, WIDTH, HEIGHT)


def _height(share: float) -> str:
    return number(HEIGHT - 1.5 - share * (HEIGHT - 3))


def histogram_image(counts: Sequence[int]) -> str:
    """Return bars, the highest as high as the image."""
    most, width = max(counts), WIDTH / len(counts)
    bars = []
    for i, count in enumerate(counts):
        tall = max(1.0, (HEIGHT - 1) * count / most) if count else 0.0
        if tall:
            x, y = number(i * width), number(HEIGHT - tall)
            bars.append(f"M{x} {y}h{number(width - 0.5)}v{number(tall)}h-{number(width - 0.5)}z")
    return _image(f'<path d="{"".join(bars)}" fill="{_INK}"/>', WIDTH, HEIGHT)


def chunks_image(shape: Sequence[int], chunks: Sequence[int]) -> str:
    """Return the outline of an array's last two axes with its chunks; a sheet behind for more.

    Nothing of the array's values is in it.
    """
    rows, columns = [1, 1, *shape][-2:]
    block = [1, 1, *chunks][-2:] if chunks else [rows, columns]
    longest = max(rows, columns, 1)
    room = SIDE - 2 - (6 if len(shape) > 2 else 0)
    width, height = (max(4.0, room * n / longest) for n in (columns, rows))
    lines = _cuts(columns, block[1], width, f"V{number(height + 1)}", "{} 1")
    lines += _cuts(rows, block[0], height, f"H{number(width + 1)}", "1 {}")
    sheets = ""
    if len(shape) > 2:
        sheets = "".join(
            f'<path d="M{number(1 + d)} {number(1 - d + 6)}V{number(7 - d)}h{number(width)}'
            f'v{number(height)}" fill="none" stroke="{_EDGE}" stroke-opacity=".5"/>'
            for d in (6, 3)
        )
    down = 6 if len(shape) > 2 else 0
    front = (
        f'<g transform="translate(0 {down})"><rect x="1" y="1" width="{number(width)}" '
        f'height="{number(height)}" fill="{_EDGE}" fill-opacity=".18" stroke="{_EDGE}"/>'
        f'<path d="{"".join(lines)}" stroke="{_EDGE}" stroke-opacity=".6" stroke-width=".6"/></g>'
    )
    return _image(sheets + front, int(width + down + 2.5), int(height + down + 2.5))


def _cuts(length: int, block: int, size: float, line: str, start: str) -> list[str]:
    """Return path data of the lines between chunks of one axis: not all of very many."""
    count = -(-length // max(1, block)) - 1
    if count < 1:
        return []
    every = -(-count // _MOST_LINES)
    return [
        f"M{start.format(number(1 + size * i * block / length))}{line}"
        for i in range(every, count + 1, every)
    ]


def _image(inner: str, width: int, height: int) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{inner}</svg>'
    )
    uri = "data:image/svg+xml;base64," + base64.b64encode(svg.encode("ascii")).decode("ascii")
    return image_html(uri, width, height)


def image_html(uri: str, width: int, height: int, *, crisp: bool = False) -> str:
    """Return a small image that is decoration: the words beside it say the same."""
    rendering = (
        ";image-rendering:pixelated;border-radius:3px;outline:1px solid #8a929e66" if crisp else ""
    )
    return (
        f'<img src="{uri}" alt="" {sized(width, height)};display:block;margin:0;'
        f'max-width:none{rendering}">'
    )


def images_html(images: Sequence[str]) -> str:
    """Return small images side by side."""
    row = f'<div style="display:flex;gap:14px;align-items:center">{"".join(images)}</div>'
    return f'<div class="nbimage" style="{ROOT}">{row}</div>'
