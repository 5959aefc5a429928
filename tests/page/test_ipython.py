"""What goes into the notebook: one output, once, that a real kernel sends and updates."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from PIL import Image
from skimage import data as photographs

from nbimage import Picture, encode, rerange
from tests.e2e.harness import execute_notebook, write_notebook

Array = np.ndarray


def bundle_of(picture: Picture) -> tuple[dict[str, Any], dict[str, Any]]:
    data, metadata = picture._repr_mimebundle_()
    return data, metadata


def decoded(text: str) -> Array:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text, validate=True))))


def source_of(html: str) -> bytes:
    (uri,) = re.findall(r'src="data:image/[a-z]+;base64,([^"]*)"', html)
    return base64.b64decode(uri, validate=True)


def photograph(height: int, width: int) -> Array:
    """A photograph of this size: enlarged, with the grain that a camera would add."""
    small = Image.fromarray(photographs.astronaut())
    array = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
    array += np.random.default_rng(0).integers(-4, 5, array.shape, dtype=np.int16)
    return np.clip(array, 0, 255).astype(np.uint8)


# --------------------------------------------------------------------------------- the bundle

NORMAL = np.random.default_rng(3).normal(size=(40, 60))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"format": "jpeg"},
        {"format": "webp", "lossless": True},
        {"title": "<t>", "caption": True, "width": 200.4},
        {"max_pixels": 100},
        {"display_id": "live"},
    ],
    ids=str,
)
def test_a_bundle_is_html_png_and_text(options: dict[str, Any]) -> None:
    picture = Picture(NORMAL, **options)
    data, metadata = bundle_of(picture)
    assert set(data) == {"text/html", "image/png", "text/plain"}
    assert all(type(value) is str for value in data.values())
    assert base64.b64decode(data["image/png"], validate=True)[:4] == b"\x89PNG"
    assert data["text/plain"] == repr(picture)
    assert "\n" not in data["text/plain"]
    width = picture._draw().width if "title" in options else round(picture.width)
    assert metadata == {"image/png": {"width": width}}
    assert type(metadata["image/png"]["width"]) is int


def test_a_small_picture_is_the_same_bytes_in_html_and_png() -> None:
    data, _ = bundle_of(Picture(NORMAL))
    assert source_of(data["text/html"]) == base64.b64decode(data["image/png"])
    assert np.array_equal(decoded(data["image/png"]), rerange(NORMAL))


@pytest.mark.parametrize("name", ["jpeg", "webp", "avif"])
def test_the_png_of_a_bundle_is_exact_even_if_the_page_has_another_format(name: str) -> None:
    data, _ = bundle_of(Picture(NORMAL, format=name))
    assert f"data:image/{name};" in data["text/html"]
    assert np.array_equal(decoded(data["image/png"]), rerange(NORMAL))


@pytest.mark.parametrize(
    "shape", [(2048, 2048, 3), (900, 1700, 3), (3000, 300, 3), (1500, 1000, 3)], ids=str
)
def test_a_large_picture_has_a_preview_that_costs_little(shape: tuple[int, ...]) -> None:
    array = photograph(*shape[:2])
    data, metadata = bundle_of(Picture(array))
    assert set(data) == {"text/html", "image/jpeg", "text/plain"}
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(source_of(data["text/html"])))), array)
    preview = decoded(data["image/jpeg"])
    assert max(preview.shape[:2]) <= 800
    assert max(preview.shape[:2]) > 400  # no smaller than it must be
    assert preview.shape[0] / preview.shape[1] == pytest.approx(shape[0] / shape[1], rel=0.02)
    assert preview.mean(axis=(0, 1)) == pytest.approx(array.mean(axis=(0, 1)), abs=1)
    whole = sum(len(value) for value in data.values())
    assert whole <= 1.11 * len(data["text/html"])
    assert metadata["image/jpeg"]["width"] == shape[1]


@pytest.mark.parametrize("size", [512, 700, 1024, 2048])
@pytest.mark.parametrize("kind", ["gray", "RGB", "colormap", "missing"])
def test_an_output_takes_little_more_than_its_picture(kind: str, size: int) -> None:
    array = photograph(size, size)
    gray = array[:, :, 1] / 255
    gray[:9, : 9 if kind == "missing" else 0] = np.nan
    picture = Picture(
        array if kind == "RGB" else gray, cmap="viridis" if kind == "colormap" else None
    )
    data, _ = bundle_of(picture)
    stored = len(picture._stored.data) * 4 / 3
    assert sum(len(value) for value in data.values()) <= 1.15 * stored


def test_the_preview_of_a_transparent_picture_is_transparent_in_the_same_places() -> None:
    values = np.random.default_rng(1).normal(size=(1600, 1200))
    values[400:800, :600] = np.nan
    preview = decoded(bundle_of(Picture(values))[0]["image/png"])
    assert preview.shape == (400, 300, 2)
    alpha = np.full((400, 300), 255)
    alpha[100:200, :150] = 0
    assert np.array_equal(preview[:, :, 1], alpha)


def test_a_bundle_can_be_asked_for_twice() -> None:
    picture = Picture(NORMAL)
    assert bundle_of(picture) == bundle_of(picture)
    data, _ = picture._repr_mimebundle_(include={"text/plain"}, exclude=set())
    assert "text/plain" in data
    assert picture._repr_html_() == data.get("text/html", picture.html)


# --------------------------------------------------------------------------------- notebooks


def test_a_saved_notebook_holds_a_photograph_about_once(tmp_path: Path) -> None:
    cells = {
        "setup": """
