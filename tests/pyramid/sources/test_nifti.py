"""NIfTI, Analyze and MGH: values as nibabel has them, in space, slice by slice."""

from __future__ import annotations

import gzip
import pickle
import struct
import sys
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest

from nbimage import Picture, View, open_pyramid
from nbimage.cli.main import main

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(14)
VOLUME = RANDOM.integers(-300, 300, (7, 6, 5)).astype(np.int16)
"""Columns, rows and slices, as such files count."""
RAS = np.array([[2.0, 0, 0, -10], [0, 3, 0, -20], [0, 0, 4, -30], [0, 0, 0, 1]])


def save(path: Path, data: Array, affine: Any = RAS, kind: Any = nibabel.Nifti1Image) -> Path:
    image = kind(data, affine)
    image.header.set_xyzt_units("mm", "sec") if kind is not nibabel.MGHImage else None
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.nii", nibabel.Nifti1Image),
        ("a.nii", nibabel.Nifti2Image),
        ("a.nii.gz", nibabel.Nifti1Image),
        ("a.nii.gz", nibabel.Nifti2Image),
        ("a.img", nibabel.Nifti1Pair),
        ("a.hdr", nibabel.Nifti1Pair),
        ("a.mgh", nibabel.MGHImage),
        ("a.mgz", nibabel.MGHImage),
    ],
)
def test_slices_are_as_they_are_stored(name: str, kind: Any, tmp_path: Path) -> None:
    path = save(tmp_path / name, VOLUME, kind=kind)
    with open_pyramid(path) as pyramid:
        assert pyramid.dtype == VOLUME.dtype
        assert (pyramid.axes, pyramid.channels) == ((("z", 5),), 1)
        for z in range(5):
            assert np.array_equal(pyramid.read(0, index=(z,)), VOLUME[:, :, z].T)
        z, rows, columns = pyramid.metadata.coordinates
        assert z is not None
        assert z.values is not None
        assert (z.label, z.values.tolist()) == ("S [mm]", [-30, -26, -22, -18, -14])
        assert rows is not None
        assert (rows.label, rows.regular, rows.upward) == ("A [mm]", (-20, 3), True)
        assert columns is not None
        assert (columns.label, columns.regular, columns.upward) == ("R [mm]", (-10, 2), False)
        assert (pyramid.pixel_size, pyramid.unit) == ((3, 2), "mm")
        assert pyramid.metadata.note == "x, y, z go to R, A, S"
        again = pickle.loads(pickle.dumps(pyramid))
    assert np.array_equal(again.read(0, index=(3,)), VOLUME[:, :, 3].T)


