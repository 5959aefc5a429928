"""FITS: values as the header means them, all planes, the first row at the bottom, every HDU."""

from __future__ import annotations

import bz2
import gzip
import pickle
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from nbimage import Picture, open_pyramid
from nbimage.arrays.ingest import as_values
from nbimage.base import optional_imports
from nbimage.pyramid.core.source import Source
from tests.fits_files import make_unit, write_fits

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(11)
GRAY = RANDOM.integers(-3000, 3000, (31, 43)).astype(np.int16)


def read(path: Any, **options: Any) -> Array:
    with open_pyramid(path, **options) as pyramid:
        return np.asarray(pyramid)


@pytest.mark.parametrize("code", ["u1", "i2", "i4", "i8", "f4", "f8"])
def test_numbers_are_as_they_are_stored(code: str, tmp_path: Path) -> None:
    array = RANDOM.integers(0, 100, (5, 7)).astype(code)
    array[0, 0] = np.iinfo(code).min if array.dtype.kind == "i" else 0
    found = read(write_fits(tmp_path / "a.fits", array))
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)


@pytest.mark.parametrize(
    ("stored", "dtype", "zero"),
    [("u1", "i1", -128), ("i2", "u2", 2**15), ("i4", "u4", 2**31), ("i8", "u8", 2**63)],
)
def test_shifted_integers_have_the_other_sign(
    stored: str, dtype: str, zero: int, tmp_path: Path
) -> None:
    info = np.iinfo(stored)
    numbers = [[info.min, info.max, 1], [0, info.min + 5, 7]]
    array = np.array(numbers, stored)
    found = read(write_fits(tmp_path / "a.fits", array, BSCALE=1, BZERO=zero))
    assert found.dtype == np.dtype(dtype)
    assert found.tolist() == [[number + zero for number in row] for row in numbers]


@pytest.mark.parametrize("code", ["u1", "i2", "i4", "f4", "f8"])
def test_scaled_numbers_are_values(code: str, tmp_path: Path) -> None:
    array = np.arange(35).reshape(5, 7).astype(code)
    path = write_fits(tmp_path / "a.fits", array, BSCALE=0.25, BZERO=-3.0)
    assert np.array_equal(read(path), array * 0.25 - 3)
    assert np.array_equal(read(path), fits.getdata(path))


@pytest.mark.parametrize(
    ("cards", "blank"),
    [({}, -99), ({"BZERO": 32768}, -99), ({"BSCALE": 2.0, "BZERO": 5.0}, -99)],
)
def test_a_blank_is_missing(cards: dict[str, Any], blank: int, tmp_path: Path) -> None:
    array = GRAY.copy()
    array[3, 5] = array[7, 7] = blank
    path = write_fits(tmp_path / "a.fits", array, BLANK=blank, **cards)
    with open_pyramid(path) as pyramid:
        found, stored = pyramid.read(0), pyramid.source.stored
    gone = array == blank
    assert np.array_equal(np.isnan(found), gone)
    plain = array * cards.get("BSCALE", 1.0) + cards.get("BZERO", 0)
    assert np.array_equal(found[~gone], plain[~gone])
    assert stored == {0: np.int16, 1: np.uint16, 2: np.float32}[len(cards)]


def test_a_blank_that_no_sample_can_be_is_none(tmp_path: Path) -> None:
    path = write_fits(tmp_path / "a.fits", GRAY, BLANK=70000)
    assert np.array_equal(read(path), GRAY)


def test_nan_and_infinity_stay(tmp_path: Path) -> None:
    array = np.array([[np.nan, np.inf], [-np.inf, 1e300]])
    assert np.array_equal(read(write_fits(tmp_path / "a.fits", array)), array, equal_nan=True)


@pytest.mark.parametrize("suffix", ["fits", "FIT", "fts", "dat"])
def test_content_says_what_fits_is(suffix: str, tmp_path: Path) -> None:
    assert np.array_equal(read(write_fits(tmp_path / f"a.{suffix}", GRAY)), GRAY)


