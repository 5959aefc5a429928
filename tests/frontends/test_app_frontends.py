"""Outputs in marimo, Streamlit, Panel and Gradio, each as its real server shows it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.harness import Chromium
from tests.frontends.environments import python
from tests.frontends.hosts import HOSTS, Host
from tests.frontends.look import READABLE, Sight
from tests.frontends.servers import environment

APPS = ("marimo run", "marimo export", "Streamlit `st.html`", "Streamlit `st.iframe`")
APPS += ("Panel", "Gradio")
VERBS = """\
import marimo

app = marimo.App()


@app.cell
def _():
    import numpy as np
    from nbimage import Picture, nbgrid, nbimage
    return Picture, nbgrid, nbimage, np


@app.cell
def _(nbgrid, nbimage, np):
    for i in range(3):
        nbimage(np.eye(9), title=f"first {i}", display_id="one")
        nbgrid([np.eye(9)] * 2, title=f"second {i}", display_id="two")
    return


@app.cell
def _(Picture, np):
    Picture(np.eye(9), title="third 0")
    return
"""


@pytest.mark.parametrize(
    "host", [one for one in HOSTS if one.name in APPS], ids=lambda one: one.name
)
def test_all_outputs_are_right_in_the_dark_theme(
    host: Host, tmp_path: Path, chromium: Chromium
) -> None:
    assert host.open is not None
    with host.open(tmp_path, True) as url:
        page = chromium.new_page()
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 1200, "height": 2600})
        if host.serve is not None:
            page.context.route(lambda address: "//cdn." in address, host.serve)
        page.goto(url)
        host.prepare(page)
        sight = Sight(page)
        assert sight.wait(host.wanted) == host.wanted
        assert sight.contrast() >= READABLE
        assert sight.is_dark()
        scripts = host.wanted["view"] == "live"
        assert sight.drag() == ("yes" if scripts else "corner")
        if scripts:
            assert sight.hover() == "yes"
        if host.wanted["live"] == "live" and "marimo" in host.name:
            assert sight.hover("live") == "yes"
        page.context.close()


def test_verbs_in_marimo_show_one_below_the_other_and_update_in_place(tmp_path: Path) -> None:
    app, page = tmp_path / "app.py", tmp_path / "app.html"
    app.write_text(VERBS)
    command = [python("marimo"), "-m", "marimo", "-y", "export", "html", app, "-o", page]
    subprocess.run(command, check=True, env=environment(tmp_path), capture_output=True)
    text = page.read_text("utf-8")
    found = {f"{name} {i}" for name in ("first", "second", "third") for i in range(3)}
    assert {
        one for one in found if f">{one}<" in text.replace("\\u003C", "<").replace("\\u003E", ">")
    } == {"first 2", "second 2", "third 0"}