def test_a_name_without_a_suffix_is_known_by_its_content(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", VOLUME)
    path.rename(tmp_path / "volume")
    with open_pyramid(tmp_path / "volume") as pyramid:
        assert np.array_equal(pyramid.read(0), VOLUME[:, :, 0].T)


def test_big_endian_bytes(tmp_path: Path) -> None:
    header = nibabel.Nifti1Header(endianness=">")
    header.set_data_dtype(np.float32)
    nibabel.save(nibabel.Nifti1Image(VOLUME.astype(np.float32), RAS, header), tmp_path / "a.nii")
    assert (tmp_path / "a.nii").read_bytes()[:4] == struct.pack(">i", 348)
    with open_pyramid(tmp_path / "a.nii") as pyramid:
        assert pyramid.dtype.isnative
        assert np.array_equal(pyramid.read(0, index=(1,)), VOLUME[:, :, 1].T)


def test_scaled_values_are_nibabels(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(VOLUME * 0.37 + 11, RAS)
    image.set_data_dtype(np.int16)  # which scales them
    nibabel.save(image, tmp_path / "a.nii")
    expected = nibabel.load(tmp_path / "a.nii").get_fdata()
    with open_pyramid(tmp_path / "a.nii") as pyramid:
        assert np.array_equal(pyramid.read(0, index=(2,)), expected[:, :, 2].T)
        assert np.array_equal(pyramid.read(0, slice(1, 4), slice(2, 3)), expected[2:3, 1:4, 0].T)


def test_times_come_first(tmp_path: Path) -> None:
    data = RANDOM.normal(size=(7, 6, 5, 3)).astype(np.float32)
    image = nibabel.Nifti1Image(data, RAS)
    image.header.set_xyzt_units("mm", "msec")
    image.header.set_zooms((2, 3, 4, 800))
    nibabel.save(image, tmp_path / "a.nii")
    with open_pyramid(tmp_path / "a.nii") as pyramid:
        assert pyramid.axes == (("t", 3), ("z", 5))
        assert np.array_equal(pyramid.read(0, index=(2, 4)), data[:, :, 4, 2].T)
        times = pyramid.metadata.coordinates[0]
        assert times is not None
        assert times.values is not None
        assert (times.label, times.values.tolist()) == ("[ms]", [0, 800, 1600])


def test_colors(tmp_path: Path) -> None:
    colors = np.zeros((7, 6, 5), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    for i, name in enumerate("RGB"):
        colors[name] = VOLUME % 50 + 60 * i
    save(tmp_path / "a.nii", colors)
    with open_pyramid(tmp_path / "a.nii") as pyramid:
        assert (pyramid.axes, pyramid.channels, pyramid.dtype) == ((("z", 5),), 3, np.uint8)
        found = pyramid.read(0, slice(2, 5), slice(1, 3), index=(2,))
        for i, name in enumerate("RGB"):
            assert np.array_equal(found[..., i], colors[name][1:3, 2:5, 2].T)


@pytest.mark.parametrize(
    ("codes", "upward"), [("RAS", True), ("LPS", False), ("LSP", True), ("AIR", False)]
)
def test_axes_go_where_the_file_says(codes: str, upward: bool, tmp_path: Path) -> None:
    affine = np.zeros((4, 4))
    affine[:3, 3], affine[3, 3] = (100, 200, 300), 1
    for axis, code in enumerate(codes):
        main = next(i for i, pair in enumerate(("RL", "AP", "SI")) if code in pair)
        affine[main, axis] = (axis + 1) * (1 if code in "RAS" else -1)
    with open_pyramid(save(tmp_path / "a.nii", VOLUME, affine)) as pyramid:
        known = pyramid.metadata.coordinates
        assert [one.upward for one in known if one] == [False, upward, False]
        assert pyramid.metadata.note == f"x, y, z go to {', '.join(codes)}"
        image = nibabel.load(tmp_path / "a.nii")
        corner = nibabel.affines.apply_affine(image.affine, (6, 5, 4))
        ends = {one.label[0]: one.listed(n)[-1] for one, n in zip(known, (5, 6, 7)) if one}  # noqa: B905
        assert [ends[way] for way in "RAS"] == corner.tolist()


def test_an_oblique_volume_has_sizes_alone(tmp_path: Path) -> None:
    turned = RAS.copy()
    turned[:2, :2] = 2 * np.array([[0.8, -0.6], [0.6, 0.8]])
    with open_pyramid(save(tmp_path / "a.nii", VOLUME, turned)) as pyramid:
        z, rows, columns = pyramid.metadata.coordinates
        assert z is not None
        assert rows is not None
        assert columns is not None
        assert (z.label, rows.label, columns.label) == ("S [mm]", "[mm]", "[mm]")
        assert np.allclose(columns.regular, (1, 2))
        assert rows.upward
        assert pyramid.metadata.note == "x, y, z go to R, A, S, nearly"


def test_a_volume_that_is_nowhere_has_sizes_alone(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(VOLUME, None)
    image.header.set_zooms((2, 3, 4))
    nibabel.save(image, tmp_path / "a.nii")
    with open_pyramid(tmp_path / "a.nii") as pyramid:
        assert [one.label for one in pyramid.metadata.coordinates if one] == ["", "", ""]
        assert [one.regular for one in pyramid.metadata.coordinates[1:] if one] == [
            (1.5, 3),
            (1, 2),
        ]


@pytest.mark.parametrize("embed", [True, False])
def test_a_view_has_all_slices(embed: bool, tmp_path: Path) -> None:
    view = View(save(tmp_path / "a.nii.gz", VOLUME), embed=embed)
    stack = view.model.images[0].stack
    assert (tuple(stack.shape), stack.upward) == ((5, 6, 7), True)
    assert stack.labels(0) == ["-30", "-26", "-22", "-18", "-14"]
    assert stack.spacing() == 2


def test_a_picture_of_one_slice_is_upright(tmp_path: Path) -> None:
    picture = Picture(save(tmp_path / "a.nii", VOLUME[:, :, :1]))
    expected = Picture(VOLUME[:, :, 0].T, origin="lower")
    assert np.array_equal(picture.pixels, expected.pixels)
    assert "S = -30 mm" in picture.alt or "z = -30 mm" in picture.alt


def test_the_command_line_says_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", str(save(tmp_path / "a.nii.gz", VOLUME))]) == 0
    out = capsys.readouterr().out
    assert "axes: z 5" in out
    assert "z: S [mm] -30 to -14" in out


SHIPPED = Path(nibabel.__file__).parent / "tests" / "data"


@pytest.mark.parametrize(
    "name",
    [
        "phantom_EPI_asc_CLEAR_2_1.PAR",
        "phantom_varscale.REC",
        "example4d+orig.HEAD",
        "example4d+orig.BRIK.gz",
        "scaled+tlrc.BRIK",
    ],
)
def test_volumes_with_a_header_beside_them(name: str) -> None:
    path = SHIPPED / name
    if not path.exists():
        pytest.skip("this release of nibabel ships no such file")
    expected = np.asarray(nibabel.load(str(path).replace(".BRIK.gz", ".HEAD")).dataobj).T
    with open_pyramid(path) as pyramid:
        sizes = tuple(length for _, length in pyramid.axes)
        planes = [pyramid.read(0, index=index) for index in np.ndindex(sizes)]
        known = pyramid.metadata.coordinates[-2:]
    assert np.array_equal(np.array(planes).ravel(), expected.ravel())
    assert [one.unit for one in known if one] == ["mm", "mm"]


def test_complex_samples_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", VOLUME.astype(np.complex64))
    with pytest.raises(TypeError, match=r"^[^\n]*a\.nii can't be opened: samples must be real"):
        open_pyramid(path)


@pytest.mark.parametrize("keep", [352, 600])
def test_a_part_of_a_file_is_refused(keep: int, tmp_path: Path) -> None:
    path = save(tmp_path / "a.nii", VOLUME)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(
        ValueError, match=r"^[^\n]*a\.nii must be a whole (file of 772 bytes|volume)"
    ):
        open_pyramid(path)
    packed = tmp_path / "b.nii.gz"
    packed.write_bytes(gzip.compress(path.read_bytes())[:-9])
    with pytest.raises(ValueError, match=r"^[^\n]*b\.nii\.gz must be a whole [^\n]*$"):
        open_pyramid(packed)


def test_without_nibabel_the_error_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.nii", VOLUME)
    monkeypatch.setitem(sys.modules, "nibabel", None)
    words = r"a\.nii can't be opened: NIfTI needs nibabel: pip install 'nbimage\[nifti\]'"
    with pytest.raises(ImportError, match=rf"^[^\n]*{words}$"):
        open_pyramid(path)
