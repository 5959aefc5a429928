"""Slides are what OpenSlide has of them: its pixels, its levels, over the background's color."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import openslide
import pytest
import tifffile
from PIL import Image

from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.sources.openslide_image import OpenSlideSource, is_known_slide, is_slide

Array = np.ndarray[Any, Any]
Y, X = np.mgrid[:1100, :1400]
PICTURE = np.stack([X % 256, Y % 256, (X + Y) // 2 % 256], axis=-1).astype(np.uint8)


def tiles(picture: Array, absent: set[tuple[int, int]], size: int = 256) -> Iterator[Array | None]:
    """Yield a picture's tiles in order, None for those that the file is to leave out."""
    rows, columns = picture.shape[:2]
    for top in range(0, rows, size):
        for left in range(0, columns, size):
            tile = np.zeros((size, size, 3), np.uint8)
            part = picture[top : top + size, left : left + size]
            tile[: part.shape[0], : part.shape[1]] = part
            yield None if (top // size, left // size) in absent else tile


def write_tiff(
    path: Path, levels: list[Array], absent: set[tuple[int, int]] | None = None, **more: Any
) -> Path:
    """Write levels as a tiled TIFF that OpenSlide reads, the largest without some tiles."""
    with tifffile.TiffWriter(path) as file:
        for number, level in enumerate(levels):
            file.write(
                tiles(level, (absent or set()) if number == 0 else set()),
                shape=level.shape,
                dtype=np.uint8,
                tile=(256, 256),
                photometric="rgb",
                compression="zlib",
                subfiletype=int(number > 0),
                metadata=None,
                **more,
            )
    return path


def write_vms(path: Path) -> Path:
    """Write a slide as Hamamatsu's scanners do: a text that names JPEG files."""
    whole = Image.fromarray(PICTURE[:512, :768])
    options: dict[str, Any] = {"quality": 90, "restart_marker_rows": 1, "subsampling": 0}
    whole.save(path.with_name("image.jpg"), **options)
    whole.resize((48, 32)).save(path.with_name("map.jpg"), **options)
    path.write_text(
        "[Virtual Microscope Specimen]\nNoLayers=1\nNoJpegColumns=1\nNoJpegRows=1\n"
        "ImageFile=image.jpg\nMapFile=map.jpg\nSourceLens=20\n"
        "PhysicalWidth=192000\nPhysicalHeight=256000\n",
        encoding="utf-8",
    )
    return path


def write_scn(path: Path) -> Path:
    """Write a slide as Leica's scanners do: first a picture of the glass, then the scan."""
    light = (
        "<scanSettings><objectiveSettings><objective>20</objective></objectiveSettings>"
        "<illuminationSettings><illuminationSource>brightfield</illuminationSource>"
        "</illuminationSettings></scanSettings>"
    )

    def image(level: Array, ifd: int, nm: int) -> str:
        high, wide = level.shape[:2]
        return (
            f'<image><pixels sizeX="{wide}" sizeY="{high}">'
            f'<dimension sizeX="{wide}" sizeY="{high}" r="0" ifd="{ifd}"/></pixels>'
            f'<view sizeX="{wide * nm}" sizeY="{high * nm}" offsetX="0" offsetY="0"/>'
            f"{light}</image>"
        )

    glass, scan = PICTURE[:300, :300], PICTURE[100:900, 100:1100]
    text = (
        '<?xml version="1.0"?><scn xmlns="http://www.leica-microsystems.com/scn/2010/10/01">'
        f'<collection sizeX="{300 * 10000}" sizeY="{300 * 10000}">'
        f"{image(glass, 0, 10000)}{image(scan, 1, 500)}</collection></scn>"
    )
    return write_tiff(
        path,
        [glass, scan],
        description=text,
        resolution=(20000, 20000),
        resolutionunit="CENTIMETER",
    )


def shown(slide: Any, index: int, box: tuple[int, int, int, int], background: int = 255) -> Array:
    """What OpenSlide has of a part, over a gray; its place must be whole in the largest level."""
    top, bottom, left, right = box
    times = round(slide.level_downsamples[index])
    region = slide.read_region((left * times, top * times), index, (right - left, bottom - top))
    whole = Image.new("RGBA", region.size, (background,) * 3)
    return np.asarray(Image.alpha_composite(whole, region).convert("RGB"))


def test_each_level_is_what_openslide_has(tmp_path: Path) -> None:
    path = write_tiff(tmp_path / "a.tif", [PICTURE, PICTURE[::4, ::4], PICTURE[::16, ::16]])
    slide = openslide.OpenSlide(path)
    source = OpenSlideSource(path)
    assert source.shapes == ((1100, 1400), (275, 350), (69, 88))
    assert (source.channels, source.dtype) == (3, np.uint8)
    pyramid = Pyramid(source)
    assert pyramid.native_levels == (0, 2, 4)
    for index, level in enumerate(pyramid.native_levels):
        high, wide = source.shapes[index]
        for box in [(0, high, 0, wide), (high // 3, high, wide // 2, wide - 1)]:
            rows, columns = slice(*box[:2]), slice(*box[2:])
            found = pyramid.read(level, rows, columns)
            if index < 2:  # 69 rows are no sixteenth of 1100: OpenSlide draws between its pixels
                assert np.array_equal(found, shown(slide, index, box))
            assert np.array_equal(found, pyramid.read(level)[rows, columns])
    assert np.array_equal(pyramid.read(0), PICTURE)


def test_levels_between_are_made(tmp_path: Path) -> None:
    path = write_tiff(tmp_path / "a.tif", [PICTURE, PICTURE[::4, ::4]])
    pyramid, plain = Pyramid(OpenSlideSource(path)), Pyramid(OpenSlideSource(path))
    half = pyramid.read(1)
    assert half.shape == (550, 700, 3)
    with plain:
        pixels = PICTURE.reshape(550, 2, 700, 2, 3).astype(int).sum(axis=(1, 3))
        assert np.array_equal(half, (pixels + 2) >> 2)


def test_what_was_not_scanned_is_the_background(tmp_path: Path) -> None:
    path = write_tiff(tmp_path / "a.tif", [PICTURE], absent={(0, 1), (2, 3)})
    with Pyramid(OpenSlideSource(path)) as pyramid:
        found = pyramid.read(0)
    expected = PICTURE.copy()
    expected[:256, 256:512] = expected[512:768, 768:1024] = 255
    assert np.array_equal(found, expected)


def test_the_pixel_size_is_in_micrometres(tmp_path: Path) -> None:
    source = OpenSlideSource(write_vms(tmp_path / "a.vms"))
    assert source.pixel_size == (0.5, 0.25)
    assert source.unit == "µm"
    assert OpenSlideSource(write_tiff(tmp_path / "a.tif", [PICTURE])).pixel_size is None


def test_a_slide_of_other_files_is_read_by_its_text(tmp_path: Path) -> None:
    path = write_vms(tmp_path / "a.vms")
    slide = openslide.OpenSlide(path)
    with Pyramid(OpenSlideSource(path)) as pyramid:
        assert pyramid.shapes[0] == (512, 768)
        assert np.array_equal(pyramid.read(0), shown(slide, 0, (0, 512, 0, 768)))
        found = pyramid.read(0, slice(20, 300), slice(100, 700)).astype(int)
        assert np.abs(found - PICTURE[20:300, 100:700])[:, :, 2].mean() < 10


def test_the_scan_is_read_and_not_the_picture_of_the_glass(tmp_path: Path) -> None:
    path = write_scn(tmp_path / "a.scn")
    assert is_slide(path)
    with Pyramid(OpenSlideSource(path)) as pyramid:
        read = pyramid.read(0)
        assert read.shape[0] > 300, "the glass"
        assert pyramid.pixel_size == (0.5, 0.5)
        scan = PICTURE[100:900, 100:1100]
        rows, columns = (
            int(openslide.OpenSlide(path).properties[f"openslide.bounds-{side}"]) for side in "yx"
        )
        assert np.array_equal(read[rows : rows + 800, columns : columns + 1000], scan)


def test_threads_read_what_one_reads(tmp_path: Path) -> None:
    path = write_tiff(tmp_path / "a.tif", [PICTURE, PICTURE[::4, ::4]])
    with Pyramid(OpenSlideSource(path)) as pyramid:
        places = [(top, left) for top in range(0, 1100, 90) for left in range(0, 1400, 110)]

        def same(place: tuple[int, int]) -> bool:
            rows, columns = slice(place[0], place[0] + 200), slice(place[1], place[1] + 200)
            return np.array_equal(pyramid.read(0, rows, columns), PICTURE[rows, columns])

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(same, places))


def test_a_pickled_slide_opens_itself_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiff(tmp_path / "a.tif", [PICTURE])
    monkeypatch.chdir(tmp_path)
    pyramid = Pyramid(OpenSlideSource(Path("a.tif")))
    data = pickle.dumps(pyramid)
    assert len(data) < 5000
    monkeypatch.chdir("/")
    with pickle.loads(data) as again:
        assert np.array_equal(again.read(0), PICTURE)


def test_a_damaged_tile_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = write_tiff(tmp_path / "a.tif", [PICTURE])
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        assert isinstance(page, tifffile.TiffPage)
        start, count = page.dataoffsets[0], page.databytecounts[0]
    data = bytearray(path.read_bytes())
    data[start : start + count] = b"\xff" * count
    path.write_bytes(data)
    with Pyramid(OpenSlideSource(path)) as pyramid:
        for _ in range(2):
            with pytest.raises(ValueError, match=r"a\.tif must be a whole slide: [^\n]+$"):
                pyramid.read(0, slice(0, 10), slice(0, 10))
            rows, columns = slice(600, 900), slice(600, 1000)
            found = pyramid.read(0, rows, columns)
            assert np.array_equal(found, PICTURE[rows, columns])


@pytest.mark.parametrize("name", ["a.mrxs", "a.vms", "a.dcm", "a.svslide", "a.czi"])
def test_what_is_no_slide_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"no slide" * 100)
    assert is_slide(path)
    with pytest.raises(ValueError, match=r"must be a slide that OpenSlide [\d.]+ reads, but is"):
        OpenSlideSource(path)


def test_a_slide_whose_files_are_missing_is_refused_in_one_line(tmp_path: Path) -> None:
    path = write_vms(tmp_path / "a.vms")
    (tmp_path / "image.jpg").unlink()
    with pytest.raises(ValueError, match=r"a\.vms must be a whole slide: [^\n]+$"):
        OpenSlideSource(path)


def test_tiffs_that_tifffile_reads_truly_are_left_to_it(tmp_path: Path) -> None:
    for name in ("a.tif", "a.svs", "a.ndpi", "a.scn", "a.bif"):
        path = write_tiff(tmp_path / name, [PICTURE[:300, :300]])
        assert not is_slide(path)
        assert is_known_slide(path)
    assert not is_slide(tmp_path / "a.png")


def test_without_the_package_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_vms(tmp_path / "a.vms")
    scan = write_scn(tmp_path / "a.scn")
    monkeypatch.setitem(sys.modules, "openslide", None)
    assert is_slide(path)
    assert is_slide(scan)
    assert not is_known_slide(path)
    with pytest.raises(ImportError, match=r"reading slides needs openslide-python: pip install"):
        OpenSlideSource(path)
