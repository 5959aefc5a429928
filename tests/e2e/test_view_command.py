"""`nbimage view` as its user has it: a process, a browser, Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from nbimage import rerange
from nbimage.mapping.colormap import as_palette
from tests.e2e.explorer import Viewer, place_of, rgba, values_of
from tests.e2e.harness import HANG, Chromium, wait_for

RANDOM = np.random.default_rng(28)
WORDS = RANDOM.integers(0, 60_000, (1100, 1500), np.uint16)
LINE = re.compile(r"(http://127\.0\.0\.1:(\d+)/[A-Za-z0-9_-]{32,}/) \(Ctrl-C ends it\)\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "words.npy", WORDS)
    np.save(tmp_path / "half.npy", WORDS[:, :700] // 2)
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nbimage", "view", *arguments]


def heed_interrupts() -> None:
    """Take Ctrl-C, which programs ignore that are started in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Process:
    """A running `nbimage view`."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.running = subprocess.Popen(
            command(*arguments),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
            preexec_fn=heed_interrupts,
        )
        assert self.running.stdout
        self.line = self.running.stdout.readline()
        found = LINE.fullmatch(self.line)
        assert found, self.line or self.running.communicate()
        self.address, self.port = found[1], int(found[2])

    def end(self) -> tuple[int, str, str]:
        """Press Ctrl-C; return the exit code, and what was said after the first line."""
        self.running.send_signal(signal.SIGINT)
        out, err = self.running.communicate(timeout=HANG)
        return self.running.returncode, out, err


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Process]:
    """A process that ends quietly."""
    process = Process(folder, *arguments, "--no-browser")
    try:
        yield process
        assert process.end() == (0, "", "")
    finally:
        process.running.kill()
        process.running.wait()


@contextmanager
def shown(chromium: Chromium, address: str) -> Iterator[Viewer]:
    """The page of a server; nothing may be said on its console."""
    page = chromium.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("response", lambda r: wrong.append(f"{r.url} {r.status}") if r.status >= 400 else None)
    page.goto(address)
    yield Viewer(page, root=".nbimage-tiled")
    assert wrong == []
    page.context.close()


def read(viewer: Viewer, x: float, y: float) -> tuple[int, int, list[str]]:
    """Row, column and values at a place, once they are there."""
    viewer.move(x, y)
    expect(viewer.find(".readout > :first-child")).not_to_contain_text("…")
    column, row = place_of(viewer.readout())
    return row, column, values_of(viewer.readout())


def test_the_browser_shows_the_files_own_pixels_and_values(
    folder: Path, chromium: Chromium
) -> None:
    before = sorted(folder.rglob("*"))
    arguments = "words.npy", "--cmap", "magma", "--vmin", "1000", "--vmax", "58000"
    with serving(folder, *arguments) as process, shown(chromium, process.address) as viewer:
        row, column, values = read(viewer, 200, 150)
        assert values == [str(WORDS[row, column])]
        viewer.press("1")
        viewer.page.wait_for_load_state("networkidle")
        viewer.settle()
        width, height = viewer.size()
        row, column, values = read(viewer, width / 2, height / 2)
        assert values == [str(WORDS[row, column])]
        top, left = row - int(height / 2), column - int(width / 2)
        part = WORDS[top : top + height, left : left + width]
        colors = as_palette("magma").array[rerange(part, 1000, 58_000)]
        viewer.page.wait_for_load_state("networkidle")
        viewer.settle()
        assert np.array_equal(viewer.pixels(), rgba(colors))
    assert sorted(folder.rglob("*")) == before


def test_several_files_are_shown_side_by_side_and_move_together(
    folder: Path, chromium: Chromium
) -> None:
    arguments = "words.npy", "half.npy"
    with serving(folder, *arguments) as process, shown(chromium, process.address) as viewer:
        assert viewer.find(".name").all_inner_texts() == ["words.npy", "half.npy"]
        viewer.press("1")
        viewer.page.wait_for_load_state("networkidle")
        for pane, values in enumerate((WORDS, WORDS[:, :700] // 2)):
            viewer.move(100, 100, pane=pane)
            expect(viewer.find(".readout > :first-child")).not_to_contain_text("…")
            column, row = place_of(viewer.readout())
            name = ["words.npy", "half.npy"][pane]
            assert f"{name}: {values[row, column]}" in viewer.readout()
        before = viewer.pixels(1)
        viewer.drag((200, 200), (120, 150))
        assert not np.array_equal(viewer.pixels(1), before)


def test_the_page_says_that_the_server_is_gone(folder: Path, chromium: Chromium) -> None:
    page = chromium.new_page()
    with serving(folder, "words.npy") as process:
        page.goto(process.address)
        viewer = Viewer(page, root=".nbimage-tiled")
        read(viewer, 100, 100)
    viewer.press("1")
    expect(viewer.find(".failed")).to_contain_text("the server does not answer")
    page.context.close()


def test_the_browser_is_opened_at_the_address(folder: Path) -> None:
    script = "import sys; open('opened', 'w').write(sys.argv[1])"
    (folder / "browser.py").write_text(script)
    browser = f"{sys.executable} {folder / 'browser.py'} %s"
    process = Process(folder, "words.npy", BROWSER=browser)
    opened = folder / "opened"
    wait_for(lambda: opened.exists() and opened.read_text())
    assert opened.read_text() == process.address
    assert process.end() == (0, "", "")


def test_ctrl_c_ends_it_while_a_page_is_open_and_while_none_ever_was(folder: Path) -> None:
    with serving(folder, "words.npy"):
        pass  # `serving` looks at how it ends


def test_a_port_can_be_chosen_and_one_that_is_taken_is_said(folder: Path) -> None:
    with serving(folder, "words.npy") as process:
        again = command("half.npy", "--no-browser", "--port", str(process.port))
        done = subprocess.run(again, cwd=folder, capture_output=True, text=True, timeout=HANG)
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(r"nbimage: port must be free, but \d+ is not: .*\n", done.stderr)
    with serving(folder, "words.npy", "--port", str(process.port)) as other:
        assert other.port == process.port


BAD = {
    "no such file": ["none.npy"],
    "no picture": ["text.txt"],
    "raw without a folder": ["words.npy", "--raw"],
    "a port with a folder": ["words.npy", "--export", "out", "--port", "8000"],
    "a folder with other files": ["words.npy", "--export", "."],
    "an unknown colormap": ["words.npy", "--cmap", "nothing"],
    "files with other axes": ["words.npy", "stack.npy"],
}


@pytest.mark.parametrize("name", list(BAD))
def test_what_can_not_be_shown_is_said_in_one_line(folder: Path, name: str) -> None:
    (folder / "text.txt").write_text("text")
    np.save(folder / "stack.npy", np.zeros((7, 40, 50), np.uint16))
    before = sorted(folder.rglob("*"))
    done = subprocess.run(
        command(*BAD[name], "--no-browser"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(r"nbimage: .*\n", done.stderr), done.stderr
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("raw", [False, True])
def test_a_folder_is_written_instead(folder: Path, chromium: Chromium, raw: bool) -> None:
    options = ["--raw"] if raw else []
    done = subprocess.run(
        command("words.npy", "--export", "out", *options),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{folder / 'out'}: open its index.html\n"
    with shown(chromium, (folder / "out/index.html").as_uri()) as viewer:
        if raw:
            row, column, values = read(viewer, 100, 100)
            assert values == [str(WORDS[row, column])]