import numpy as np
from skimage.data import astronaut
from PIL import Image
from nbimage import Picture, encode, nbimage
large = np.asarray(Image.fromarray(astronaut()).resize((1024, 1024)))
        """,
        "verb": "nbimage(large)",
        "object": "Picture(large)",
        "small": "nbimage(astronaut()[:90, :90], title='small')",
        "many": "for i in range(3): nbimage(astronaut()[i:90, :90])",
    }
    source = write_notebook(tmp_path / "in.ipynb", cells)
    target = execute_notebook(source, tmp_path / "out" / "out.ipynb")
    notebook = nbformat.read(target, 4)
    nbformat.validate(notebook)
    _, verb, thing, small, many = [cell.outputs for cell in notebook.cells]

    large = np.asarray(Image.fromarray(photographs.astronaut()).resize((1024, 1024)))
    png = encode(large)
    body = base64.b64encode(png).decode()
    assert [output.output_type for output in verb] == ["display_data"]
    assert [output.output_type for output in thing] == ["execute_result"]
    text = target.read_text("utf-8")
    assert text.count(body[1000:2000]) == 2  # once for each of the two cells
    for outputs in (verb, thing):
        assert len(json.dumps(outputs)) <= 1.15 * 4 / 3 * len(png)
    for (output,), kind in ((verb, "image/jpeg"), (thing, "image/jpeg"), (small, "image/png")):
        assert set(output.data) == {"text/html", kind, "text/plain"}
        assert output.data[kind].strip()
    (output,) = verb
    assert source_of(output.data["text/html"]) == png
    assert output.metadata["image/jpeg"]["width"] == 1024
    assert [output.output_type for output in many] == ["display_data"] * 3


def test_a_loop_with_a_display_id_leaves_one_output_with_the_last_picture(tmp_path: Path) -> None:
    cells = {
        "setup": "import numpy as np\nfrom nbimage import nbimage, encode",
        "loop": "for i in range(4): nbimage(np.full((9, 9), i, np.uint8), display_id='live')",
        "plain": "nbimage(np.full((9, 9), 3, np.uint8))",
    }
    source = write_notebook(tmp_path / "in.ipynb", cells)
    notebook = nbformat.read(execute_notebook(source, tmp_path / "out.ipynb"), 4)
    _, loop, plain = [cell.outputs for cell in notebook.cells]
    assert len(loop) == len(plain) == 1
    assert loop[0].data["image/png"] == plain[0].data["image/png"]


class Kernel:
    """A real kernel, asked as JupyterLab asks: with the id of the cell that runs."""

    def __init__(self) -> None:
        # Without any kernel folder there is only this very Python's own kernel.
        self.manager = KernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(
        self, code: str, cell: str | None = None, *, fails: bool = False
    ) -> list[tuple[str, dict[str, Any]]]:
        """Run code; return the kind and the content of each message that shows something."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        metadata = {} if cell is None else {"cellId": cell}
        request = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(request)
        shown = []
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind not in ("status", "execute_input"):
                shown.append((kind, content))
        assert ("error" in [kind for kind, _ in shown]) == fails, shown
        return shown

    def kinds(self, code: str, cell: str | None = None) -> list[tuple[str, str | None]]:
        """The same: the kind of each message, and the display id it is for."""
        return [
            (kind, content.get("transient", {}).get("display_id"))
            for kind, content in self.run(code, cell)
        ]

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    try:
        kernel.run("import numpy as np\nfrom nbimage import Picture, nbimage\n"
                   "x = np.eye(9)")  # fmt: skip
        yield kernel
    finally:
        kernel.close()


