"""Shapes in files: GeoJSON and ImageJ ROI, read by others and back."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import roifile

from nbimage import Shape, Shapes

SHAPES = Shapes(
    [
        Shape("point", [(3, 4.25)], "a <point>", "red", id="one"),
        Shape("line", [(1, 2), (5, 9.37)], "straight"),
        Shape("line", [(1, 2), (5, 9.37), (8, 1)]),
        Shape("box", [(-0.5, 1.5), (9.5, 7.5)], plane={"z": 3}),
        Shape("box", [(0.25, 1.5), (9, 7)]),
        Shape("ellipse", [(1.2, 3), (7, 12)], color=(0, 1, 1)),
        Shape("polygon", [(1, 1), (9, 3), (4, 9)], "añ", (0, 0, 1)),
    ]
)


def without_ids(shapes: Shapes) -> list[dict[str, Any]]:
    return [{**shape.to_dict(), "id": ""} for shape in shapes]


def test_geojson_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "cells.geojson"
    written = SHAPES.to_geojson(path)
    assert json.loads(path.read_text("utf-8")) == written
    for source in (path, str(path), written, json.dumps(written)):
        assert Shapes.from_geojson(source) == SHAPES
    outline = np.array(written["features"][5]["geometry"]["coordinates"][0]) - 0.5
    y, x = (outline[:, 1] - 4.1) / 2.9, (outline[:, 0] - 7.5) / 4.5
    np.testing.assert_allclose(x * x + y * y, 1)
    assert (outline[0] == outline[-1]).all()


def test_geojson_of_others_is_read() -> None:
    corners = [[0.5, 1.5], [10.5, 1.5], [10.5, 9.5], [0.5, 1.5]]
    parts = {"type": "MultiPolygon", "coordinates": [[corners], [corners[::-1]]]}
    properties = {"classification": {"name": "Tumor", "color": [200, 0, 0]}, "isLocked": False}
    feature = {"type": "Feature", "id": "x", "geometry": parts, "properties": properties}
    found = Shapes.from_geojson({"type": "FeatureCollection", "features": [feature]})
    assert [shape.points[0] for shape in found] == [(1, 0), (1, 0)]
    assert {(shape.kind, shape.label, shape.color) for shape in found} == {
        ("polygon", "Tumor", "#c80000")
    }
    points = Shapes.from_geojson('{"type": "MultiPoint", "coordinates": [[1, 2, 0], [3, 4, 0]]}')
    assert [shape.points for shape in points] == [((1.5, 0.5),), ((3.5, 2.5),)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON: it is nested too deeply"),
        ('{"type": "Point", "coordinates": [1' + "0" * 400 + ", 1]}", "it contradicts itself"),
        ('{"type": "Topology"}', "type must be FeatureCollection"),
        ('{"type": "FeatureCollection"}', "a part is missing"),
        ('{"type": "FeatureCollection", "features": [3]}', "a part is missing"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}', "must be 3 or more"),
        ('{"type": "Polygon", "coordinates": []}', "with holes"),
        ('{"type": "Point", "coordinates": ["a", 1]}', "could not convert"),
        ('{"type": "Point", "coordinates": [1e999, 1]}', "must be finite"),
        ('{"type": "Polygon", "coordinates": [[[0,0],[4,0],[4,4]],[[1,1],[2,1],[2,2]]]}', "holes"),
    ],
)
def test_what_is_no_geojson_is_said_in_one_line(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged.geojson"
    path.write_text(text, "utf-8")
    for source in (text, path):
        with pytest.raises(ValueError, match=words) as caught:
            Shapes.from_geojson(source)
        assert "\n" not in str(caught.value)
    path.write_bytes(b"\xff\xfe\x80")
    with pytest.raises(ValueError, match="is no text"):
        Shapes.from_geojson(path)


def test_imagej_roi_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    path = SHAPES.to_imagej(tmp_path / "cells.zip")
    assert without_ids(Shapes.from_imagej(path)) == without_ids(SHAPES)
    assert path.read_bytes() == SHAPES.to_imagej(tmp_path / "again.zip").read_bytes()
    for shape in SHAPES:
        one = Shapes([shape]).to_imagej(tmp_path / "one.roi")
        assert without_ids(Shapes.from_imagej(one)) == without_ids(Shapes([shape]))


def test_imagej_roi_are_what_other_readers_expect(tmp_path: Path) -> None:
    rois = roifile.roiread(SHAPES.to_imagej(tmp_path / "cells.zip"))
    assert [roi.roitype.name for roi in rois] == [
        *("POINT", "LINE", "POLYLINE", "RECT", "RECT", "OVAL", "POLYGON")
    ]
    assert [roi.name for roi in rois][:2] == ["a <point>", "straight"]
    assert (rois[3].left, rois[3].top, rois[3].right, rois[3].bottom) == (2, 0, 8, 10)
    assert rois[3].z_position == 4
    np.testing.assert_allclose(rois[6].coordinates(), [[1.5, 1.5], [3.5, 9.5], [9.5, 4.5]])
    assert rois[0].hexcolor(rois[0].stroke_color) == "#ff0000"
    names = zipfile.ZipFile(tmp_path / "cells.zip").namelist()
    assert len(set(names)) == len(SHAPES) and all(re.fullmatch(r"[\w -]+\.roi", n) for n in names)


def test_imagej_roi_of_others_are_read(tmp_path: Path) -> None:
    several = roifile.ImagejRoi.frompoints([[3, 4], [7, 8]], position=5)
    several.roitype = roifile.ROI_TYPE.POINT
    several.tofile(tmp_path / "points.roi")
    found = Shapes.from_imagej(tmp_path / "points.roi")
    assert [shape.points for shape in found] == [((4, 3),), ((8, 7),)]  # centers of these pixels
    assert found[0].plane == {0: 5}
    freehand = roifile.ImagejRoi.frompoints([[0, 0], [4, 0], [4, 4]])
    freehand.tofile(tmp_path / "free.roi")
    assert Shapes.from_imagej(tmp_path / "free.roi")[0].kind == "polygon"


def test_damaged_roi_are_said_in_one_line(tmp_path: Path) -> None:
    path = Shapes(SHAPES[6:]).to_imagej(tmp_path / "one.roi")
    whole = path.read_bytes()
    odd = bytearray(SHAPES.to_imagej(tmp_path / "all.zip").read_bytes())
    odd[8] = odd[odd.index(b"PK\1\2") + 10] = 99  # a way of packing that is unknown
    for damaged in (bytes(odd), b"", whole[:40], b"x" * 90, b"PK" + whole, whole[:70], b"PK\3\4"):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="can't be read as ImageJ ROI") as caught:
            Shapes.from_imagej(path)
        assert "\n" not in str(caught.value)


def test_a_roi_file_holds_one_shape(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds one shape, but there are 7"):
        SHAPES.to_imagej(tmp_path / "all.roi")
    with pytest.raises(ValueError, match=r"saved as \.zip or \.roi, but got"):
        SHAPES.to_imagej(tmp_path / "all.txt")
    with pytest.raises(ValueError, match=r"saved as \.geojson or \.json, but got"):
        SHAPES.to_geojson(tmp_path / "all.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_name_without_a_suffix_gets_the_default(tmp_path: Path) -> None:
    assert SHAPES.to_imagej(tmp_path / "cells.v2") == tmp_path / "cells.v2.zip"
    SHAPES.to_geojson(tmp_path / "cells.v2")
    assert Shapes.from_geojson(tmp_path / "cells.v2.geojson") == SHAPES


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "[" * 100_000,
        '{"type": "Point", "coordinates": [1]}',
        '{"type": "Polygon", "coordinates": [[]]}',
    ],
)
def test_geojson_that_lacks_something_is_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="GeoJSON") as raised:
        Shapes.from_geojson(text)
    assert len(str(raised.value)) < 200


def test_a_color_of_geojson_may_be_a_name() -> None:
    point = {"type": "Point", "coordinates": [1, 2]}
    feature = {"type": "Feature", "geometry": point, "properties": {"color": "#ff0000"}}
    assert Shapes.from_geojson(feature)[0].color == "#ff0000"
