"""What happens at the door of a public call: misspelt parameters, and errors in a notebook.

In a notebook an error is the caller's own line and one message, without the frames of this package.
"""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from nbimage.base.notebook import notebook_shell

P = ParamSpec("P")
R = TypeVar("R")

_PACKAGE = __name__.partition(".")[0]
_OTHER_NAMES = {
    "clim": "vmin and vmax",
    "colormap": "cmap",
    "color_map": "cmap",
    "colourmap": "cmap",
    "cols": "columns",
    "figsize": "width",
    "labels_x": "x",
    "ncols": "columns",
    "palette": "cmap",
    "scale": "zoom",
    "size": "width",
    "zmax": "vmax",
    "zmin": "vmin",
}
"""What other packages call our parameters."""


def door(function: Callable[P, R]) -> Callable[P, R]:
    """Name the nearest parameter for a misspelt one, and keep errors short in a notebook."""
    known = inspect.signature(function).parameters
    takes_any = any(one.kind is one.VAR_KEYWORD for one in known.values())

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            if kwargs and not takes_any:
                check_names(_name_of(function), kwargs, known)
            return function(*args, **kwargs)
        except Exception as error:
            shorten_traceback(error)
            raise

    return call


def check_names(caller: str, given: Collection[str], known: Collection[str]) -> None:
    """Raise TypeError for a parameter that a call does not have; it names the nearest."""
    for name in given:
        if name in known:
            continue
        meant = _OTHER_NAMES.get(name)
        meant = meant if meant is not None and meant.split()[0] in known else None
        near = [meant] if meant else difflib.get_close_matches(name, known, 1, 0.6)
        way = f": did you mean {near[0]}?" if near else ""
        raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}{way}")


def shorten_traceback(error: BaseException) -> None:
    """Have a notebook show an error with the caller's own lines alone."""
    if notebook_shell() is not None and not hasattr(error, "_render_traceback_"):
        error._render_traceback_ = functools.partial(_render, error)  # type: ignore[attr-defined]


def _render(error: BaseException) -> list[str]:
    """Return what IPython prints of an error, from the cell to where this package begins."""
    frames = []
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_globals.get("__name__", "")
        if name.partition(".")[0] == _PACKAGE:
            break
        frames.append(step)
        step = step.tb_next
    shown: TracebackType | None = None
    for one in reversed(frames):
        shown = TracebackType(shown, one.tb_frame, one.tb_lasti, one.tb_lineno)
    shell = notebook_shell()
    cause, context = error.__cause__, error.__context__
    try:
        error.__cause__ = error.__context__ = None
        text: list[str] = shell.InteractiveTB.structured_traceback(
            type(error), error, shown, tb_offset=1
        )
    finally:
        error.__context__ = context
        error.__cause__ = cause
    return text


def _name_of(function: Callable[..., Any]) -> str:
    """Return what a caller calls a function: a class by its own name."""
    return function.__qualname__.removesuffix(".__init__")