NEW, UPDATE = "display_data", "update_display_data"


def test_the_verb_shows_at_once_and_returns_nothing(kernel: Kernel) -> None:
    ((kind, content),) = kernel.run("nbimage(x)", "a")
    assert kind == NEW
    assert set(content["data"]) == {"text/html", "image/png", "text/plain"}
    assert content["metadata"] == {"image/png": {"width": 315}}
    assert content.get("transient", {}) == {}


def test_a_picture_shows_only_when_it_is_displayed(kernel: Kernel) -> None:
    assert kernel.run("p = Picture(x, display_id='passive'); p.png; p.html; repr(p); None") == []
    ((kind, content),) = kernel.run("p")
    assert kind == "execute_result"
    assert content["metadata"] == {"image/png": {"width": 315}}


def test_the_same_cell_updates_its_picture_in_place(kernel: Kernel) -> None:
    loop = "for i in range(3): nbimage(x * i, 0, 2, display_id='loop')"
    assert kernel.kinds(loop, "a") == [(NEW, "loop"), (UPDATE, "loop"), (UPDATE, "loop")]


def test_an_update_carries_the_new_picture(kernel: Kernel) -> None:
    code = "nbimage(x, display_id='new'); nbimage(1 - x, display_id='new')"
    (_, first), (_, second) = kernel.run(code, "a")
    assert np.array_equal(decoded(first["data"]["image/png"]), rerange(np.eye(9)))
    assert np.array_equal(decoded(second["data"]["image/png"]), rerange(1 - np.eye(9)))


def test_a_cell_that_runs_again_shows_its_picture_anew(kernel: Kernel) -> None:
    loop = "for i in range(2): nbimage(x, display_id='again')"
    for _ in range(3):
        assert kernel.kinds(loop, "a") == [(NEW, "again"), (UPDATE, "again")]


def test_another_cell_updates_the_first_ones_picture(kernel: Kernel) -> None:
    call = "nbimage(x, display_id='other')"
    assert kernel.kinds(call, "a") == [(NEW, "other")]
    assert kernel.kinds(call, "b") == [(UPDATE, "other")]
    assert kernel.kinds(call, "b") == [(UPDATE, "other")]
    assert kernel.kinds(call, "a") == [(NEW, "other")]
    assert kernel.kinds(call, "b") == [(UPDATE, "other")]


def test_display_ids_know_nothing_of_each_other(kernel: Kernel) -> None:
    both = "nbimage(x, display_id='one'); nbimage(x, display_id='two')"
    assert kernel.kinds(both, "a") == [(NEW, "one"), (NEW, "two")]
    assert kernel.kinds("nbimage(x, display_id='two')", "b") == [(UPDATE, "two")]


def test_where_no_cell_is_known_each_run_shows_anew(kernel: Kernel) -> None:
    loop = "for i in range(2): nbimage(x, display_id='nowhere')"
    for _ in range(2):
        assert kernel.kinds(loop) == [(NEW, "nowhere"), (UPDATE, "nowhere")]


def test_a_call_that_fails_shows_nothing(kernel: Kernel) -> None:
    code = """
try:
    nbimage(x, {})
except (TypeError, ValueError) as error:
    print(type(error).__name__)
"""
    for arguments in ("vmin=float('nan')", "quality=50", "compression=99", "background='a;b'"):
        shown = kernel.run(code.replace("{}", arguments), "a")
        assert [kind for kind, _ in shown] == ["stream"], arguments
        assert shown[0][1]["text"] == "ValueError\n"


def test_a_picture_is_saved_in_a_notebook_as_well(kernel: Kernel, tmp_path: Path) -> None:
    target = tmp_path / "x.png"
    assert kernel.kinds(f"nbimage(x, saveas={str(target)!r})", "a") == [(NEW, None)]
    assert np.array_equal(np.asarray(Image.open(target)), rerange(np.eye(9)))


# --------------------------------------------------------------------------------- elsewhere

PLAIN = "import numpy; from nbimage import nbimage; nbimage(numpy.eye(9), {})"


