"""GeoTIFF by tifffile's tags: positions, bands, masks, and files beside."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import nbimage
from nbimage.cli.main import main
from nbimage.pyramid.open import open_pyramid

_UTM = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633)
_POINT = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 2, 3072, 0, 1, 32633)
_DEGREES = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
_SCALE = (33550, "d", 3, (10.0, 20.0, 0.0))
_TIEPOINT = (33922, "d", 6, (1.0, 2.0, 0.0, 500000.0, 4600000.0, 0.0))
_ROTATED = (34264, "d", 16, (8.0, 6.0, 0, 5, 6.0, -8.0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1))


def _keys(keys: tuple[int, ...]) -> tuple[int, str, int, tuple[int, ...]]:
    return 34735, "H", len(keys), keys


def _north_up(keys: tuple[int, ...] = _UTM) -> list[tuple[Any, ...]]:
    return [_SCALE, _TIEPOINT, _keys(keys)]


def _gdal(*items: str) -> tuple[Any, ...]:
    return 42112, "s", 0, f"<GDALMetadata>{''.join(items)}</GDALMetadata>"


def _item(name: str, sample: int, text: object) -> str:
    return f'<Item name="{name}" sample="{sample}" role="{name.lower()}">{text}</Item>'


def _samples(*shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).integers(1, 1000, shape).astype(np.uint16)


def _write(path: Path, data: Any, tags: Any = (), **options: Any) -> Path:
    tifffile.imwrite(path, data, extratags=tags, metadata=None, **options)
    return path


@pytest.mark.parametrize(
    ("keys", "labels", "crs", "half"),
    [
        (_UTM, ("northing [m]", "easting [m]"), "EPSG:32633", 0.5),
        (_POINT, ("northing [m]", "easting [m]"), "EPSG:32633", 0.0),
        (
            _DEGREES,
            ("latitude [degrees_north]", "longitude [degrees_east]"),
            "EPSG:4326",
            0.5,
        ),
    ],
    ids=["area", "point", "degrees"],
)
def test_pixel_centers_have_coordinates(
    tmp_path: Path, keys: Any, labels: Any, crs: str, half: float
) -> None:
    path = _write(tmp_path / "a.tif", _samples(8, 6), _north_up(keys))
    with open_pyramid(path) as pyramid:
        rows, columns = pyramid.metadata.coordinates
        assert rows is not None and columns is not None
        assert (rows.label, columns.label) == labels
        assert rows.regular == (4600000 + 2 * 20 - half * 20, -20)
        assert columns.regular == (500000 - 10 + half * 10, 10)
        assert pyramid.metadata.georeference is not None
        assert pyramid.metadata.georeference.crs == crs
        assert pyramid.pixel_size == ((20, 10) if keys is not _DEGREES else None)


def test_rotated_rows_have_a_note_and_no_coordinates(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.tif", _samples(8, 6), [_ROTATED, _keys(_UTM)])
    with open_pyramid(path) as pyramid:
        assert not pyramid.metadata.coordinates
        assert pyramid.metadata.georeference is not None
        assert pyramid.metadata.georeference.rotated == (8, 6, 5, 6, -8, 7)
        assert "rotation" in pyramid.metadata.note


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_packed_bands_are_physical_and_have_their_names(tmp_path: Path, planar: Any) -> None:
    data = _samples(3, 8, 6)
    data[1, 2, 3] = 0
    items = [_item("SCALE", 0, 0.5), _item("OFFSET", 1, -10), _item("UNITTYPE", 0, "K")]
    items += [_item("UNITTYPE", 1, "K"), _item("UNITTYPE", 2, "K")]
    items += [_item("DESCRIPTION", i, name) for i, name in enumerate(("red", "nir", "swir"))]
    tags = [*_north_up(), _gdal(*items), (42113, "s", 0, "0")]
    stored = data if planar == "separate" else np.moveaxis(data, 0, -1)
    path = _write(tmp_path / "a.tif", stored, tags, planarconfig=planar, photometric="minisblack")
    wanted = data.astype(np.float32)
    wanted[0] /= 2
    wanted[1] -= 10
    wanted[1, 2, 3] = np.nan
    with open_pyramid(path) as pyramid:
        found = np.asarray(pyramid.levels[0])
        np.testing.assert_array_equal(found, wanted)
        assert pyramid.source.stored == np.float32
        names = pyramid.metadata.coordinates[0]
        assert names is not None and names.values is not None
        assert names.values.tolist() == ["red", "nir", "swir"]
        assert pyramid.metadata.value_unit == "K"
        again = pickle.loads(pickle.dumps(pyramid))
        np.testing.assert_array_equal(np.asarray(again.levels[0]), wanted)
        again.close()


def _write_masked(path: Path, data: Any, mask: Any, *, reduced: bool = True) -> None:
    with tifffile.TiffWriter(path) as file:
        options: dict[str, Any] = {"tile": (16, 16), "metadata": None, "compression": "zlib"}
        file.write(data, extratags=_north_up(), **options)
        file.write(mask, subfiletype=4, photometric=4, **options)
        file.write(data[::2, ::2], subfiletype=1, **options)
        if reduced:
            file.write(mask[::2, ::2], subfiletype=5, photometric=4, **options)


@pytest.mark.parametrize("colors", [False, True], ids=["gray", "RGB"])
def test_a_mask_page_hides_samples_of_each_level(tmp_path: Path, colors: bool) -> None:
    data = (_samples(64, 48, 3) % 256).astype(np.uint8) if colors else _samples(64, 48)
    mask = np.ones((64, 48), bool)
    mask[:20, :11] = False
    _write_masked(tmp_path / "a.tif", data, mask)
    with open_pyramid(tmp_path / "a.tif") as pyramid:
        assert pyramid.native_levels == (0, 1)
        assert pyramid.source.stored == data.dtype
        for level in range(2):
            step = 1 << level
            wanted = data[::step, ::step].astype(np.float32)
            wanted[~mask[::step, ::step]] = np.nan
            np.testing.assert_array_equal(pyramid.read(level), wanted)
        box = np.s_[10:30, 5:20]
        part = pyramid.read(0, *box)
        np.testing.assert_array_equal(np.isnan(part), np.isnan(pyramid.read(0)[box]))
    picture = nbimage.Picture(str(tmp_path / "a.tif")).render()
    assert (picture[..., -1] == 0).tolist() == (~mask).tolist()


def test_a_level_without_a_mask_is_made_of_what_is_not_hidden(tmp_path: Path) -> None:
    data, mask = _samples(64, 48), np.ones((64, 48), bool)
    mask[:, :11] = False
    _write_masked(tmp_path / "a.tif", data, mask, reduced=False)
    with open_pyramid(tmp_path / "a.tif") as pyramid:
        assert pyramid.native_levels == (0,)
        assert np.isnan(pyramid.read(1)[:, :5]).all()
        assert pyramid.read(1)[0, 5] == data[:2, 11].mean()


def test_mask_and_levels_beside_a_file_are_used(tmp_path: Path) -> None:
    data, mask = _samples(64, 48), np.ones((64, 48), bool)
    mask[:20] = False
    path = _write(tmp_path / "a.tif", data, _north_up())
    _write(tmp_path / "a.tif.ovr", data[::2, ::2], subfiletype=1)
    with open_pyramid(path) as pyramid:
        assert pyramid.native_levels == (0, 1)
        np.testing.assert_array_equal(pyramid.read(1), data[::2, ::2])
    _write(tmp_path / "a.tif.msk", mask, subfiletype=4, photometric=4)
    _write(tmp_path / "a.tif.msk.ovr", mask[::2, ::2], subfiletype=5, photometric=4)
    with open_pyramid(path) as pyramid:
        assert pyramid.native_levels == (0, 1)
        assert np.array_equal(np.isnan(pyramid.read(0)), ~mask)
        assert np.array_equal(np.isnan(pyramid.read(1)), ~mask[::2, ::2])
        assert {one.name for one in pyramid.source.companions} == {  # type: ignore[attr-defined]
            "a.tif.ovr",
            "a.tif.msk",
            "a.tif.msk.ovr",
        }


def test_a_world_file_places_pixel_centers(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.tif", _samples(8, 6))
    (tmp_path / "a.tfw").write_text("2.0\n0.0\n0.0\n-3.0\n100.0\n200.0\n")
    with open_pyramid(path) as pyramid:
        rows, columns = pyramid.metadata.coordinates
        assert rows is not None and columns is not None
        assert (rows.regular, columns.regular) == ((200, -3), (100, 2))


def test_info_names_system_and_positions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _write(tmp_path / "a.tif", _samples(8, 6), _north_up())
    main(["info", str(path)])
    printed = capsys.readouterr().out
    assert "coordinate reference system: EPSG:32633" in printed
    assert "easting [m]: 499995 to 500045" in printed


def test_a_mask_of_another_size_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.ones((40, 60), np.uint8), photometric="minisblack")
    tifffile.imwrite(tmp_path / "a.tif.msk", np.zeros((20, 30), np.uint8))
    with open_pyramid(path) as pyramid:
        assert pyramid.metadata.note == "its mask is of another size, 20×30, and is not used"
        assert (pyramid.read(0) == 1).all()


def test_what_tifffile_logs_of_a_damaged_file_is_the_error_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"II*\0" + bytes(100))
    with pytest.raises(ValueError, match="a TIFF of at least one page, but has none"):
        open_pyramid(path)
    assert not caplog.records
    with pytest.raises(IndexError), tifffile.TiffFile(path) as file:
        _ = file.pages[0]
    assert caplog.records
