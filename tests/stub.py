"""`nbimage/__init__.pyi`: what type checkers and editors are told of the package.

    python -m tests.stub  # writes it

The parameters of a verb stand once, in its class, where no type checker finds them. The stub
repeats them, and `test_public_api` says when it is out of date.
"""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import textwrap
from importlib import import_module
from pathlib import Path

import nbimage

PATH = Path(nbimage.__file__).with_suffix(".pyi")
VERBS = ("nbimage", "nbvideo", "nbgrid", "nbview")
HEAD = '''\
"""See any array in a notebook: exactly, at once, at any size."""

# Written by `python -m tests.stub`.

'''


def make_stub() -> str:
    """Return the stub's text."""
    imports: dict[str, set[str]] = {}
    functions = []
    for name in VERBS:
        verb = getattr(nbimage, name)
        signature = inspect.signature(verb)
        annotations = [one.annotation for one in signature.parameters.values()]
        for found in set(re.findall(r"\b[A-Z]\w*", " ".join(annotations))) - {"None", "False"}:
            imports.setdefault(_home(found, verb.__module__), set()).add(found)
        lines = []
        star = False
        for one in signature.parameters.values():
            if one.kind is one.KEYWORD_ONLY and not star:
                lines.append("*,")
                star = True
            default = "" if one.default is one.empty else f" = {one.default!r}"
            lines.append(f"{one.name}: {one.annotation}{default},")
        parameters = textwrap.indent("\n".join(lines), "    ")
        document = textwrap.indent(f'"""{verb.__doc__}"""', "    ", lambda line: bool(line.strip()))
        functions.append(f"def {name}(\n{parameters}\n) -> None:\n{document}\n")
    for name, home in nbimage._HOMES.items():
        if name not in VERBS:
            imports.setdefault(f"nbimage.{home}", set()).add(f"{name} as {name}")
    text = HEAD
    for module, names in sorted(imports.items()):
        text += f"from {module} import {', '.join(sorted(names))}\n"
    listed = "\n".join(f'    "{name}",' for name in nbimage.__all__)
    text += f"\n__all__ = [\n{listed}\n]\n__version__: str\n\n" + "\n".join(functions)
    return _formatted(text)


def _home(name: str, module: str) -> str:
    """Return where a module takes a type's name from."""
    tree = ast.parse(Path(str(import_module(module).__file__)).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return str(node.module)
    raise LookupError(f"{module} imports no {name}")


def _formatted(text: str) -> str:
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    for command in (["check", "--select", "I", "--fix", "-q"], ["format", "-q"]):
        done = subprocess.run(
            [*ruff, *command, "--stdin-filename", str(PATH), "-"],
            input=text,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    PATH.write_text(make_stub(), "utf-8")