@pytest.mark.parametrize(("suffix", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_packed_files_are_unpacked(suffix: str, pack: Any, tmp_path: Path) -> None:
    plain = write_fits(tmp_path / "a.fits", GRAY)
    packed = tmp_path / f"a.fits.{suffix}"
    packed.write_bytes(pack(plain.read_bytes()))
    assert np.array_equal(read(packed), GRAY)
    assert np.array_equal(read(f"{packed}[0]"), GRAY)
    with open_pyramid(packed) as pyramid:
        again = pickle.loads(pickle.dumps(pyramid))
    assert np.array_equal(again.read(0), GRAY)


def test_a_damaged_packed_file_is_refused(tmp_path: Path) -> None:
    plain = write_fits(tmp_path / "a.fits", GRAY)
    packed = tmp_path / "a.fits.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes())[:-30])
    with pytest.raises(ValueError, match=r"^[^\n]*a\.fits\.\w+ must be a whole packed file: "):
        open_pyramid(packed)


# Several images


def in_parts(folder: Path) -> Path:
    path = folder / "parts.fits"
    path.write_bytes(
        make_unit(None, {})
        + make_unit(GRAY, {"EXTNAME": "SCI"}, primary=False)
        + make_unit(GRAY.astype(np.float32), {"EXTNAME": "ERR"}, primary=False)
        + make_unit(GRAY + 1, {"EXTNAME": "SCI", "EXTVER": 2}, primary=False)
        + make_unit(GRAY[0], {"EXTNAME": "LINE"}, primary=False)
    )
    return path


def test_the_first_image_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    with open_pyramid(in_parts(tmp_path)) as pyramid:
        assert np.array_equal(pyramid.read(0), GRAY)
        assert pyramid.metadata.note == "HDU 1 SCI, the first of the images 1 SCI, 2 ERR, 3 SCI,2"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("1", GRAY),
        ("sci", GRAY),
        ("ERR", GRAY.astype(np.float32)),
        ("2", GRAY.astype(np.float32)),
        ("SCI,2", GRAY + 1),
        ("SCI, 2", GRAY + 1),
    ],
)
def test_brackets_name_an_hdu(part: str, expected: Array, tmp_path: Path) -> None:
    path = in_parts(tmp_path)
    for named in (f"{path}[{part}]", Path(f"{path}[{part}]")):
        found = read(named)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("9", r"no HDU '9' in .*, which has 0 PRIMARY, 1 SCI, 2 ERR, 3 SCI,2, 4 LINE"),
        ("DQ", r"no HDU 'DQ' in "),
        ("SCI,3", r"no HDU 'SCI,3' in "),
        ("", r"no HDU '' in "),
        ("0", r"HDU 0 PRIMARY of .* must be an image of at least 2 axes, but is empty"),
        ("LINE", r"HDU 4 LINE of .* must be an image of at least 2 axes, but is of shape \(43,\)"),
    ],
)
def test_an_hdu_that_is_no_image_is_refused(part: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"^{words}[^\n]*$"):
        open_pyramid(f"{in_parts(tmp_path)}[{part}]")


def test_brackets_in_a_files_own_name_stay(tmp_path: Path) -> None:
    path = write_fits(tmp_path / "a.fits[1]", GRAY)
    assert np.array_equal(read(path), GRAY)
    np.save(tmp_path / "b[1].npy", GRAY)
    assert np.array_equal(read(tmp_path / "b[1].npy"), GRAY)


def test_a_part_of_another_file_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "b.npy", GRAY)
    Image.fromarray(GRAY.astype(np.uint8)).save(tmp_path / "b.png")
    for name in ("b.npy", "b.png"):
        with pytest.raises(
            ValueError, match=r"^no channels \[[^\n]+\] in [^\n]*b\.\w+, which has none with names$"
        ):
            open_pyramid(f"{tmp_path / name}[1]")


