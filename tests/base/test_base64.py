"""Bytes as base64 text, short and long ones, between other text."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbimage.base import text
from nbimage.base.text import encode_base64

LONG = np.random.default_rng(0).bytes(text._LARGE + 3 * text._GROUPS)


def plain(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@pytest.mark.parametrize("less", range(5))
def test_long_bytes_are_what_the_standard_library_makes_of_them(less: int) -> None:
    data = LONG[less:]
    assert encode_base64(data) == plain(data)


@given(data=st.binary(max_size=300), before=st.text(max_size=9), after=st.text(max_size=9))
def test_any_bytes_stand_between_any_texts(data: bytes, before: str, after: str) -> None:
    whole = before + plain(data) + after
    assert encode_base64(data, before, after) == whole
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_LARGE", 0)
        patch.setattr(text, "_GROUPS", 7)
        assert encode_base64(data, before, after) == whole


def test_all_pairs_of_letters_are_right() -> None:
    numbers = np.arange(1 << 12)
    groups = numbers[:, None] << 12 | numbers[::-1]
    some = np.stack([groups >> 16, groups >> 8, groups], axis=-1)[:400].astype(np.uint8).tobytes()
    assert encode_base64(some) == plain(some)
