"""The reader for napari, as npe2 finds, checks and calls it: lazy layers of several scales."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path
from typing import Any

import npe2
import numpy as np
import tifffile
from npe2 import PluginManifest

import nbimage
from nbimage import write_image, write_ome_zarr, write_tiff
from nbimage.napari.reader import get_reader
from nbimage.pyramid.open_plugin import READ_HERE
from tests.ngff_files import write_labels
from tests.optional import zarr

ROOT = Path(nbimage.__file__).parent
MANIFEST = ROOT / "napari" / "napari.yaml"
RANDOM = np.random.default_rng(5)
CELLS = RANDOM.integers(0, 4000, (2, 3, 700, 600)).astype(np.uint16)


def read(npe2pm: Any, path: Any) -> list[Any]:
    with npe2pm.tmp_plugin(manifest=str(MANIFEST)):
        found: list[Any] = npe2.read([str(path)], stack=False, plugin_name="nbimage")
        return found


def test_the_manifest_is_valid_and_names_what_is_there() -> None:
    manifest = PluginManifest.from_file(MANIFEST)
    manifest.validate_imports()
    (reader,) = manifest.contributions.readers or []
    assert reader.accepts_directories
    suffixes = {pattern.removeprefix("*.") for pattern in reader.filename_patterns}
    assert suffixes <= READ_HERE
    assert {"tif", "tiff", "zarr", "ozx", "dzi", "svs", "nii", "fits", "dcm", "npy"} <= suffixes
    config = configparser.ConfigParser()
    config.read(ROOT.parent / "setup.cfg", "utf-8")
    listed = config["options.entry_points"]["napari.manifest"].strip()
    assert listed == "nbimage = nbimage.napari:napari.yaml"


def test_npe2_finds_it_in_the_installed_package(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    copy = tmp_path / "source"
    copy.mkdir()
    for name in ("nbimage", "setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE"):
        (copy / name).symlink_to(ROOT.parent / name)
    target = tmp_path / "installed"
    subprocess.run([*pip, "--target", str(target), str(copy)], check=True, capture_output=True)
    found = [each for each in PluginManifest.discover(paths=[target]) if each.manifest]
    assert "nbimage" in [each.manifest.name for each in found if each.manifest is not None]
    assert (target / "nbimage" / "napari" / "napari.yaml").is_file()


def test_channels_are_layers_with_names_colors_and_steps(npe2pm: Any, tmp_path: Path) -> None:
    path = write_ome_zarr(
        CELLS,
        tmp_path / "cells.ome.zarr",
        axes="czyx",
        pixel_size={"z": 2, "y": 0.5, "x": 0.25},
        unit="um",
        channel_names=["DAPI", "GFP"],
        colors=["blue", "lime"],
        progress=False,
    )
    layers = read(npe2pm, path)
    assert [layer[2] for layer in layers] == ["image", "image"]
    for number, (data, options, _) in enumerate(layers):
        assert options["name"] == f"cells.ome.zarr: {('DAPI', 'GFP')[number]}"
        assert options["colormap"] == ("#0000ff", "#00ff00")[number]
        assert options["blending"] == "additive"
        assert options["scale"] == (2, 0.5, 0.25)
        assert options["multiscale"]
        assert [level.shape for level in data] == [(3, 700, 600), (3, 350, 300), (3, 175, 150)]
        assert not isinstance(data[0], np.ndarray)  # nothing is read yet
        assert np.array_equal(data[0][1, 10:20, 30:50], CELLS[number, 1, 10:20, 30:50])
        assert np.array_equal(np.asarray(data[0]), CELLS[number])


def test_colors_are_one_layer(npe2pm: Any, tmp_path: Path) -> None:
    colors = RANDOM.integers(0, 256, (300, 400, 3), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", colors, photometric="rgb")
    ((data, options, kind),) = read(npe2pm, tmp_path / "a.tif")
    assert (kind, options["rgb"], options["scale"]) == ("image", True, (1, 1))
    assert np.array_equal(data[0][:], colors)


def test_label_images_are_layers_of_labels(npe2pm: Any, tmp_path: Path) -> None:
    path = write_ome_zarr(CELLS[0, 0], tmp_path / "a.zarr", axes="yx", progress=False)
    labels = (CELLS[0, 0] > 2000).astype(np.uint8)
    write_labels(zarr.open_group(path, mode="r+").store, ("cells",), labels)
    layers = read(npe2pm, path)
    assert [(layer[1]["name"], layer[2]) for layer in layers] == [
        ("a.zarr", "image"),
        ("cells", "labels"),
    ]
    data = layers[1][0]
    assert np.array_equal(data[0][:] if layers[1][1]["multiscale"] else data[:], labels)


def test_a_small_picture_has_one_scale(npe2pm: Any, tmp_path: Path) -> None:
    path = write_tiff(CELLS[0, 0, :200, :100], tmp_path / "a.tif", progress=False)
    ((data, options, _),) = read(npe2pm, path)
    assert not options["multiscale"]
    assert data.shape == (200, 100)


def test_what_there_is_not_is_no_readers(tmp_path: Path) -> None:
    assert get_reader(str(tmp_path / "none.tif")) is None
    path = write_image(CELLS[0, 0], tmp_path / "a.tif")
    assert callable(get_reader([str(path), str(path)]))
    reader = get_reader([str(path), str(path)])
    assert reader is not None
    assert len(reader([str(path), str(path)])) == 2


def test_nothing_of_napari_is_imported() -> None:
    code = (
        "import sys, nbimage.napari.reader; print('napari' in sys.modules, 'npe2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


def test_further_axes_are_in_front(npe2pm: Any, tmp_path: Path) -> None:
    path = write_tiff(CELLS[0], tmp_path / "a.ome.tif", axes="tyx", progress=False)
    ((data, options, _),) = read(npe2pm, path)
    assert data[0].shape == (3, 700, 600)
    assert len(options["scale"]) == len(options["translate"]) == 3