def test_a_table_is_refused(tmp_path: Path) -> None:
    table = fits.BinTableHDU.from_columns([fits.Column("x", "E", array=np.arange(4.0))])
    table.name = "EVENTS"
    table.writeto(tmp_path / "a.fits")
    words = "HDU 0 PRIMARY is empty, HDU 1 EVENTS is a table"
    with pytest.raises(ValueError, match=rf"^[^\n]* must hold an image of [^\n]*, but {words}$"):
        open_pyramid(tmp_path / "a.fits")


@pytest.mark.parametrize("keep", [100, 2880, 3000, 2880 + 31 * 43 * 2 - 1])
def test_a_part_of_a_file_is_refused(keep: int, tmp_path: Path) -> None:
    path = write_fits(tmp_path / "a.fits", GRAY)
    path.write_bytes(path.read_bytes()[:keep])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"^[^\n]*a\.fits must be a whole FITS file[^\n]*$"):
            open_pyramid(path)


def test_what_fills_the_last_block_may_lack(tmp_path: Path) -> None:
    path = write_fits(tmp_path / "a.fits", GRAY)
    path.write_bytes(path.read_bytes()[: 2880 + GRAY.nbytes])
    with warnings.catch_warnings(), open_pyramid(path) as pyramid:
        warnings.simplefilter("error")
        assert np.array_equal(pyramid.read(0), GRAY)


# Compressed


@pytest.mark.parametrize("way", ["RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1", "PLIO_1"])
@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4"])
def test_compressed_integers_are_exact(way: str, dtype: str, tmp_path: Path) -> None:
    array = RANDOM.integers(0, 120, (70, 90)).astype(dtype)
    if way != "PLIO_1" and dtype[0] == "i":
        array -= 60
    hdu = fits.CompImageHDU(array, compression_type=way)
    try:
        fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(tmp_path / "a.fits.fz")
    except ValueError:
        pytest.skip("astropy does not write it")
    found = read(tmp_path / "a.fits.fz")
    assert found.dtype == array.dtype
    assert np.array_equal(found, array)


def test_quantized_floats_are_as_astropy_has_them(tmp_path: Path) -> None:
    array = RANDOM.normal(size=(70, 90)).astype(np.float32)
    array[3, 4] = np.nan
    hdu = fits.CompImageHDU(array, compression_type="RICE_1", tile_shape=(32, 32))
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(tmp_path / "a.fits.fz")
    expected = fits.getdata(tmp_path / "a.fits.fz", 1)
    with open_pyramid(tmp_path / "a.fits.fz") as pyramid, ThreadPoolExecutor(4) as pool:
        assert np.array_equal(pyramid.read(0), expected, equal_nan=True)
        assert np.isnan(pyramid.read(0)[3, 4])
        again = pickle.loads(pickle.dumps(pyramid))

        def same(top: int) -> bool:
            part = slice(top, top + 20), slice(17, 60)
            return np.array_equal(again.read(0, *part), expected[part], equal_nan=True)

        assert all(pool.map(same, range(50)))


def test_thin_compressed_tiles_are_decoded_in_bands(tmp_path: Path) -> None:
    array = RANDOM.integers(0, 9, (600, 50)).astype(np.int16)
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(array)]).writeto(tmp_path / "a.fits.fz")
    with open_pyramid(tmp_path / "a.fits.fz") as pyramid:
        assert pyramid.block(0) == (256, 50)


@pytest.mark.parametrize("side", [1, 2])
def test_compressed_tiles_of_no_size_are_refused(side: int, tmp_path: Path) -> None:
    array = RANDOM.integers(0, 9, (60, 50)).astype(np.int16)
    path = tmp_path / "a.fits.fz"
    hdu = fits.CompImageHDU(array, tile_shape=(16, 50))
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    own = b"ZTILE1  =                   50", b"ZTILE2  =                   16"
    data = path.read_bytes()
    assert data.count(own[side - 1]) == 1
    path.write_bytes(data.replace(own[side - 1], own[side - 1][:-2] + b"-1"))
    with pytest.raises(
        ValueError, match=r"a\.fits\.fz must be a whole FITS file: HDU 1 .+ has tiles of"
    ):
        open_pyramid(path)


