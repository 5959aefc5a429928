"""What happens at the door of a public call: misspelt parameters, and errors in a notebook.

In a notebook an error is the caller's own line and one message, without the frames of this package.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

from nbimage.base.notebook import notebook_shell
from nbimage.base.text import show_controls

P = ParamSpec("P")
R = TypeVar("R")

_SWITCHES = "bool", "bool | None"
_LONGEST = 1500  # letters of an error
_NEAR = 0.7  # of two names: further ones ("duration", "orientation") mean something else
_PACKAGE = __name__.partition(".")[0]
_OTHER_NAMES = {
    "array": "data images",
    "bg": "background",
    "cbar": "colorbar",
    "clim": "vmin",
    "codec": "h264",
    "col": "column columns",
    "colormap": "cmap",
    "color_map": "cmap",
    "colourmap": "cmap",
    "cols": "columns",
    "crf": "h264",
    "data": "images",
    "dims": "axes",
    "extent": "x",
    "figsize": "width",
    "file": "saveas path",
    "filename": "saveas path",
    "fname": "saveas path",
    "frame_rate": "fps",
    "framerate": "fps",
    "hist": "histogram",
    "image": "data images",
    "images": "data",
    "img": "data images",
    "label": "colorbar title",
    "labels_x": "x",
    "log": "norm",
    "loops": "loop",
    "names": "titles",
    "ncols": "columns",
    "normalize": "norm",
    "nrows": "columns",
    "palette": "cmap",
    "path": "saveas",
    "percentile": "contrast",
    "percentiles": "contrast",
    "plane": "planes",
    "quality": "h264",
    "range": "vmin",
    "rate": "fps",
    "repeat": "loop",
    "robust": "contrast",
    "rows": "columns",
    "scale": "zoom",
    "size": "width tile_size chunk_size",
    "speed": "fps",
    "symmetric": "vsym",
    "xlim": "x",
    "xticks": "x",
    "ylim": "y",
    "yticks": "y",
    "zmax": "vmax",
    "zmin": "vmin",
    "zoom": "width",
}
"""What other packages call our parameters: the first one of these that a call takes."""
_TOGETHER = {"vmin": "vmin and vmax", "h264": "h264, vp9, av1 or format"}
"""Of parameters that go together, all: one of them is not the whole answer."""
_ELSEWHERE = {
    "nbimage": "caption histogram",
    "nbimage and nbgrid": "compression max_pixels quality",
    "nbimage and nbvideo": "alt aspect origin xlabel ylabel",
    "nbimage, nbgrid and nbvideo": "colorbar complex format lossless mark_clipped nan_color over"
    " pixel_size under unit x y zoom",
    "nbimage, nbgrid and nbview": "background",
    "nbimage, nbvideo and nbview": "data height",
    "nbgrid": "border column errors images page row titles",
    "nbgrid and nbview": "columns shared",
    "nbvideo": "autoplay av1 counter counter_color figure h264 muted progress scale theora vp8 vp9",
    "nbvideo and nbview": "embed fps loop",
    "nbview": "axes exact facet keep names ortho spacing state wcs",
}
"""The verbs that take what the others do not."""
_VERBS = "nbimage", "nbvideo", "nbgrid", "nbview", "Picture", "Video", "Grid", "View"
_OTHER_ATTRIBUTES = {
    "array": "pixels",
    "asarray": "pixels",
    "data": "pixels",
    "grid": "nbgrid",
    "image": "nbimage",
    "imread": "open_pyramid",
    "imsave": "Picture",
    "imshow": "nbimage",
    "open": "open_pyramid",
    "read": "open_pyramid",
    "save": "Picture",
    "savefig": "save",
    "shape": "pixels data shapes",
    "show": "nbimage",
    "to_file": "save",
    "to_html": "html",
    "to_png": "png",
    "to_svg": "svg",
    "write": "save write_image",
}
"""What other packages call our functions and attributes: the first one of these that is there."""
_IN_STATE = "index", "viewport", "cursor", "shapes", "projections", "panels", "mode", "layers"
"""What calls with a ``state`` take as keys of it."""


def door(function: Callable[P, R]) -> Callable[P, R]:
    """Name the nearest parameter for a misspelt one, and keep errors short in a notebook."""
    known = inspect.signature(function).parameters
    names = list(known)
    takes_any = any(one.kind is one.VAR_KEYWORD for one in known.values())
    switches = [name for name, one in known.items() if one.annotation in _SWITCHES]

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            if kwargs and not takes_any:
                check_names(_name_of(function), kwargs, known)
            if switches:
                _check_switches({**dict(zip(names, args, strict=False)), **kwargs}, switches)
            return function(*args, **kwargs)
        except Exception as error:
            _join_lines(error)
            shorten_traceback(error)
            raise

    return call


def check_names(caller: str, given: Collection[str], known: Collection[str]) -> None:
    """Raise TypeError for a parameter that a call does not have; it names the nearest."""
    for name in given:
        if name not in known:
            way = _find_way(caller, name, known)
            raise TypeError(f"{caller}() got an unexpected keyword argument {name!r}{way}")


def _find_way(caller: str, name: str, known: Collection[str]) -> str:
    """Return what an error says of what is meant by a parameter: another one, or another verb."""
    if "state" in known and name in ("pixel_size", "unit"):
        return ": sizes come with the data, as coordinates of an xarray.DataArray with units"
    inner = _IN_STATE if "state" in known else ()
    other = find_other(name, known)
    if other is None and caller in _VERBS:
        for verbs, names in _ELSEWHERE.items():
            if name in names.split():
                return f": it is for {verbs}"
    found = _TOGETHER.get(other, other) if other else find_name(name, [*known, *inner])
    found = f"state={{{found!r}: ...}}" if found in inner else found
    return f": did you mean {found}?" if found else ""


def find_other(name: str, known: Collection[str]) -> str | None:
    """Return what one of the known names is called elsewhere."""
    return next((one for one in _OTHER_NAMES.get(name, "").split() if one in known), None)


def find_name(name: str, known: Collection[str]) -> str:
    """Return the one of the known names that is meant by another one; "" where none is near."""
    import difflib  # 2 ms, for misspelt ones alone

    other = find_other(name, known)
    return other or "".join(difflib.get_close_matches(name, known, 1, _NEAR))


def attribute_error(owner: str, name: str, known: Collection[str]) -> AttributeError:
    """Return the error of an attribute that is not there; it names the nearest."""
    text = f"{owner} has no attribute {name!r}"
    if not name.startswith("_"):
        import difflib

        other = next((one for one in _OTHER_ATTRIBUTES.get(name, "").split() if one in known), None)
        found = other or "".join(difflib.get_close_matches(name, known, 1, _NEAR))
        if found:
            text += f": did you mean {found}?"
        elif name in ("show", "display"):
            text += ": it shows itself, at the end of a cell or by IPython.display.display"
    error = AttributeError(text)
    shorten_traceback(error)
    return error


class NearNames:
    """What names the nearest attribute for a misspelt one."""

    __slots__ = ()

    if not TYPE_CHECKING:  # which would take any name

        def __getattr__(self, name: str) -> NoReturn:
            kind = type(self)
            if hasattr(kind, name):  # a property failed
                return object.__getattribute__(self, name)
            known = [] if name.startswith("_") else [one for one in dir(kind) if one[0] != "_"]
            raise attribute_error(f"{kind.__name__!r} object", name, known)


def _check_switches(given: Mapping[str, Any], switches: Collection[str]) -> None:
    """Raise TypeError for what is neither true nor false, such as "no" or an array."""
    for name in switches:
        value = given.get(name)
        if value is None or isinstance(value, bool):
            continue
        try:
            found = value in (0, 1) and not isinstance(value, (str, bytes))
        except ValueError:  # of an array
            found = False
        if not found:
            got = repr(value)
            if getattr(value, "shape", ()):
                got = f"{type(value).__name__} of shape {value.shape}"
            raise TypeError(f"{name} must be True or False, but got {got}")


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
        package = step.tb_frame.f_globals.get("__name__", "").partition(".")[0]
        if package == _PACKAGE:
            break
        if package != "IPython":  # which runs the cell, or shows what it returned
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
            type(error), error, shown, tb_offset=0
        )
    finally:
        error.__context__ = context
        error.__cause__ = cause
    return text


def _name_of(function: Callable[..., Any]) -> str:
    """Return what a caller calls a function: a class by its own name."""
    return function.__qualname__.removesuffix(".__init__")
