"""Where texts come in: every parameter of every verb, and what data say of themselves.

The parameters are those of the signatures, so that a new one is tried as well.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
import json
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from nbimage import (
    FFmpegError,
    Grid,
    Picture,
    Shape,
    Shapes,
    Video,
    View,
    data_uri,
    data_uris,
    describe,
    encode,
    quilt,
    rerange,
    show_images,
)
from nbimage.page.view_html import SERVED
from nbimage.trees.bundles import make_tree
from nbimage.view.serve.http_server import make_page
from tests.proof.payloads import files

FIELD = np.linspace(-1, 1, 63, dtype=np.float32).reshape(7, 9)
STACK = np.stack([FIELD, FIELD.T.reshape(7, 9)])
CELLS = (np.arange(63) // 16).reshape(7, 9)
FRAME = pd.DataFrame({"n": [1, 2], "image": [FIELD, -FIELD]})
REFUSALS = (TypeError, ValueError, OSError, ImportError, FFmpegError, LookupError)
"""What a text that is none of those possible raises."""

SURROGATES = re.compile(r"\\ud[89a-f]")

Outputs = dict[str, Any]
"""What a door gives, by its kind: "html", "svg", "json", "text"."""


def of_object(shown: Any) -> Outputs:
    """Return all that an object shows of itself, but its files."""
    found = {"html": shown.html, "text": repr(shown)}
    for name in ("alt", "description", "titles"):
        if hasattr(shown, name):
            found[f"text {name}"] = str(getattr(shown, name))
    bundle = shown._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    json.dumps(bundle, ensure_ascii=False).encode()
    found |= {f"html {name}": text for name, text in bundle.items() if name == "text/html"}
    found |= {f"text {name}": text for name, text in bundle.items() if name == "text/plain"}
    if isinstance(shown, Picture):
        found["svg"] = shown.svg
    if not isinstance(shown, View):
        found["html frame"] = shown.iframe()
    return found


def of_view(view: View) -> Outputs:
    """Return what a view shows: its own page, or the one that a server sends."""
    with contextlib.closing(view):
        if view.model.tiled:
            return {"html": make_page(view.model, SERVED), "text": repr(view)}
        return of_object(view)


def _text(value: Any) -> Outputs:
    return {"text": str(value)}


VERBS: dict[str, tuple[Callable[..., Any], Callable[..., Outputs]]] = {
    "Picture": (Picture, lambda **own: of_object(Picture(FIELD, **own))),
    "Grid": (Grid, lambda **own: of_object(Grid([FIELD, -FIELD], **own))),
    "Video": (
        Video,
        lambda **own: of_object(Video(STACK, **{"format": "apng", "progress": False, **own})),
    ),
    "View": (View, lambda **own: of_view(View(STACK, **own))),
    "View of tiles": (View, lambda **own: of_view(View(STACK, **{"embed": False, **own}))),
    "encode": (encode, lambda **own: _text(len(encode(FIELD, **own)))),
    "data_uri": (data_uri, lambda **own: _text(data_uri(FIELD, **own)[:20])),
    "data_uris": (data_uris, lambda **own: _text(data_uris([FIELD], **own)[0][:20])),
    "rerange": (rerange, lambda **own: _text(rerange(FIELD, **own).dtype)),
    "quilt": (quilt, lambda **own: _text(quilt(STACK, **own).dtype)),
    "describe": (describe, lambda **own: _text(describe(FIELD, **own))),
    "show_images": (show_images, lambda **own: {"html": show_images(FRAME, **own).to_html()}),
    "Shape": (Shape, lambda **own: of_shape(Shape(**{**SHAPE, **own}))),
}
SHAPE: dict[str, Any] = {"kind": "box", "points": [(0, 0), (2, 3)]}
DATA = {"data", "images", "source", "frame", "out"}
"""Parameters that are the data: what paths they are is tried elsewhere."""

FORMS: dict[str, Callable[[str], Any]] = {
    "text": lambda text: text,
    "list": lambda text: [text, text],
    "names": lambda text: [f"{text}{i}" for i in range(9)],
    "key": lambda text: {text: "red"},
    "value": lambda text: {"title": text},
    "item": lambda text: ("text", text, {"at": (1, 1)}),
    "pair": lambda text: ("ul", text),
    "labels": lambda text: {text: CELLS},
    "named labels": lambda text: {1: text, 2: text},
    "shapes": lambda text: {"shapes": [{**SHAPE, "label": text}], "panels": [text]},
}
"""What a text is given as."""


def of_shape(shape: Shape) -> Outputs:
    """Return what a shape says, by itself and drawn on a view."""
    found = of_view(View(FIELD, state={"shapes": [shape]}))
    known = Shapes([shape]).to_geojson()
    text = json.dumps(known)
    if not SURROGATES.search(text):  # which JSON joins
        assert Shapes.from_geojson(text) == Shapes([shape])
    return {**found, "text": repr(shape)}


def parameters(verb: str) -> list[str]:
    """Return the parameters of a verb that are not its data."""
    return [name for name in inspect.signature(VERBS[verb][0]).parameters if name not in DATA]


def doors() -> Iterator[tuple[str, Callable[[str], Outputs]]]:
    """Yield all doors by name."""
    for verb, (_, show) in VERBS.items():
        for name in parameters(verb):
            for form, make in FORMS.items():
                yield f"{verb} {name}= {form}", _fill(show, name, make)
    for what, door in SAYS.items():
        yield f"data: {what}", door
    for what, write in files.WRITERS.items():
        yield f"file: {what}", functools.partial(files.of_file, write)
    for what, write_own in files.WRITTEN.items():
        yield f"written: {what}", functools.partial(files.of_written, write_own)


def _fill(
    show: Callable[..., Outputs], name: str, make: Callable[[str], Any]
) -> Callable[[str], Outputs]:
    def fill(text: str) -> Outputs:
        given = make(text)
        more = {"channel_axis": 0} if name == "channels" else {}
        return show(**{name: given}, **more)

    return fill


# What data say of themselves


def _labelled(
    dims: tuple[str, ...] = ("t", "y", "x"), name: str = "n", unit: str = "u", time: str = "a"
) -> xr.DataArray:
    if set("[]") & set(unit):
        raise ValueError("a unit is what stands in brackets")
    data = xr.DataArray(
        STACK,
        {dims[0]: [time, "b"], dims[2]: np.arange(9.0), "level": f"{time} l"},
        dims,
        name,
        {"units": unit, "long_name": f"{name} l"},
    )
    data[dims[2]].attrs = {"units": unit, "long_name": name}
    return data


def _verbs_of(data: xr.DataArray) -> Outputs:
    """Return what each verb shows of labelled data."""
    axes: dict[str, Any] = {"x": True, "y": True, "colorbar": True}
    first = data[0]
    found = {
        "Picture": of_object(Picture(first, caption=True, title=str(data.name), **axes)),
        "Grid": of_object(Grid(data, **axes)),
        "Video": of_object(Video(data, format="apng", progress=False, **axes)),
        "View": of_view(View(data)),
        "tiles": of_view(View(data, embed=False)),
    }
    return {f"{kind} of {verb}": own for verb, all_ in found.items() for kind, own in all_.items()}


def _tree(data: Any) -> Outputs:
    found = make_tree(data)
    assert found is not None
    return {"html": found[0]["text/html"], "text": found[0]["text/plain"]}


def _composite(text: str) -> Outputs:
    options: dict[str, Any] = {"channels": {text: "red", "b": "#00f"}, "channel_axis": 0}
    return {
        "html": Picture(STACK, **options).html,
        "svg": Picture(STACK, **options).svg,
        "html grid": Grid([STACK, STACK], **options).html,
        **{f"{kind} view": own for kind, own in of_view(View(STACK, **options)).items()},
    }


def _overlays(text: str) -> Outputs:
    points = ("points", [(1, 2)], {"label": text})
    items = [("text", text, {"at": (1, 1)}), points]
    return {
        "svg": Picture(FIELD, overlay=items).svg,
        "html": Picture(FIELD, overlay=items).html,
        **{f"{kind} view": own for kind, own in of_view(View(FIELD, overlay=items)).items()},
    }


def _frame(text: str) -> pd.DataFrame:
    frame = pd.DataFrame({text: [text, text], "image": [FIELD, -FIELD]})
    frame.index = pd.Index([text, "b"], name=text)
    frame.columns.name = text
    return frame


@dataclasses.dataclass
class Holder:
    text: str
    array: Any


SAYS: dict[str, Callable[[str], Outputs]] = {
    "names of axes": lambda text: _verbs_of(_labelled((f"{text}t", f"{text}y", f"{text}x"))),
    "name": lambda text: _verbs_of(_labelled(name=text)),
    "unit": lambda text: _verbs_of(_labelled(unit=text)),
    "coordinates": lambda text: _verbs_of(_labelled(time=text)),
    "channels": _composite,
    "overlays": _overlays,
    "titles of a grid": lambda text: of_object(Grid({f"{text}1": FIELD, f"{text}2": FIELD})),
    "names of views": lambda text: of_view(View({f"{text}1": FIELD, f"{text}2": FIELD})),
    "errors of a grid": lambda text: of_object(Grid([FIELD, f"no-{text}"], errors="show")),
    "names of labels": lambda text: of_view(
        View(FIELD, labels={text: CELLS}, names={1: text}, embed=False)
    ),
    "table": lambda text: {"html": show_images(_frame(text)).to_html()},
    "keys of a tree": lambda text: _tree({text: FIELD, "b": {text: text}, ("a", text): CELLS}),
    "values of a tree": lambda text: _tree(Holder(text, FIELD)),
    "dataset": lambda text: _tree(_labelled(name=text, unit=text).to_dataset(name=text or "a")),
}


def try_door(door: Callable[[str], Outputs], text: str) -> Outputs | str:
    """Return what a door gives, or the line of its error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return door(text)
        except REFUSALS as error:
            return f"{type(error).__name__}: {error}"