def test_an_hdu_of_a_negative_size_is_the_last_one(tmp_path: Path) -> None:
    array = RANDOM.integers(0, 9, (24, 37)).astype(np.int32)
    path = tmp_path / "a.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(array), fits.ImageHDU(array)]).writeto(path)
    before, card, after = path.read_bytes().rpartition(b"NAXIS1  =                   37")
    path.write_bytes(before + card[:-3] + b"-32" + after)
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0), array)
    with pytest.raises(ValueError, match=r"HDU 2 of .+ must be an image of at least 2 axes"):
        open_pyramid(f"{path}[2]")


# Axes


def cube(folder: Path, **cards: Any) -> tuple[Path, Array]:
    array = RANDOM.normal(size=(3, 11, 13)).astype(np.float32)
    return write_fits(folder / "cube.fits", array, **cards), array


def test_planes_of_a_cube_are_no_colors(tmp_path: Path) -> None:
    path, array = cube(tmp_path)
    with open_pyramid(path) as pyramid:
        assert (pyramid.axes, pyramid.channels) == ((("NAXIS3", 3),), 1)
        for plane in range(3):
            assert np.array_equal(pyramid.read(0, index=(plane,)), array[plane])


@pytest.mark.parametrize("cards", [{"CTYPE3": "RGB"}, {"ROWORDER": "BOTTOM-UP"}])
def test_planes_that_are_said_to_be_colors_are(cards: dict[str, Any], tmp_path: Path) -> None:
    path, array = cube(tmp_path, **cards)
    with open_pyramid(path) as pyramid:
        assert (pyramid.axes, pyramid.channels) == ((), 3)
        assert np.array_equal(pyramid.read(0), np.moveaxis(array, 0, -1))


def test_axes_of_one_are_dropped_and_told(tmp_path: Path) -> None:
    cards = {"CTYPE3": "FREQ", "CUNIT3": "GHz", "CRVAL3": 1.5, "CRPIX3": 1.0, "CDELT3": 0.1}
    array = RANDOM.normal(size=(1, 1, 11, 13))
    path = write_fits(tmp_path / "a.fits", array, CTYPE4="STOKES", CRVAL4=1.0, CRPIX4=1.0, **cards)
    with open_pyramid(path) as pyramid:
        assert pyramid.axes == ()
        assert np.array_equal(pyramid.read(0), array[0, 0])
        assert pyramid.metadata.title == "STOKES = I, FREQ = 1.5 GHz"


def coordinates(path: Path) -> list[Any]:
    with open_pyramid(path) as pyramid:
        return list(pyramid.metadata.coordinates)


def test_linear_axes_have_coordinates(tmp_path: Path) -> None:
    cards = {"CTYPE1": "X", "CUNIT1": "mm", "CRPIX1": 3.0, "CRVAL1": 10.0, "CDELT1": 0.5}
    cards |= {"CTYPE2": "Y", "CUNIT2": "mm", "CRPIX2": 1.0, "CRVAL2": -2.0, "CD2_2": 0.25}
    del cards["CDELT1"]
    cards |= {"CD1_1": 0.5, "CD3_3": 1e6}
    cards |= {"CTYPE3": "VELO-LSR", "CUNIT3": "m/s", "CRPIX3": 2.0, "CRVAL3": 5e6}
    path, _ = cube(tmp_path, **cards, BUNIT="Jy/beam", BTYPE="Intensity")
    further, rows, columns = coordinates(path)
    assert further.values.tolist() == [4e6, 5e6, 6e6]
    assert further.label == "VELO [m/s]"
    assert (rows.label, rows.regular, rows.upward) == ("Y [mm]", (-2.0, 0.25), True)
    assert (columns.label, columns.regular, columns.upward) == ("X [mm]", (9.0, 0.5), False)
    with open_pyramid(path) as pyramid:
        assert pyramid.metadata.label == "Intensity [Jy/beam]"
        assert (pyramid.axes, pyramid.unit) == ((("VELO", 3),), "mm")
        assert pyramid.pixel_size == (0.25, 0.5)


