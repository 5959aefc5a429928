"""Files and arrays that say that their values are labels, and what single ones are called."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import h5py
import nibabel
import numpy as np
import pytest
import tifffile
import xarray
from PIL import Image

from nbimage import Picture, View, open_pyramid, write_ome_zarr
from nbimage.arrays.ingest import as_values
from nbimage.cli.main import main
from tests.arrays.dicom.test_values import dataset
from tests.optional import zarr

Array = np.ndarray[Any, Any]
LABELS = np.random.default_rng(3).choice(np.array([0, 1, 9], np.int16), (37, 53))
NAMES = {0: "land", 1: "water", 9: "deep_ice"}
FLAGS = {"flag_values": np.array([0, 1, 9], np.int16), "flag_meanings": "land water deep_ice"}
DATA = xarray.DataArray(LABELS, dims=("y", "x"), name="kind", attrs=FLAGS)
SHIPPED = Path(nibabel.__file__).parent / "tests" / "data"


def check(found: Any, names: dict[int, str]) -> None:
    """Compare an image's levels with every other sample, and what it calls them."""
    with open_pyramid(found) as pyramid:
        assert pyramid.labels
        first = (0,) * len(pyramid.axes)
        whole = pyramid.read(0, index=first)
        assert np.array_equal(pyramid.read(1, index=first), whole[::2, ::2], equal_nan=True)
        table = pyramid.metadata.label_table
        assert ({} if table is None else table.names) == names


def write(folder: Path, kind: str) -> Any:
    """Return data, or the path of a file, that have the flags of CF."""
    path = folder / f"a.{kind}"
    if kind == "xarray":
        return DATA
    if kind == "dask":
        return DATA.chunk({"y": 20})
    if kind == "nc":
        DATA.to_netcdf(path, engine="h5netcdf")
    elif kind == "zarr":
        array = zarr.create_array(str(path), data=LABELS)
        array.attrs.update({"flag_values": [0, 1, 9], "flag_meanings": "land water deep_ice"})
    elif kind == "store.zarr":
        DATA.to_dataset().to_zarr(path)
    else:
        with h5py.File(path, "w") as file:
            file.create_dataset("kind", data=LABELS).attrs.update(FLAGS)
    return path


@pytest.mark.parametrize("kind", ["xarray", "dask", "nc", "zarr", "store.zarr", "h5"])
def test_flags_of_cf_have_names(kind: str, tmp_path: Path) -> None:
    data = write(tmp_path, kind)
    check(data, NAMES)
    (image,) = View(data).model.config["images"]
    assert image["names"] == {str(label): name for label, name in NAMES.items()}
    assert Picture(data, max_pixels=300).labels


def test_a_dataset_of_hdf5_in_memory_has_them_too(tmp_path: Path) -> None:
    with h5py.File(write(tmp_path, "h5")) as file:
        check(file["kind"], NAMES)


@pytest.mark.parametrize(
    ("attributes", "names"),
    [
        ({"flag_values": "0b, 1b, 9b", "flag_meanings": "land water ice"}, (0, 1, 9)),
        ({"flag_values": [0, 1, 9], "flag_meanings": ["land", "water", "ice"]}, (0, 1, 9)),
        ({"flag_values": [0, 1], "flag_meanings": "one too many names"}, ()),
        ({"flag_values": [0, 1]}, ()),
        ({"flag_masks": [1, 2], "flag_meanings": "cloud snow"}, ()),
        ({"flag_masks": [3, 3], "flag_values": [1, 2], "flag_meanings": "cloud snow"}, ()),
    ],
)
def test_flags_without_a_name_each_are_labels_all_the_same(
    attributes: dict[str, Any], names: tuple[int, ...]
) -> None:
    words = dict(zip(names, ("land", "water", "ice"), strict=False))
    check(xarray.DataArray(LABELS, dims=("y", "x"), attrs=attributes), words)


def test_names_are_written_to_ome_zarr_and_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_ome_zarr(DATA, tmp_path / "a.zarr", progress=False)
    check(tmp_path / "a.zarr", NAMES)
    assert main(["info", str(tmp_path / "a.zarr")]) == 0
    assert "names of labels: 0 land, 1 water, 9 deep_ice" in capsys.readouterr().out


@pytest.mark.parametrize(("intent", "labels"), [("label", True), ("neuroname", True), ("none", 0)])
def test_the_intent_of_nifti_says_what_labels_are(
    intent: str, labels: bool, tmp_path: Path
) -> None:
    image = nibabel.Nifti1Image(LABELS[:, :, None], np.eye(4))
    image.header.set_intent(intent, allow_unknown=True)
    nibabel.save(image, tmp_path / "a.nii.gz")
    with open_pyramid(tmp_path / "a.nii.gz") as pyramid:
        assert pyramid.labels == labels


