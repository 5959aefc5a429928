"""Progress bars are gone when their work is done, however it ends: in terminals and notebooks."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nbimage import Video, write_dzi
from nbimage.base import progress
from tests.e2e.harness import execute_notebook, write_notebook


class Terminal(io.StringIO):
    """A terminal's one line: what a carriage return goes back over is written over."""

    def isatty(self) -> bool:
        return True

    @property
    def line(self) -> str:
        line = ""
        for part in self.getvalue().split("\r"):
            line = part + line[len(part) :]
        return line


class Publisher:
    """What a notebook's page shows of the outputs, by their names."""

    def __init__(self) -> None:
        self.outputs: dict[str, Any] = {}
        self.seen: list[Any] = []

    def publish(self, data: Any, metadata: Any, *, transient: Any, update: bool) -> None:
        assert update == (transient["display_id"] in self.outputs)
        self.outputs[transient["display_id"]] = data
        self.seen.append(data)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Publisher:
    found = Publisher()
    monkeypatch.setattr(progress, "_DELAY", 0)
    monkeypatch.setattr(progress, "_INTERVAL", 0)
    monkeypatch.setattr(progress, "notebook_shell", lambda: SimpleNamespace(display_pub=found))
    return found


def work(end: type[BaseException] | None, total: int | None) -> None:
    with progress.progress_bar("encoding", total, True, "frames") as count:
        for done in progress.count_items(range(5), count):
            if done == 3 and end is not None:
                raise end


ENDS = [None, ValueError, KeyboardInterrupt]


@pytest.mark.parametrize("total", [5, None])
@pytest.mark.parametrize("end", ENDS)
def test_a_terminals_line_is_empty_again(
    monkeypatch: pytest.MonkeyPatch, end: Any, total: int | None
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(progress, "_DELAY", 0)
    monkeypatch.setattr("sys.stderr", terminal)
    try:
        work(end, total)
    except (ValueError, KeyboardInterrupt) as error:
        assert type(error) is end
    assert "encoding" in terminal.getvalue()
    assert terminal.line.strip() == ""


@pytest.mark.parametrize("total", [5, None])
@pytest.mark.parametrize("end", ENDS)
def test_a_notebooks_output_is_empty_again(
    notebook: Publisher, end: Any, total: int | None
) -> None:
    try:
        work(end, total)
    except (ValueError, KeyboardInterrupt) as error:
        assert type(error) is end
    assert notebook.seen[0]["text/plain"] == "encoding: 1" + " of 5" * bool(total) + " frames"
    assert ('value="0.200"' in notebook.seen[0]["text/html"]) == bool(total)
    assert list(notebook.outputs.values()) == [{}]


def make_video(folder: Path) -> None:
    Video(np.zeros((4, 16, 16), np.uint8), progress=True)


def fail_in_video(folder: Path) -> None:
    def frames() -> Any:
        yield np.zeros((16, 16), np.uint8)
        yield np.zeros((16, 16), np.uint8)
        raise OSError("the camera is gone")

    with pytest.raises(OSError, match="camera"):
        Video(frames(), vmin=0, vmax=1, progress=True)


def fail_by_size(folder: Path) -> None:
    frames = [np.zeros((9, 9), np.uint8)] * 2 + [np.zeros((8, 8), np.uint8)]
    with pytest.raises(ValueError, match="shape"):
        Video(iter(frames), progress=True)


def write_tiles(folder: Path) -> None:
    write_dzi(np.zeros((300, 600), np.float32), folder / "x.dzi", progress=True)


DOORS = [make_video, fail_in_video, fail_by_size, write_tiles]


@pytest.mark.parametrize("door", DOORS)
def test_no_door_leaves_a_bar(notebook: Publisher, tmp_path: Path, door: Any) -> None:
    door(tmp_path)
    assert notebook.seen
    assert set(map(str, notebook.outputs.values())) == {"{}"}


def test_short_work_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Publisher()
    monkeypatch.setattr(progress, "notebook_shell", lambda: SimpleNamespace(display_pub=found))
    monkeypatch.setattr(progress, "_DELAY", 1e9)
    work(None, 5)
    assert not found.seen


def test_nothing_is_stored_of_a_bar_in_a_notebook(tmp_path: Path) -> None:
    """A kernel's own messages, and the file that comes of them."""
    import nbformat

    cells = {
        "load": "import numpy as np, nbimage\n"
        "from nbimage.base import progress\nprogress._DELAY = 0",
        "video": "nbimage.Video(np.zeros((9, 16, 16), np.uint8), progress=True)\nprint('done')",
        "failed": "with progress.progress_bar('work', 2, True) as count:\n"
        "    count(1)\n    raise KeyboardInterrupt",
    }
    cells["failed"] = "try:\n    " + cells["failed"].replace("\n", "\n    ")
    cells["failed"] += "\nexcept KeyboardInterrupt:\n    print('stopped')"
    source = write_notebook(tmp_path / "in.ipynb", cells)
    notebook = nbformat.read(execute_notebook(source, tmp_path / "out.ipynb"), 4)
    for cell in notebook.cells[1:]:
        assert [dict(output.get("data", {})) for output in cell.outputs] == [{}, {}]
        assert [output.output_type for output in cell.outputs] == ["display_data", "stream"]
        assert cell.outputs[1].name == "stdout"