SKY = {"CTYPE1": "RA---TAN", "CRVAL1": 83.5, "CRPIX1": 7.0, "CDELT1": -0.01}
SKY |= {"CTYPE2": "DEC--TAN", "CRVAL2": 22.0, "CRPIX2": 6.0, "CDELT2": 0.01}


@pytest.mark.parametrize(
    "cards",
    [
        SKY,
        {"CRVAL1": 1.0, "CDELT1": 2.0, "CRVAL2": 0.0, "CDELT2": 2.0, "CROTA2": 30.0},
        {"CRVAL1": 1.0, "CRVAL2": 1.0, "CD1_1": 1.0, "CD1_2": 0.1, "CD2_2": 1.0},
        {"CRVAL1": 1.0, "CRVAL2": 1.0, "PC1_2": 0.1, "PC2_1": 0.1},
        {"CRVAL1": 1.0, "CRVAL2": 1.0, "A_ORDER": 2, "A_2_0": 1e-3},
        {"CTYPE1": "GLON-CAR", "CTYPE2": "GLAT-CAR", "CRVAL1": 1.0, "CRVAL2": 10.0},
        {"CTYPE1": "WAVE-TAB", "CRVAL1": 1.0, "CTYPE2": "FELO-LSR", "CRVAL2": 1.0},
    ],
)
def test_coordinates_of_both_axes_together_are_told_alone(
    cards: dict[str, Any], tmp_path: Path
) -> None:
    path = write_fits(tmp_path / "a.fits", GRAY, **cards)
    rows, columns = coordinates(path)
    for known in (rows, columns):
        assert (known.values, known.regular) == (None, None)
    with open_pyramid(path) as pyramid:
        assert pyramid.metadata.note.startswith("not shown: coordinates ")
        assert all(str(v) in pyramid.metadata.note for k, v in cards.items() if "CTYPE" in k)


@pytest.mark.parametrize("kind", ["TAN", "SIN", "TAN-SIP", "AIT", "TPV"])
def test_a_note_says_where_on_the_sky_the_center_is(kind: str, tmp_path: Path) -> None:
    from astropy.wcs import WCS

    cards = {**SKY, "CTYPE1": f"RA---{kind}", "CTYPE2": f"DEC--{kind}", "RADESYS": "ICRS"}
    if kind == "TAN-SIP":
        cards |= {"A_ORDER": 2, "B_ORDER": 2, "A_2_0": 1e-3, "B_1_1": 1e-3}
    path = write_fits(tmp_path / "a.fits", GRAY, **cards)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = Picture(path)
    center = WCS(fits.getheader(path)).pixel_to_world(21, 15)
    found = re.search(
        r"center RA ([\d.]+)°, Dec ([\d.]+)° \(ICRS\), 36″ a pixel", picture.description
    )
    assert found, picture.description
    assert np.allclose(
        [float(found[1]), float(found[2])], [center.ra.deg, center.dec.deg], atol=1e-3
    )


