"""Look at front-ends, all or those that are named, and write the table."""

from __future__ import annotations

import datetime
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.harness import BROWSER_FLAGS, LEAVES_THE_MACHINE, find_browser, settle
from tests.frontends import environments, table
from tests.frontends.hosts import HOSTS, Host
from tests.frontends.look import Sight, describe

SHOTS = environments.ROOT / "build" / "frontends"
VIEWPORT = {"width": 1200, "height": 3000}


def main(names: list[str]) -> None:
    """Look at the front-ends whose names begin so."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    chosen = [host for host in HOSTS if not names or host.name.lower().startswith(tuple(names))]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=BROWSER_FLAGS)
        for host in chosen:
            row = look_at(host, browser)
            print(f"{host.name}: {row}", flush=True)
            table.keep(host.name, row)
        browser.close()
    table.write()


def look_at(host: Host, browser: Browser) -> dict[str, Any]:
    """Return the row of a front-end."""
    row: dict[str, Any] = {
        "date": f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}",
        "version": environments.version(host.environment, host.package),
        "how": host.how,
    }
    for dark in (False, True) if host.dark else (False,):
        with tempfile.TemporaryDirectory() as folder:
            if host.still is not None:
                found, shot = host.still(Path(folder), dark)
                _shot(host, dark).write_bytes(shot)
                row |= {**describe(found), "hover": "no", "drag": "no"}
                row |= {"dark" if dark else "light": 21.0}  # no text of ours that could be lost
            elif host.open is not None:
                with host.open(Path(folder), dark) as url:
                    row |= look_once(host, browser, url, dark)
    return row


def _shot(host: Host, dark: bool) -> Path:
    name = re.sub(r"\W+", "-", host.name).strip("-").lower()
    return SHOTS / f"{name}-{'dark' if dark else 'light'}.png"


def look_once(host: Host, browser: Browser, url: str, dark: bool) -> dict[str, Any]:
    """Open a page in a light or dark scheme, look, and leave a screenshot."""
    context = browser.new_context(
        viewport=VIEWPORT,  # type: ignore[arg-type]
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(240_000)
    context.route(LEAVES_THE_MACHINE, host.serve or (lambda route: route.abort()))
    page = context.new_page()
    try:
        page.goto(url)
        host.prepare(page)
        sight = Sight(page)
        found = sight.wait(host.wanted)
        settle(page)
        page.screenshot(path=_shot(host, dark))
        sight.look()
        contrast = round(sight.contrast(), 1)
        if dark:
            right = found == host.wanted and sight.is_dark()
            return {"dark": contrast if right else 0.0}
        return {
            **describe(found),
            "light": contrast,
            "hover": sight.hover(),
            "drag": sight.drag(),
        }
    finally:
        context.close()


if __name__ == "__main__":
    main([name.lower() for name in sys.argv[1:]])
