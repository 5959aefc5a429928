"""What `%load_ext nbimage` shows of containers and of arrays that are not computed."""

from __future__ import annotations

from typing import Any

from nbimage.base.lazy_types import find_type
from nbimage.base.user_warnings import collect_warnings
from nbimage.page.ipython import Bundle, has_own_html
from nbimage.page.trees.stable_ids import keep_ids
from nbimage.page.trees.tree_html import fold_html, tree_html
from nbimage.picture import Picture
from nbimage.tables.array_summary import find_storage
from nbimage.trees.array_lines import is_loaded, is_mapped, is_picture_shape, make_array_line
from nbimage.trees.containers import UNREADABLE, holds_arrays, read_items
from nbimage.trees.walk import Walk

_OWN = {"xarray": "As xarray shows it", "dask": "As dask shows it"}


def make_tree(data: Any) -> Bundle | None:
    """Return the bundle of a container that holds an array; None of anything else."""
    walk = Walk()
    try:
        if read_items(data, walk.listed) is None or not holds_arrays(data, walk.listed):
            return None
        if has_own_html(data) and not _is_known(data):
            return None
    except UNREADABLE:
        return None
    line = walk.make_line("", data)
    return _html_bundle(tree_html(line, walk.notes, *_find_own(data)))


def make_line(data: Any) -> Bundle | None:
    """Return the bundle of an array in a file, of one not computed yet, or of xarray's.

    None of anything else.
    """
    labelled = isinstance(data, find_type("xarray", "DataArray"))
    if labelled and is_loaded(data) and is_picture_shape(data.shape, data.dims):
        try:
            bundle, metadata = Picture(data, caption=True)._repr_mimebundle_()
        except (TypeError, ValueError):
            pass
        else:
            html = bundle["text/html"] + fold_html(*_find_own(data))
            return {**bundle, "text/html": html}, metadata
    if not (find_storage(data) or labelled or is_mapped(data)):
        return None
    line = make_array_line("", data)
    return _html_bundle(tree_html(line, (), *_find_own(data)))


def _html_bundle(html: str) -> Bundle:
    return {"text/html": html}, {}


def _find_own(data: Any) -> tuple[str, str]:
    """Return the HTML that an object's own package makes of it, and what to call it."""
    package = _package(data)
    if package not in _OWN or not has_own_html(data):
        return "", ""
    with collect_warnings():
        html = data._repr_html_()
    return keep_ids(html or ""), _OWN[package]


def _is_known(data: Any) -> bool:
    return _package(data) in _OWN


def _package(data: Any) -> str:
    return type(data).__module__.partition(".")[0]