def test_pixels_of_the_sky_have_their_own_sides(tmp_path: Path) -> None:
    cards = {**SKY, "CDELT1": 0.5 / 3600, "CDELT2": 0.25 / 3600, "EQUINOX": 2000.0}
    with open_pyramid(write_fits(tmp_path / "a.fits", GRAY, **cards)) as pyramid:
        assert "(J2000), 0.25″ × 0.5″ a pixel" in pyramid.metadata.note
    galactic = {**SKY, "CTYPE1": "GLON-TAN", "CTYPE2": "GLAT-TAN", "CDELT1": 2.0, "CDELT2": 2.0}
    with open_pyramid(write_fits(tmp_path / "b.fits", GRAY, **galactic)) as pyramid:
        assert re.search(r"center l \d+.\d°, b \d+.\d°, 2° a pixel", pyramid.metadata.note)
    nonsense = {**SKY, "CDELT1": 0.0, "CD1_1": 0.0, "CD2_2": 0.0}
    with open_pyramid(write_fits(tmp_path / "c.fits", GRAY, **nonsense)) as pyramid:
        assert "center" not in pyramid.metadata.note


def test_a_flat_map_of_the_sky_has_coordinates(tmp_path: Path) -> None:
    from astropy.wcs import WCS

    cards = {"CTYPE1": "GLON-CAR", "CRVAL1": 10.0, "CRPIX1": 20.5, "CDELT1": -0.5}
    cards |= {"CTYPE2": "GLAT-CAR", "CRVAL2": 0.0, "CRPIX2": 15.5, "CDELT2": 0.5}
    path = write_fits(tmp_path / "a.fits", GRAY, **cards)
    rows, columns = coordinates(path)
    sky = WCS(fits.getheader(path))
    longitude, latitude = sky.pixel_to_world_values(np.arange(43), np.arange(43))
    assert np.allclose(columns.listed(43) % 360, longitude % 360)
    assert np.allclose(rows.listed(31), latitude[:31])
    assert columns.label == "GLON [deg]"


def test_logarithmic_wavelengths_are_listed(tmp_path: Path) -> None:
    from astropy.wcs import WCS

    cards = {"CTYPE3": "WAVE-LOG", "CUNIT3": "m", "CRVAL3": 5e-7, "CRPIX3": 1.0, "CDELT3": 1e-8}
    path, _ = cube(tmp_path, **cards)
    found = coordinates(path)[0].values
    waves = WCS(fits.getheader(path)).spectral.pixel_to_world_values(np.arange(3))
    assert np.allclose(found, waves, rtol=1e-12, atol=0)


@pytest.mark.parametrize(("order", "upward"), [("TOP-DOWN", False), ("BOTTOM-UP", True)])
def test_the_order_of_rows_is_believed(order: str, upward: bool, tmp_path: Path) -> None:
    rows, _ = coordinates(write_fits(tmp_path / "a.fits", GRAY, ROWORDER=order))
    assert rows.upward is upward


# Others


def test_without_astropy_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_fits(tmp_path / "a.fits", GRAY)
    monkeypatch.setitem(__import__("sys").modules, "astropy.io", None)
    words = r"a\.fits can't be opened: FITS needs astropy: pip install 'nbimage\[fits\]'"
    with pytest.raises(ImportError, match=rf"^[^\n]*{words}$"):
        open_pyramid(path)
    with pytest.raises(ImportError):
        optional_imports.import_astropy_fits()


def test_an_image_of_pillows_is_refused(tmp_path: Path) -> None:
    path = write_fits(tmp_path / "a.fits", GRAY)
    with Image.open(path) as image, pytest.raises(ValueError, match="give the file's path instead"):
        as_values(image)


def test_nothing_but_headers_is_read_at_opening(tmp_path: Path) -> None:
    path = tmp_path / "large.fits"
    head = make_unit(np.zeros((0, 0), np.float32), {})[:2880]
    head = head.replace(b"NAXIS1  =                    0", b"NAXIS1  =                40000")
    head = head.replace(b"NAXIS2  =                    0", b"NAXIS2  =                40000")
    with path.open("wb") as file:  # sparse: no disk is needed
        file.write(head)
        file.truncate(2880 + 40000 * 40000 * 4)
    with open_pyramid(path) as pyramid:
        assert isinstance(pyramid.source, Source)
        assert pyramid.shapes[0] == (40000, 40000)
        assert not pyramid.read(0, slice(39990, None), slice(0, 5)).any()
