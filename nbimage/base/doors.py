"""What happens at the door of a public call: misspelt parameters, and errors in a notebook.

In a notebook an error is the caller's own line and one message, without the frames of this package.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from nbimage.base.notebook import notebook_shell
from nbimage.base.text import show_controls

P = ParamSpec("P")
R = TypeVar("R")

_SWITCHES = "bool", "bool | None"
_LONGEST = 1500  # letters of an error
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
_IN_STATE = "index", "viewport", "cursor", "shapes", "projections", "panels", "mode", "layers"
"""What calls with a ``state`` take as keys of it."""


def door(function: Callable[P, R]) -> Callable[P, R]:
    """Name the nearest parameter for a misspelt one, and keep errors short in a notebook."""
    known = inspect.signature(function).parameters
    takes_any = any(one.kind is one.VAR_KEYWORD for one in known.values())
    switches = [name for name, one in known.items() if one.annotation in _SWITCHES]

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            if kwargs and not takes_any:
                check_names(_name_of(function), kwargs, known)
            _check_switches(kwargs, switches)
            return function(*args, **kwargs)
        except Exception as error:
            _join_lines(error)
            shorten_traceback(error)
            raise

    return call


def check_names(caller: str, given: Collection[str], known: Collection[str]) -> None:
    """Raise TypeError for a parameter that a call does not have; it names the nearest."""
    for name in given:
        if name in known:
            continue
        import difflib  # 2 ms, for misspelt ones alone

        meant = _OTHER_NAMES.get(name)
        meant = meant if meant is not None and meant.split()[0] in known else None
        if "state" in known and name in ("pixel_size", "unit"):
            way = ": sizes come with the data, as coordinates of an xarray.DataArray with units"
        else:
            inner = _IN_STATE if "state" in known else ()
            near = [meant] if meant else difflib.get_close_matches(name, [*known, *inner], 1, 0.6)
            found = near[0] if near else ""
            found = f"state={{{found!r}: ...}}" if found in inner else found
            way = f": did you mean {found}?" if found else ""
        raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}{way}")


def _check_switches(given: Mapping[str, Any], switches: Sequence[str]) -> None:
    """Raise TypeError for what is neither true nor false, such as an array, in place of a bool."""
    for name in switches:
        value = given.get(name)
        try:
            bool(value)
        except ValueError:
            got = f"{type(value).__name__} of shape {getattr(value, 'shape', '?')}"
            raise TypeError(f"{name} must be True or False, but got {got}") from None


def _join_lines(error: Exception) -> None:
    """Have an error say in one line what it says, arrays too; with text of any length in it."""
    if isinstance(error, OSError) and error.errno is not None:  # its name is written as Python's
        name = error.filename
        if isinstance(name, str) and len(name) > _LONGEST:
            error.filename = _shorten(name)
    elif isinstance(error, (TypeError, ValueError, OSError)) and len(error.args) == 1:
        text = error.args[0]
        if isinstance(text, str) and not (text.isprintable() and len(text) <= _LONGEST):
            text = " ".join(text.split()) if "\n" in text else text
            error.args = (_shorten(show_controls(text)),)


def _shorten(text: str) -> str:
    """Return the beginning and the end of a long text, which says the way out."""
    half = _LONGEST // 2
    return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"


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
