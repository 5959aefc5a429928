"""Shapes as GeoJSON (RFC 7946), in samples as QuPath has it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbimage.base.atomic import read_file, write_file
from nbimage.base.suffixes import resolve_name
from nbimage.base.text import clean_json, explain_damage
from nbimage.view.shapes.masks import Point
from nbimage.view.shapes.shape import KINDS, Shape, as_shape

_CORNERS = 64  # of a polygon that stands for an ellipse: a multiple of 4


def write_geojson(shapes: Sequence[Shape], path: Any = None) -> dict[str, Any]:
    """Return a FeatureCollection, and write it to a file if one is given."""
    found = {"type": "FeatureCollection", "features": [_as_feature(shape) for shape in shapes]}
    if path is not None:
        name, _ = resolve_name(path, {"geojson": "geojson", "json": "json"}, "GeoJSON")
        write_file(name, json.dumps(clean_json(found), ensure_ascii=False).encode())
    return found


def _as_feature(shape: Shape) -> dict[str, Any]:
    corners = [[x + 0.5, y + 0.5] for y, x in _outline(shape)]
    geometry: dict[str, Any]
    if shape.kind == "point":
        geometry = {"type": "Point", "coordinates": corners[0]}
    elif shape.kind == "line":
        geometry = {"type": "LineString", "coordinates": corners}
    else:
        geometry = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    properties: dict[str, Any] = {"objectType": "annotation", "kind": shape.kind}
    if shape.label:
        properties["name"] = shape.label
    if shape.color:
        properties["color"] = list(bytes.fromhex(shape.color[1:]))
    if shape.plane:
        properties["plane"] = shape.plane
    feature = {"type": "Feature", "geometry": geometry, "properties": properties}
    return {**feature, "id": shape.id} if shape.id else feature


def _outline(shape: Shape) -> list[Point]:
    if shape.kind not in ("box", "ellipse"):
        return list(shape.points)
    (y0, x0), (y1, x1) = shape.points
    if shape.kind == "box":
        return [(y0, x0), (y0, x1), (y1, x1), (y1, x0)]
    y, x, high, wide = (y0 + y1) / 2, (x0 + x1) / 2, (y1 - y0) / 2, (x1 - x0) / 2
    ends = {0: (y, x1), 16: (y1, x), 32: (y, x0), 48: (y0, x)}  # these exactly
    turns = [math.tau * i / _CORNERS for i in range(_CORNERS)]
    return [
        ends.get(i, (y + high * math.sin(turn), x + wide * math.cos(turn)))
        for i, turn in enumerate(turns)
    ]


_DAMAGE = (TypeError, LookupError, AttributeError, ValueError, ArithmeticError, RecursionError)
_OWN_ERRORS = "feature ", "the feature", "the geometry"


def read_geojson(source: Any) -> list[Shape]:
    """Return the shapes of a file, of text or of a dict. Raises ValueError in one line."""
    name = "the GeoJSON"
    if not isinstance(source, Mapping):
        if not isinstance(source, (str, os.PathLike)):
            raise TypeError(f"{name} must be a path, text or a dict, but got {source!r:.60}")
        text: Any = source
        if isinstance(source, os.PathLike) or not str(source).lstrip().startswith(("{", "[")):
            name = repr(os.fspath(source))
            try:
                text = read_file(source).decode("utf-8-sig")
            except UnicodeDecodeError:
                raise ValueError(f"{name} must be GeoJSON, but is no text") from None
        try:
            source = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(
                f"{name} must be GeoJSON, but is no JSON: {explain_damage(error)}"
            ) from None
    try:
        return [shape for number, one in _features(source) for shape in _read(one, number)]
    except _DAMAGE as error:
        own = isinstance(error, ValueError) or str(error).startswith(_OWN_ERRORS)
        what = error if own else f"a part is missing or wrong: {explain_damage(error)}"
        raise ValueError(f"{name} can't be read as shapes: {what}") from None


def _features(source: Any) -> Iterator[tuple[str, Any]]:
    kind = source.get("type") if isinstance(source, Mapping) else type(source).__name__
    if kind == "FeatureCollection":
        for i, feature in enumerate(source["features"]):
            yield f"feature {i}", feature
    elif kind == "Feature":
        yield "the feature", source
    elif kind in _PARTS or kind == "GeometryCollection":
        yield "the geometry", {"geometry": source, "properties": None}
    else:
        raise ValueError(f"type must be FeatureCollection or Feature, but got {kind!r:.60}")


_PARTS: dict[str, Any] = {
    "Point": lambda c: [("point", [c])],
    "LineString": lambda c: [("line", c)],
    "Polygon": lambda c: [("polygon", c)],
    "MultiPoint": lambda c: [("point", [one]) for one in c],
    "MultiLineString": lambda c: [("line", one) for one in c],
    "MultiPolygon": lambda c: [("polygon", one) for one in c],
}


def _read(feature: Any, what: str) -> Iterator[Shape]:
    """Yield the shapes of a feature: of several parts one each."""
    properties = feature.get("properties") or {}
    geometry = feature["geometry"]
    parts = geometry["geometries"] if geometry["type"] == "GeometryCollection" else [geometry]
    wanted = properties.get("kind")
    color = properties.get("color") or (properties.get("classification") or {}).get("color")
    own = {
        "label": properties.get("name") or (properties.get("classification") or {}).get("name"),
        "color": color if isinstance(color, str | None) else tuple(map(_byte, color)),
        "plane": properties.get("plane"),
    }
    found = [one for part in parts for one in _PARTS[part["type"]](part["coordinates"])]
    name = feature.get("id") if len(found) == 1 else None
    for kind, coordinates in found:
        if kind == "polygon":
            if len(coordinates) != 1:
                raise ValueError(f"{what} has a polygon with holes, which no shape has")
            coordinates = coordinates[0]
            coordinates = coordinates[: -1 if coordinates[0] == coordinates[-1] else None]
        points = [(float(one[1]) - 0.5, float(one[0]) - 0.5) for one in coordinates]
        if kind == "polygon" and wanted in ("box", "ellipse"):
            rows, columns = zip(*points, strict=True)
            kind, points = wanted, [(min(rows), min(columns)), (max(rows), max(columns))]
        if kind not in KINDS:
            raise ValueError(f"{what} has an unknown kind {kind!r:.60}")
        yield as_shape({"kind": kind, "points": points, **own, "id": name}, what)


def _byte(part: Any) -> float:
    # bytes even if all are 0 or 1
    return float(part) if part > 1 else float(part) + 1e-9
