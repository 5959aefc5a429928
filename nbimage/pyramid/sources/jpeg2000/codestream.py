"""One tile of a JPEG 2000 codestream at one resolution, as a codestream of its own.

A decoder of whole pictures so reads tiles: what is coded stays as it is, and the head says that the
picture is this tile, at its place on the same grid. Of a smaller resolution the head says that the
picture has fewer: then the packets that come first are read and the others are not, which is so
where resolutions are the outermost order of the packets.

Sources: ITU-T T.800, annexes A and B; T.814 (high throughput).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nbimage.base.box import Box
from nbimage.pyramid.remote.range_file import NotInPartsError

_SOC, _SIZ, _COD, _COC, _QCD, _QCC = 0xFF4F, 0xFF51, 0xFF52, 0xFF53, 0xFF5C, 0xFF5D
_POC, _PPM, _SOT, _SOD, _EOC, _TLM = 0xFF5F, 0xFF60, 0xFF90, 0xFF93, 0xFFD9, 0xFF55
_LEFT_OUT = frozenset({_TLM, 0xFF57, 0xFF58, 0xFF64})  # lengths of other tiles, comments
_LAYERS, _RESOLUTIONS, _RESOLUTIONS_BY_POSITION = 0, 1, 2  # orders of packets
_LARGEST_HEADER = 1 << 24
_MOST_TILES = 65535
_MOST_PARTS = 1 << 22
_FEW_PARTS = 64  # that are looked for one after another at an address

Segment = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class TilePart:
    """A part of a tile: where its header and its packets lie."""

    start: int
    length: int


class Codestream:
    """The main header of a codestream, and where its tiles are.

    ``by_list``: by the list of their lengths, without a look at each: NotInPartsError is raised
    where there is none and the tiles are many. Raises ValueError for what is damaged.
    """

    def __init__(self, file: Any, start: int, *, by_list: bool = False) -> None:
        reader = _Reader(file, start)
        if reader.mark() != _SOC:
            raise ValueError("its codestream has no start")
        segments, mark = reader.segments(until=_SOT)
        if mark != _SOT or not segments or segments[0][0] != _SIZ or len(segments[0][1]) < 36:
            raise ValueError("its codestream has no whole header")
        self._head, self._size = segments[1:], segments[0][1]
        self._kind, x1, y1, x0, y0, wide, high, left, top, count = struct.unpack_from(
            ">H8IH", self._size
        )
        found = self._size[36 : 36 + 3 * count]
        self.components = tuple(found[at : at + 3] for at in range(0, len(found), 3))
        if not (len(self.components) == count > 0 and len(found) == 3 * count):
            raise ValueError("its codestream has no whole header")
        if not (x1 > x0 and y1 > y0 and wide and high and left <= x0 and top <= y0):
            raise ValueError("its codestream has a size that can't be")
        self.area = Box(y0, y1, x0, x1)
        self._tile, self._origin = (high, wide), (top, left)
        if left + wide <= x0 or top + high <= y0 or self.rows * self.columns > _MOST_TILES:
            raise ValueError("its codestream has tiles that can't be")
        count, lengths = self.rows * self.columns, None
        if by_list:
            lengths = _listed_lengths([data for mark, data in self._head if mark == _TLM], count)
        self._parts = (
            _find_parts(file, reader.offset - 2, count, _FEW_PARTS if by_list else _MOST_PARTS)
            if lengths is None
            else _list_parts(lengths, reader.offset - 2, file.seek(0, 2))
        )

    @cached_property
    def rows(self) -> int:
        """How many tiles there are from the top down."""
        return int(-(-(self.area.bottom - self._origin[0]) // self._tile[0]))

    @cached_property
    def columns(self) -> int:
        """How many tiles there are from left to right."""
        return int(-(-(self.area.right - self._origin[1]) // self._tile[1]))

    @property
    def bits(self) -> tuple[int, ...]:
        """The bits of a sample, a component."""
        return tuple((one[0] & 127) + 1 for one in self.components)

    @property
    def signed(self) -> tuple[bool, ...]:
        """Whether samples are signed, a component."""
        return tuple(one[0] > 127 for one in self.components)

    @property
    def subsampled(self) -> bool:
        """Whether a component has fewer samples than pixels."""
        return any(one[1:] != b"\1\1" for one in self.components)

    @cached_property
    def resolutions_come_first(self) -> bool:
        """Whether the packets of a smaller size are those that come first in a tile."""
        found = dict(reversed(self._head))
        style = found.get(_COD, b"")
        if len(style) < 10 or _POC in found or _PPM in found:
            return False
        order, layers = style[1], struct.unpack_from(">H", style, 2)[0]
        return order in (_RESOLUTIONS, _RESOLUTIONS_BY_POSITION) or (
            order == _LAYERS and layers == 1
        )

    @cached_property
    def reductions(self) -> int:
        """How often the picture can be halved by what is coded of it."""
        style = dict(reversed(self._head)).get(_COD, b"")
        own = [data[self._wide_index + 1] for mark, data in self._head if mark == _COC]
        return min([style[5], *own]) if len(style) >= 10 and style[5] <= 32 else 0

    @property
    def tiles_can_be_cut(self) -> bool:
        """Whether a tile has all that is needed to decode it."""
        return all(mark != _PPM for mark, _ in self._head)

    @property
    def _wide_index(self) -> int:
        """How many bytes the number of a component takes."""
        return 1 if len(self.components) < 257 else 2

    def shape(self, reduction: int) -> tuple[int, int]:
        """Return rows and columns of the picture halved so often."""
        return _reduce(self.area, reduction).shape

    def tile_box(self, row: int, column: int, reduction: int) -> Box:
        """Return where a tile is in the picture halved so often."""
        area, tile = _reduce(self.area, reduction), _reduce(self._bounds(row, column), reduction)
        return Box(
            tile.top - area.top,
            tile.bottom - area.top,
            tile.left - area.left,
            tile.right - area.left,
        )

    def tiles_of(self, box: Box, reduction: int) -> list[tuple[int, int]]:
        """Return rows and columns of the tiles that a part of the halved picture lies in."""
        area, scale = _reduce(self.area, reduction), 1 << reduction

        def span(first: int, last: int, start: int, size: int, count: int) -> range:
            low = max(0, ((first - 1) * scale - start) // size)
            return range(low, min(count, (last * scale - start) // size + 1))

        rows = span(
            box.top + area.top, box.bottom + area.top, self._origin[0], self._tile[0], self.rows
        )
        columns = span(
            box.left + area.left,
            box.right + area.left,
            self._origin[1],
            self._tile[1],
            self.columns,
        )
        return [(row, column) for row in rows for column in columns]

    def largest_tile(self, reduction: int) -> tuple[int, int]:
        """Return rows and columns of the first whole tile, about."""
        high, wide = (-(-length // (1 << reduction)) for length in self._tile)
        whole = self.shape(reduction)
        return min(high, whole[0]), min(wide, whole[1])

    def _bounds(self, row: int, column: int) -> Box:
        (high, wide), (top, left), area = self._tile, self._origin, self.area
        return Box(
            max(area.top, top + row * high),
            min(area.bottom, top + (row + 1) * high),
            max(area.left, left + column * wide),
            min(area.right, left + (column + 1) * wide),
        )

    def cut(self, file: Any, row: int, column: int, reduction: int) -> bytes:
        """Return a tile, halved so often, as a codestream."""
        number = row * self.columns + column
        box = _reduce(self._bounds(row, column), reduction)
        parts = self._parts.get(number)
        if not parts:
            raise ValueError(f"it has no tile {number}")
        size = struct.pack(
            ">H8I", self._kind, box.right, box.bottom, box.left, box.top, *box.shape[::-1],
            box.left, box.top,
        )  # fmt: skip
        written = [struct.pack(">H", _SOC), _segment(_SIZ, size + self._size[34:])]
        written += self._reduced(self._head, reduction)
        for index, part in enumerate(parts):
            written += self._cut_part(file, part, index, len(parts), reduction, number)
        return b"".join([*written, struct.pack(">H", _EOC)])

    def _cut_part(
        self, file: Any, part: TilePart, index: int, count: int, reduction: int, number: int
    ) -> list[bytes]:
        file.seek(part.start)
        if file.read(6) != struct.pack(">HHH", _SOT, 10, number):
            raise ValueError(f"its tile {number} is not where it says")
        reader = _Reader(file, part.start + 12)
        segments, mark = reader.segments(until=_SOD)
        length = part.start + part.length - reader.offset
        if mark != _SOD or length < 0:
            raise ValueError("a tile has no whole header")
        if reduction and any(code == _POC for code, _ in segments):
            raise ValueError("a tile has an order of its own: it can't be read in a smaller size")
        head = self._reduced(segments, reduction)
        file.seek(reader.offset)
        data = file.read(length)
        if len(data) < length:
            raise ValueError("the file ends early")
        whole = 12 + sum(map(len, head)) + 2 + length
        start = struct.pack(">HHHIBB", _SOT, 10, 0, whole, index, count if count < 256 else 0)
        return [start, *head, struct.pack(">H", _SOD), data]

    def _reduced(self, segments: list[Segment], reduction: int) -> list[bytes]:
        """Return segments that say of so many resolutions less."""
        wide, found = self._wide_index, []
        for mark, data in segments:
            if mark in _LEFT_OUT:
                continue
            if reduction and mark == _COD:
                data = _fewer_levels(data, 5, reduction, precincts=bool(data[0] & 1))
            elif reduction and mark == _COC:
                data = _fewer_levels(data, wide + 1, reduction, precincts=bool(data[wide] & 1))
            elif reduction and mark in (_QCD, _QCC):
                data = _fewer_bands(data, 0 if mark == _QCD else wide, reduction)
            found.append(_segment(mark, data))
        return found


def _fewer_levels(data: bytes, at: int, reduction: int, *, precincts: bool) -> bytes:
    levels = data[at] - reduction
    if levels < 0:
        raise ValueError("a tile has fewer resolutions than the others")
    end = at + 5 + (levels + 1 if precincts else 0)
    return data[:at] + bytes([levels]) + data[at + 1 : end]


def _fewer_bands(data: bytes, at: int, reduction: int) -> bytes:
    """Leave out the steps of the bands of the largest resolutions; derived ones have but one."""
    size = {0: 1, 1: 0, 2: 2}.get(data[at] & 31)
    if size is None:
        raise ValueError("its steps are of an unknown kind")
    return data[: len(data) - 3 * reduction * size] if size else data


def _segment(mark: int, data: bytes) -> bytes:
    return struct.pack(">HH", mark, len(data) + 2) + data


def _reduce(box: Box, reduction: int) -> Box:
    scale = 1 << reduction
    return Box(*(-(-one // scale) for one in (box.top, box.bottom, box.left, box.right)))


class _Reader:
    """Marks and their segments, one after another."""

    def __init__(self, file: Any, offset: int) -> None:
        self.offset = offset
        self._file = file
        file.seek(offset)

    def mark(self) -> int:
        """Return the next mark."""
        return int(struct.unpack(">H", self._take(2))[0])

    def segments(self, until: int) -> tuple[list[Segment], int]:
        """Return the segments before a mark, and the mark that ends them."""
        found: list[Segment] = []
        size = 0
        while (mark := self.mark()) not in (until, _EOC, _SOD):
            (length,) = struct.unpack(">H", self._take(2))
            if mark < 0xFF00 or length < 2:
                raise ValueError(f"its codestream has no mark at byte {self.offset - 4}")
            found.append((mark, self._take(length - 2)))
            size += length
            if size > _LARGEST_HEADER:
                raise ValueError("its codestream has a header without an end")
        return found, mark

    def _take(self, size: int) -> bytes:
        data = bytes(self._file.read(size))
        if len(data) < size:
            raise ValueError("the file ends early")
        self.offset += size
        return data


def _listed_lengths(segments: list[bytes], count: int) -> list[tuple[int, int]] | None:
    """Return the tile and the length of each part, by the list of them; None without a whole one.

    Source: ITU-T T.800, A.7.1.
    """
    found: list[tuple[int, int]] = []
    for data in sorted(segments):
        if len(data) < 2:
            return None
        of_number, of_length = data[1] >> 4 & 3, 4 if data[1] & 64 else 2
        if of_number == 3 or (len(data) - 2) % (of_number + of_length):
            return None
        for at in range(2, len(data), of_number + of_length):
            number = data[at : at + of_number]
            length = data[at + of_number : at + of_number + of_length]
            tile = int.from_bytes(number, "big") if number else len(found)
            found.append((tile, int.from_bytes(length, "big")))
    whole = {tile for tile, _ in found} == set(range(count))
    return found if whole and all(length >= 14 for _, length in found) else None


def _list_parts(lengths: list[tuple[int, int]], offset: int, end: int) -> dict[int, list[TilePart]]:
    """Return the parts of each tile, in order, of which the lengths are known."""
    found: dict[int, list[TilePart]] = {}
    for tile, length in lengths:
        if offset + length > end:
            raise ValueError("the file ends early")
        found.setdefault(tile, []).append(TilePart(offset, length))
        offset += length
    return found


def _find_parts(file: Any, offset: int, count: int, most: int) -> dict[int, list[TilePart]]:
    """Return the parts of each tile, in order. Raises NotInPartsError for more than so many."""
    found: dict[int, list[TilePart]] = {}
    end = file.seek(0, 2)
    for number_of_parts in range(_MOST_PARTS):
        if number_of_parts >= most:
            raise NotInPartsError("it has no list of its many tiles")
        file.seek(offset)
        head = file.read(12)
        if len(head) < 12 or head[:2] != struct.pack(">H", _SOT):
            break
        _, _, number, length, _, _ = struct.unpack(">HHHIBB", head)
        if length == 0:  # the last one, to the end
            length = end - offset - 2
        if number >= count or length < 14:
            raise ValueError("its codestream has a tile that can't be")
        if offset + length > end:
            raise ValueError("the file ends early")
        found.setdefault(number, []).append(TilePart(offset, length))
        offset += length
    if len(found) < count:
        raise ValueError(f"it has {len(found)} of {count} tiles")
    return found
