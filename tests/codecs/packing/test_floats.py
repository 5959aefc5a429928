"""Floats as steps and the bits below: every float comes back, bit by bit."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nbimage.base import chunked
from nbimage.codecs.packing import floats
from nbimage.codecs.packing.floats import Stepping, Weights, find_stepping, leave, pack_bits

RANDOM = np.random.default_rng(7)
WORDS = st.integers(0, 2**32 - 1) | st.sampled_from(
    [0, 1 << 31, 0x7FC00000, 0x7FC00001, 0xFFC00000, 0x7F800000, 0xFF800000, 1, 0x007FFFFF]
)


def read_steps(planes: np.ndarray, rest: bytes, columns: int) -> np.ndarray:
    """The floats, as anybody would read them who knows docs/protocol.md."""
    exponent, together, *weights = struct.unpack(">hI4b", rest[:10])
    bits = "".join(f"{byte:08b}" for byte in rest[10:])
    at = 0

    def read(count: int) -> int:
        nonlocal at
        at += count
        return int(bits[at - count : at].ljust(count, "0") or "0", 2)

    folded = planes[0].astype(int) << 8 | planes[1]
    codes = [0] * (columns + 1)
    words = []
    for number, one in enumerate(folded.tolist()):
        if number % (together * columns) == 0:
            at = -(-at // 8) * 8
        places = len(codes) - np.array([1, columns, columns + 1, columns - 1])
        known = [codes[place] if place < len(codes) else 0 for place in places]
        expected = sum(w * k for w, k in zip(weights, known, strict=True)) + 8 >> 4
        code = (expected + (one >> 1 ^ -(one & 1)) + 2**15) % 2**16 - 2**15
        codes.append(code)
        if code == 0:
            words.append(0)
        elif code == -1:
            words.append(0x7FC00000)
        elif code == 1:
            words.append(read(32))
        else:
            steps = abs(code) - 1
            top = steps.bit_length() - 1
            fraction = (steps << (23 - top) | read(23 - top)) & 0x7FFFFF
            words.append((code < 0) << 31 | (exponent + top + 127) << 23 | fraction)
    return np.array(words, np.uint32).view(np.float32)


def check(array: np.ndarray, stepping: Stepping) -> None:
    planes, rest = stepping.encode(array.reshape(-1))
    found = read_steps(planes, rest, array.shape[1])
    np.testing.assert_array_equal(found.view(np.uint32), array.reshape(-1).view(np.uint32))


def found_for(array: np.ndarray) -> Stepping:
    stepping = find_stepping(array.reshape(-1), array.shape[1])
    assert stepping is not None
    return stepping


# ----------------------------------------------------------------------------- every float


@given(arrays.arrays(np.uint32, st.tuples(st.integers(1, 6), st.integers(2, 9)), elements=WORDS))
def test_any_32_bits_come_back(words: np.ndarray) -> None:
    array = words.view(np.float32)
    stepping = find_stepping(array.reshape(-1), array.shape[1])
    if stepping is None:
        finite = array[np.isfinite(array)]
        assert not (np.abs(finite) > 0).any()
    else:
        check(array, stepping)


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 5), st.integers(2, 9)),
        elements=st.floats(-4, 4, width=32),
    ),
    st.integers(-12, 5),
    st.tuples(*[st.integers(-128, 127)] * 4),
)
def test_values_come_back_whatever_the_steps_and_the_weights(
    array: np.ndarray, exponent: int, weights: tuple[int, int, int, int]
) -> None:
    check(array, Stepping(array.shape[1], exponent, weights))


@pytest.mark.parametrize(
    "make",
    [
        lambda waves: waves,
        lambda waves: waves * np.float32(1e30),
        lambda waves: waves * np.float32(1e-36),
        lambda waves: np.where(waves > 0.5, np.float32(np.nan), waves),
        lambda waves: np.where(waves > 0.5, np.float32(0), waves),
        lambda waves: np.where(waves > 0.5, np.float32(-np.inf), waves),
        lambda waves: np.round(waves * 1000),
        lambda waves: np.full_like(waves, np.float32(1) / 3),
    ],
    ids=["waves", "huge", "tiny", "missing", "zero", "endless", "whole", "constant"],
)
def test_fields_of_many_kinds_come_back(make: Callable[[np.ndarray], np.ndarray]) -> None:
    y, x = np.mgrid[:40, :70]
    noise = RANDOM.normal(scale=0.05, size=(40, 70))
    array = make((np.sin(x / 9) * np.cos(y / 7) + noise).astype(np.float32))
    check(array, found_for(array))


def test_rows_that_have_their_bits_together_begin_with_a_byte(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nbimage.codecs.packing.floats._BLOCK", 64)
    array = RANDOM.normal(size=(31, 21)).astype(np.float32)
    stepping = found_for(array)
    assert stepping.rows == 3
    check(array, stepping)


def test_the_bytes_are_the_same_on_one_thread_and_on_many(monkeypatch: pytest.MonkeyPatch) -> None:
    array = RANDOM.normal(size=(400, 1000)).astype(np.float32)
    found = []
    for count in (1, 4):
        monkeypatch.setattr(chunked, "thread_count", lambda count=count: count)
        planes, rest = found_for(array).encode(array.reshape(-1))
        found.append((planes.tobytes(), rest))
    assert found[0] == found[1]


def test_whole_numbers_have_no_bits_below_their_steps() -> None:
    array = RANDOM.poisson(40, (30, 50)).astype(np.float32)
    stepping = found_for(array)
    assert stepping.exponent == 0
    assert len(stepping.encode(array.reshape(-1))[1]) == 10


@pytest.mark.parametrize("exponent", [-120, -30, -1, 0, 1, 17, 100])
def test_multiples_of_a_power_of_two_have_it_as_their_step(exponent: int) -> None:
    array = (RANDOM.poisson(40, (30, 50)) - 20).astype(np.float32)
    array[0, :3] = 0, np.nan, np.inf
    stepping = found_for(np.ldexp(array, exponent))
    assert stepping.exponent == exponent
    check(np.ldexp(array, exponent), stepping)


@pytest.mark.parametrize("weights", floats._WEIGHTS)
def test_nothing_is_left_where_all_are_alike(weights: Weights) -> None:
    for value in (0, 1, -7, 32766, -32767):
        assert not leave(np.full(60, value, np.int16), 7, weights).any()


def test_nothing_is_left_of_what_the_weights_are_made_for() -> None:
    y, x = np.mgrid[:40, :50].astype(np.float32)
    for field in (y % 3, x % 3, x + 2 * y):
        planes, _ = found_for(field).encode(field.reshape(-1))
        assert not planes.reshape(2, *field.shape)[:, 2:, 2:-1].any()


# -------------------------------------------------------------------------------------- bits


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)), min_size=1, max_size=40))
def test_bits_stand_one_after_the_other(parts: list[tuple[int, int]]) -> None:
    values = [value % 2**count for value, count in parts]
    counts = [count for _, count in parts]
    text = "".join(f"{v:b}".zfill(n)[:n] for v, n in zip(values, counts, strict=True))
    text = text.ljust(-(-len(text) // 8) * 8, "0")
    expected = bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8))
    assert pack_bits(np.array(values, np.uint32), np.array(counts, np.uint32)) == expected