def run_plain(arguments: str, *command: str, **environment: str) -> str:
    """What a program prints that shows a picture where no notebook is."""
    code = PLAIN.replace("{}", arguments)
    done = subprocess.run(
        [sys.executable, *command, "-c", code],
        capture_output=True,
        timeout=120,
        env=os.environ | environment,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8"))


@pytest.mark.parametrize("arguments", ["", "title='a\\nb'", "display_id='live'", "zoom=4"])
def test_outside_a_notebook_one_line_is_printed(arguments: str) -> None:
    printed = run_plain(arguments)
    assert printed.count("\n") == 1
    assert "9×9 float64" in printed
    assert "notebook" in printed


def test_outside_a_notebook_the_line_says_where_the_picture_was_saved(tmp_path: Path) -> None:
    target = tmp_path / "x"
    printed = run_plain(f"saveas={str(target)!r}")
    assert printed.count("\n") == 1
    assert f"{target}.png" in printed
    assert np.array_equal(np.asarray(Image.open(f"{target}.png")), rerange(np.eye(9)))


def test_an_output_that_is_no_unicode_is_no_reason_to_fail() -> None:
    printed = run_plain("title='größe 画像'", PYTHONIOENCODING="ascii")
    assert printed.count("\n") == 1
    assert "float64" in printed


def test_without_any_output_nothing_fails() -> None:
    code = "import sys; sys.stdout = None; " + PLAIN.replace("{}", "")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")


def test_in_the_terminal_of_ipython_one_line_is_printed(tmp_path: Path) -> None:
    printed = run_plain(
        "display_id='live'",
        "-m",
        "IPython",
        "--quick",
        "--no-banner",
        "--HistoryManager.enabled=False",
        IPYTHONDIR=str(tmp_path),
    )
    assert printed.count("\n") == 1
    assert "9×9 float64" in printed


def test_showing_a_picture_outside_a_notebook_imports_no_ipython() -> None:
    code = PLAIN.replace("{}", "") + "; import sys; assert 'IPython' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")


def error_of(kernel: Kernel, code: str) -> str:
    """The traceback that a cell shows, without its colors."""
    ((_, content),) = [one for one in kernel.run(code, fails=True) if one[0] == "error"]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(content["traceback"]))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("nbimage(np.zeros((24, 3, 96, 96)))", "nbgrid(data) shows them all"),
        ("nbimage(x, colormap='viridis')", "did you mean cmap?"),
        ("Picture(x, vmni=3)", "did you mean vmin?"),
        ("Picture(np.zeros((64, 7, 7)))", "nbview(data)"),
        ("nbimage('no such file.png')", "no such file"),
        ("Picture(x).savefig('x.png')", "did you mean save?"),
    ],
)
def test_an_error_is_the_callers_line_and_one_message(
    kernel: Kernel, code: str, message: str
) -> None:
    text = error_of(kernel, code)
    assert message in text
    assert code in text
    assert "picture.py" not in text
    assert "direct cause" not in text
    assert len(text.splitlines()) < 12


def test_the_whole_traceback_of_an_error_is_kept(kernel: Kernel) -> None:
    code = """
import traceback
try:
    Picture(3)
except TypeError as error:
    print(traceback.format_exc())
"""
    assert "ingest.py" in str(kernel.run(code))


@pytest.mark.parametrize(
    "code",
    [
        "nb.rerange('a')",
        "nb.quilt(np.zeros(3))",
        "nb.encode(np.zeros((2, 3)), format='bmp')",
        "nb.data_uri(object())",
        "nb.data_uris([np.zeros((2, 3))], nrom='log')",
        "nb.describe('text')",
        "nb.open_pyramid('no such file.tif')",
        "nb.write_dzi(np.zeros((5, 5)), 'x.dzi', tile_sise=9)",
        "nb.write_tiff(np.zeros((5, 5)), 'x.bmp')",
        "nb.show_images(3)",
        "nb.guess_channel_axis((2,))",
        "nb.Grid([np.zeros(3)])",
        "nb.Video(np.zeros((2, 2)))",
        "nb.View(np.zeros(3))",
        "nb.View(np.eye(3), embed=False).limits",
        "nb.open_pyramid(np.eye(3)).read(99)",
        "nb.open_pyramid(np.eye(3)).levels[0][2.5]",
        "nb.Shapes([3])",
        "nb.imshow(np.eye(3))",
    ],
)
def test_every_public_call_has_short_errors(kernel: Kernel, code: str) -> None:
    kernel.run("import nbimage as nb")
    text = error_of(kernel, code)
    assert code in text
    assert len(text.splitlines()) < 12
    assert "/nbimage/" not in text