def test_regions_of_afni_have_names(tmp_path: Path) -> None:
    head = SHIPPED / "example4d+orig.HEAD"
    if not head.exists():
        pytest.skip("this release of nibabel ships no such file")
    shutil.copy(SHIPPED / "example4d+orig.BRIK.gz", tmp_path)
    table = '<VALUE_LABEL_DTABLE\n ni_dimen="2" >\n"1" "Left"\n"12" "Right"\n</VALUE_LABEL_DTABLE>'
    more = (
        f"\ntype = string-attribute\nname = VALUE_LABEL_DTABLE\ncount = {len(table)}\n'{table}~\n"
    )
    (tmp_path / head.name).write_text(head.read_text() + more)
    check(tmp_path / head.name, {1: "Left", 12: "Right"})
    more = "\ntype = integer-attribute\nname = INT_CMAP\ncount = 1\n 1\n"
    (tmp_path / head.name).write_text(head.read_text() + more)
    check(tmp_path / head.name, {})
    (tmp_path / head.name).write_text(head.read_text())
    with open_pyramid(tmp_path / head.name) as pyramid:
        assert not pyramid.labels


@pytest.mark.parametrize("kind", ["LABELMAP", "BINARY", "FRACTIONAL"])
def test_segmentations_of_dicom_are_labels_but_for_shares(kind: str, tmp_path: Path) -> None:
    pydicom = pytest.importorskip("pydicom")
    segments = []
    for number, name in ((1, "Liver"), (9, "Left kidney")):
        segments.append(pydicom.dataset.Dataset())
        segments[-1].SegmentNumber, segments[-1].SegmentLabel = number, name
    data = dataset(
        LABELS.astype(np.uint8) if kind != "BINARY" else (LABELS > 0).astype(np.uint8),
        SegmentationType=kind,
        SegmentSequence=pydicom.sequence.Sequence(segments),
    )
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66." + ("7" if kind == "LABELMAP" else "4")
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    for found in (data, tmp_path / "a.dcm"):
        if kind == "FRACTIONAL":
            with open_pyramid(found) as pyramid:
                assert not pyramid.labels
        else:
            check(found, {1: "Liver", 9: "Left kidney"} if kind == "LABELMAP" else {})


def test_numbers_of_segments_are_not_made_colors_of_their_palette() -> None:
    pytest.importorskip("pydicom")
    data = dataset(LABELS.astype(np.uint8), "PALETTE COLOR", SegmentationType="LABELMAP")
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.66.7"
    assert np.array_equal(np.asarray(as_values(data).array), LABELS)


def test_a_tiff_that_gdal_calls_thematic_is_one_of_labels(tmp_path: Path) -> None:
    def save(kind: str) -> Path:
        text = f'<GDALMetadata><Item name="LAYER_TYPE" sample="0">{kind}</Item></GDALMetadata>'
        path = tmp_path / f"{kind}.tif"
        tifffile.imwrite(path, LABELS, extratags=[(42112, 2, 0, text, True)])
        return path

    check(save("thematic"), {})
    with open_pyramid(save("athematic")) as pyramid:
        assert not pyramid.labels


NAMED = "<CategoryNames><Category>land</Category><Category>water</Category></CategoryNames>"
TABLE = """<GDALRasterAttributeTable tableType="{}">
<FieldDefn index="0"><Name>Class</Name><Type>2</Type><Usage>2</Usage></FieldDefn>
<FieldDefn index="1"><Name>Value</Name><Type>0</Type><Usage>5</Usage></FieldDefn>
<Row index="0"><F>land</F><F>0</F></Row><Row index="1"><F>deep ice</F><F>9</F></Row>
</GDALRasterAttributeTable>"""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (NAMED, {0: "land", 1: "water"}),
        (TABLE.format("thematic"), {0: "land", 9: "deep ice"}),
        (TABLE.format("athematic"), None),
        ('<Metadata><MDI key="LAYER_TYPE">thematic</MDI></Metadata>', {}),
        ("<Metadata><MDI key='STATISTICS_MEAN'>3</MDI></Metadata>", None),
        ("<broken", None),
    ],
)
def test_classes_that_gdal_lists_beside_a_tiff_are_read(
    text: str, names: dict[int, str] | None, tmp_path: Path
) -> None:
    tifffile.imwrite(tmp_path / "a.tif", LABELS)
    beside = f'<PAMDataset><PAMRasterBand band="1">{text}</PAMRasterBand></PAMDataset>'
    (tmp_path / "a.tif.aux.xml").write_text(beside)
    if names is None:
        with open_pyramid(tmp_path / "a.tif") as pyramid:
            assert not pyramid.labels
    else:
        check(tmp_path / "a.tif", names)


def test_a_tiff_with_a_palette_is_one_of_labels_by_its_path_and_as_pillow_opens_it(
    tmp_path: Path,
) -> None:
    colors = np.random.default_rng(0).integers(0, 65536, (3, 256), np.uint16)
    data = LABELS.astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="palette", colormap=colors)
    check(tmp_path / "a.tif", {})
    with Image.open(tmp_path / "a.tif") as image:
        check(image, {})
