"""HTML of a tree of arrays: a line each, in columns, and containers that fold without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nbimage.base.text import close_directions, escape
from nbimage.page.guard import ELEMENT, ROOT
from nbimage.page.trees.sketches import SIDE, WIDTH

_FONT = "font:13px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums"
_DIM = "opacity:.7"
_INDENT = 18  # CSS pixels a level
_MOST_NAME, _MOST_SHAPE, _MOST_DTYPE = 28, 24, 14  # letters that columns are made wide for
_LETTER, _DIGIT = 7.3, 8.0  # CSS pixels of a name's letter, and of a digit beside it
_OPEN_ROWS = 30  # lines up to which what is nested is open at first


@dataclass(slots=True)
class Line:
    """One line of a tree."""

    name: str
    kind: str = ""
    """Of a container or a value: what it is, dimly."""
    text: str = ""
    """A remark after all columns."""
    shape: str = ""
    dtype: str = ""
    picture: str = ""
    """HTML of an image of at most `SIDE` CSS pixels."""
    sketch: str = ""
    """HTML of an image `WIDTH` CSS pixels wide."""
    children: list[Line] = field(default_factory=list)
    more: str = ""
    """A remark on children that are left out."""

    @property
    def is_array(self) -> bool:
        """Whether it has the columns of an array."""
        return bool(self.shape or self.dtype)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Widths of the columns, the same in all lines."""

    name: float
    shape: int
    dtype: int
    picture: bool
    sketch: bool


def tree_html(root: Line, notes: Sequence[str] = (), own: str = "", own_name: str = "") -> str:
    """Return a tree; ``own`` is HTML of the object's own, folded below."""
    lines = list(_walk(root, 0))
    arrays = [line for line, _ in lines if line.is_array]
    columns = _Columns(
        max(
            (
                min(len(line.name), _MOST_NAME) * _LETTER + _INDENT * depth
                for line, depth in lines
                if not line.children
            ),
            default=0,
        ),
        max((min(len(line.shape), _MOST_SHAPE) for line in arrays), default=1),
        max((min(len(line.dtype), _MOST_DTYPE) for line in arrays), default=1),
        any(line.picture for line in arrays),
        any(line.sketch for line in arrays),
    )
    opened = _choose_open(root)
    inner = _line_html(root, 0, columns, opened)
    foot = "".join(f'<div style="{_DIM};margin-top:3px">{escape(note)}</div>' for note in notes)
    return (
        f'<div class="nbimage nbimage-tree" style="{ROOT};{_FONT};max-width:100%;overflow-x:auto;'
        f'margin-bottom:6px">{inner}{foot}{fold_html(own, own_name) if own else ""}</div>'
    )


def fold_html(inner: str, name: str) -> str:
    """Return HTML that is folded away below its name."""
    return (
        f'<details style="{ELEMENT};margin-top:4px">'
        f'<summary style="{ELEMENT};{_FONT};cursor:pointer;{_DIM}">'
        f"{escape(name)}</summary>{inner}</details>"
    )


def _walk(line: Line, depth: int) -> Iterable[tuple[Line, int]]:
    yield line, depth
    for child in line.children:
        yield from _walk(child, depth + 1)


def _choose_open(root: Line) -> set[int]:
    """Return which containers are open at first: level by level, while there is room."""
    opened, level, rows = {id(root)}, [root], 1 + len(root.children)
    while level:
        level = [child for line in level for child in line.children if child.children]
        rows += sum(len(line.children) for line in level)
        if rows > _OPEN_ROWS:
            break
        opened.update(map(id, level))
    return opened


def _line_html(line: Line, depth: int, columns: _Columns, opened: set[int]) -> str:
    if not line.children:
        # as far in as what stands behind the mark of a line that folds
        left = f"padding-left:{_MARK}px;" if depth else ""
        return f'<div style="{left}{_ROW};flex-wrap:wrap">{_cells(line, depth, columns)}</div>'
    inner = "".join(_line_html(child, depth + 1, columns, opened) for child in line.children)
    if line.more:
        inner += f'<div style="padding-left:{_MARK}px;{_DIM}">{escape(line.more)}</div>'
    note = " · ".join(part for part in (line.kind, line.text) if part)
    head = (
        f'{_name(line.name)} <span style="{_DIM}{_SPACE * bool(line.name)}">{escape(note)}</span>'
    )
    return (
        f'<details{" open" if id(line) in opened else ""} style="{ELEMENT}">'
        f'<summary style="{ELEMENT};cursor:pointer;line-height:26px">{head}</summary>'
        f'<div style="padding-left:{_INDENT}px">{inner}</div></details>'
    )


_ROW = "display:flex;align-items:center;gap:1px 14px;min-height:26px"
_MARK = 16  # CSS pixels of the mark of what folds
_SPACE = ";margin-left:6px"


def _cells(line: Line, depth: int, columns: _Columns) -> str:
    """Return a line's name and picture, and what stands beside them and wraps in a narrow page."""
    head, rest = [], []
    if line.name:
        room = max(0, columns.name - _INDENT * depth)
        style = f"flex:none;width:{math.ceil(room)}px;max-width:42%;overflow-wrap:anywhere"
        head.append(f'<span style="{style}">{_name(line.name)}</span>')
    if line.is_array:
        if columns.picture:
            style = f"flex:none;width:{SIDE}px;padding:1px 0"
            head.append(f'<span style="{style}">{line.picture}</span>')
        wide, dtype = (number * _DIGIT for number in (columns.shape, columns.dtype))
        rest.append(f'<span style="min-width:{wide:.0f}px">{escape(line.shape)}</span>')
        rest.append(f'<span style="min-width:{dtype:.0f}px;{_DIM}">{escape(line.dtype)}</span>')
        if columns.sketch:
            rest.append(f'<span style="width:{WIDTH}px">{line.sketch}</span>')
    elif line.kind:
        rest.append(f'<span style="{_DIM}">{escape(line.kind)}</span>')
    if line.text:
        rest.append(f'<span style="overflow-wrap:anywhere">{escape(line.text)}</span>')
    basis = 200 if line.is_array else 80  # goes below where there is less room
    style = f"{_ROW};flex-wrap:wrap;flex:1 1 {basis}px;min-width:0"
    head.append(f'<span style="{style}">{" ".join(rest)}</span>')
    return " ".join(head)  # spaces, for where no style is left


def _name(name: str) -> str:
    if not name:
        return ""
    style = "font:12px ui-monospace,SFMono-Regular,Menlo,monospace;background:none;padding:0"
    return f'<code style="{ELEMENT};{style}">{escape(close_directions(name))}</code>'
