"""Each browser decodes our PNGs: every color type and bit depth, at each compression."""

from __future__ import annotations

import base64

import numpy as np

from tests.codecs.test_png import (
    CANVASES,
    Array,
    Case,
    bilevel,
    effort_cases,
    indexed,
    masked,
    noise,
    palette_alpha_cases,
    plain,
    ramp,
)
from tests.peers.engines.browser import Browser
from tests.peers.engines.conftest import Load

SHAPES = [(1, 1), (1, 2), (2, 1), (1, 67), (67, 1), (3, 5), (2, 9001), (9001, 2), (97, 251)]
BATCH = 40


def shaped_cases() -> list[Case]:
    found = []
    for shape in SHAPES:
        for channels in (1, 2, 3, 4):
            full = shape if channels == 1 else (*shape, channels)
            found += [plain(f"noise-{full}", noise(*full)), plain(f"ramp-{full}", ramp(*full))]
        mask = noise(*shape, top=2).astype(bool)
        found.append(masked(f"mask-{shape}", noise(*shape, top=255), mask))
        found.append(bilevel(f"bilevel-{shape}", mask * np.uint8(255)))
        for count in (1, 2, 3, 4, 16, 17, 256):
            name = f"indexed-{count}-{shape}"
            found.append(indexed(name, noise(*shape, top=count), noise(count, 3)))
    return found


def decoded(browser: Browser, cases: list[Case]) -> list[Array]:
    """What a canvas of the browser has of each."""
    found = []
    for start in range(0, len(cases), BATCH):
        batch = [base64.b64encode(case.encoded()).decode() for case in cases[start : start + BATCH]]
        for height, width, text in browser.evaluate(CANVASES, batch):
            pixels = np.frombuffer(base64.b64decode(text), np.uint8)
            found.append(pixels.reshape(height, width, 4))
    return found


def is_shown(got: Array, rgba: Array) -> bool:
    """Whether a canvas, which keeps colors times alpha in bytes, has the pixels."""
    alpha = rgba[:, :, 3:].astype(float)
    if got.shape != rgba.shape or not np.array_equal(got[:, :, 3:], rgba[:, :, 3:]):
        return False
    off = np.abs(got[:, :, :3].astype(float) - rgba[:, :, :3])
    rounding = np.where(alpha == 255, 0, 1 + 255 / np.maximum(alpha, 1))
    return bool((off <= rounding)[(alpha > 0)[:, :, 0]].all())


def test_each_browser_has_the_pixels_of_each_kind_at_each_compression(
    browser: Browser, load: Load
) -> None:
    load()
    cases = [*shaped_cases(), *palette_alpha_cases(), *effort_cases(37, 45)]
    found = decoded(browser, cases)
    assert len(found) == len(cases)
    wrong = [
        case.name for case, got in zip(cases, found, strict=True) if not is_shown(got, case.rgba)
    ]
    assert not wrong
