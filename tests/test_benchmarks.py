"""`benchmarks/front.md` is what `make bench` found, of everything that has a target."""

from __future__ import annotations

import ast
import re

from benchmarks import front
from benchmarks.goals import GOALS
from benchmarks.tried import TRIED


def test_the_document_has_the_figures_as_they_were_measured() -> None:
    text = front.report(**front.read(front.FIGURES), previous=front.read(front.PREVIOUS))
    assert front.RESULTS.read_text("utf-8") == text


def test_each_target_is_measured() -> None:
    keys = [goal.key for goal in GOALS]
    assert len(set(keys)) == len(keys)
    measured = front.read(front.FIGURES)["measured"]
    assert set(keys) <= {
        f"{module}: {name}" for module, found in measured.items() for name in found["values"]
    }
    assert set(front.read(front.PREVIOUS)["figures"]) <= set(keys)
    assert set(TRIED) <= set(keys)


def test_what_was_tried_is_written_down_of_each_figure_that_misses() -> None:
    assert front.NOTHING not in front.RESULTS.read_text("utf-8")


def test_each_part_is_a_module_with_its_figures() -> None:
    for name in front.MODULES:
        tree = ast.parse((front.HERE / f"{name}.py").read_text("utf-8"))
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert "front_values" in functions, name


def test_the_plots_name_each_line_before_a_ground_of_their_own() -> None:
    for name in ("time", "bytes"):
        svg = (front.HERE / f"encoders_{name}.svg").read_text("utf-8")
        assert re.search(r'<g id="patch_1">\s*<path [^>]*style="fill: #ffffff"', svg)
        texts = re.findall(r"<!-- (.*?) -->", svg)
        for line in ("nbimage", "nbimage, 3", "Pillow", "Pillow, 1", "OpenCV", "libvips, 1"):
            assert texts.count(line) == 2  # gray and RGB


def test_the_readme_names_each_benchmark() -> None:
    readme = (front.HERE / "README.md").read_text("utf-8")
    for path in front.HERE.glob("*.py"):
        assert path.name == "__init__.py" or f"`{path.name}`" in readme
