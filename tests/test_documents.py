"""The documents: links lead to what there is, and the README is a first screen."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

import pytest

import nbimage
import nbimage.testing

ROOT = Path(__file__).parents[1]
SITE = "https://nbimage.readthedocs.io/en/latest/"
REPOSITORY = "https://github.com/nbimage/nbimage/"
RAW = "https://raw.githubusercontent.com/nbimage/nbimage/"
NOT_OURS = ("build", "dist", "docs/notebooks")
"""Folders of what is built."""


def documents() -> list[str]:
    files = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    names = (path.as_posix() for path in files if not path.parts[0].startswith("."))
    return sorted(name for name in names if not name.startswith(NOT_OURS))


def text_of(name: str) -> str:
    """The document without its code, in which brackets mean something else."""
    text = re.sub(r"(?ms)^(`{3,}|:{3,}).*?^\1", "", ROOT.joinpath(name).read_text("utf-8"))
    return re.sub(r"`[^`\n]*`", "", text)


def links(name: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", text_of(name))


def anchors(path: Path) -> set[str]:
    """What the headings of a document are called in links, as GitHub and MyST have it."""
    found = set()
    for heading in re.findall(r"(?m)^#+ (.+)$", path.read_text("utf-8")):
        small = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(small.strip().replace(" ", "-"))
    return found


@pytest.mark.parametrize("name", documents())
def test_links_within_the_repository_lead_somewhere(name: str) -> None:
    folder = ROOT.joinpath(name).parent
    for link in links(name):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = urllib.parse.unquote(link).partition("#")
        target = folder.joinpath(path).resolve() if path else ROOT / name
        if target.parent == ROOT / "docs" / "notebooks":  # the site has them there
            target = ROOT / "notebooks" / target.name
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), link


@pytest.mark.parametrize("name", documents())
def test_addresses_of_our_own_lead_somewhere(name: str) -> None:
    for link in links(name):
        path, _, anchor = link.partition("#")
        if path.startswith(SITE) and path != SITE:
            page = path.removeprefix(SITE).removesuffix(".html")
            sources = [ROOT / "docs" / f"{page}.md", ROOT / f"{page}.ipynb"]
            assert any(source.exists() for source in sources), link
            assert not anchor or anchor in anchors(sources[0]), link
        for start in (REPOSITORY, RAW):
            if path.startswith(start):
                inner = re.sub(r"^(blob/|tree/)?main/", "", path.removeprefix(start))
                assert ROOT.joinpath(inner).exists(), link


def test_every_public_name_has_a_page_of_the_api() -> None:
    text = ROOT.joinpath("docs", "api", "index.md").read_text("utf-8")
    tables = re.findall(r"(?ms)^\.\. autosummary::\n   :toctree: \.\n\n(.*?)^```", text)
    tests = [f"testing.{name}" for name in nbimage.testing.__all__]
    assert sorted(" ".join(tables).split()) == sorted([*nbimage.__all__, *tests])


def test_the_readme_is_short_and_its_links_are_addresses() -> None:
    """PyPI shows it too, where links within the repository lead nowhere."""
    text = ROOT.joinpath("README.md").read_text("utf-8")
    assert len(text.encode()) <= 8000
    assert [link for link in links("README.md") if not link.startswith("https://")] == []
    first = text.split("\n## ")[0]
    for needed in ("pip install nbimage", "make demo", "make test", "![", SITE):
        assert needed in first
    config = ROOT.joinpath("setup.cfg").read_text("utf-8")
    assert REPOSITORY.rstrip("/") in config and SITE.rsplit("/", 3)[0] in config
