"""What is shown and saved is the same, byte for byte, whichever process makes it.

A notebook whose cells run again then has no difference to commit, and a cache knows it again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

MAKE = """
import hashlib, json, pathlib, sys

import numpy as np
import pandas
import xarray

from nbimage import Grid, Picture, Video, View, data_uris, describe, encode, show_images
from nbimage.trees.bundles import make_line, make_tree

rows, columns = np.mgrid[0:60, 0:90]
wave = np.sin(columns / 13) * np.cos(rows / 17)
labels = (rows // 20 * 3 + columns // 30).astype(np.int32)
days = np.datetime64("2024-01-01") + np.arange(90)
stack = np.stack([np.roll(wave, i, 1) for i in range(6)])
field = xarray.DataArray(
    stack, dims=("time", "lat", "lon"), name="warmth", attrs={"units": "K"},
    coords={"time": days[:6], "lat": np.linspace(50, 40, 60), "lon": np.linspace(-5, 12, 90)},
)
overlay = [
    ("labels", labels), ("contour", wave), ("text", ["a", "b"], {"at": [(9, 9), (20, 20)]}),
    ("points", [(1, 2), (3, 4), (5, 6)], ["red", "blue", "red"]), wave > 0.5,
]
made = {
    "picture": Picture(wave),
    "figure": Picture(
        wave, x=days, y=True, title="A", xlabel="day", colorbar="volt", histogram=True,
        overlay=wave > 0.5, pixel_size=2, unit="mm", caption=True, under="red", over="blue",
    ),
    "overlaid": Picture(wave, x=True, y=True, overlay=overlay),
    "names": Picture(wave[:6, :8], x=[f"name {i}" for i in range(8)], y=list("abcdef")),
    "labels": Picture(labels, labels=True),
    "log": Picture(np.exp(3 * wave), norm="log", colorbar=True, y=(1, 8)),
    "levels": Picture(wave, levels=[-1, -0.5, 0, 0.2, 1], colorbar=True),
    "field": Picture(field[0]),
    "composite": Picture(np.stack([wave, -wave, wave * 2]), channels=["GFP", "DAPI", "RFP"]),
    "grid": Grid({f"wave {i}": part for i, part in enumerate(stack)}, colorbar="volt", x=True),
    "facets": Grid(field, row="time", shared="row", title="Facets"),
    "video": Video(field, colorbar=True, counter=True, title="moving"),
    "view": View(field),
    "layers": View(stack, labels=np.stack([labels] * 6), overlay=overlay[-1]),
}
table = pandas.DataFrame({"name": list("cab"), "image": list(stack[:3]), "number": [1.5, 2, -3]})
found = {name: item._repr_mimebundle_() for name, item in made.items()}
found["table"] = show_images(table)._repr_html_()
found["indexed"] = show_images(table.set_index("name"))._repr_html_()
found["tree"] = make_tree({"b": wave, "a": {"x": stack, "y": [labels, field], "s": {"p", "q"}}})
found["line"] = make_line(wave)
found["describe"] = repr(describe(field))
found["uris"] = data_uris(pandas.Series(list(stack)), size=16).to_list()
found["encoded"] = [encode(wave, kind) for kind in ("png", "jpeg", "webp")]
folder = pathlib.Path(sys.argv[1])
files = {"figure": "svg pdf png html", "grid": "pdf png html", "video": "mp4 html", "view": "html"}
for name, suffixes in files.items():
    for suffix in suffixes.split():
        figure = {"figure": True} if suffix == "png" else {}
        path = made[name].save(folder / f"{name}.{suffix}", **figure)
        path = path[0] if isinstance(path, list) else path
        found[path.name] = path.read_bytes()
json.dump({name: hashlib.sha256(repr(one).encode()).hexdigest() for name, one in found.items()},
          sys.stdout)
"""


def make(folder: Path, seed: int) -> dict[str, str]:
    """Return the digests of what a process with this seed of hashes makes."""
    folder.mkdir()
    command = [sys.executable, "-W", "ignore", "-c", MAKE, str(folder)]
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_outputs_and_files_do_not_depend_on_the_seed_of_hashes(tmp_path: Path) -> None:
    first, second = (make(tmp_path / str(seed), seed) for seed in (1, 2))
    assert len(first) > 25
    assert [name for name in first if first[name] != second[name]] == []
