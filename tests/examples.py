"""What is public, and the examples of its docstrings.

Examples begin with ``import numpy as np`` and ``import nbimage``, in an empty folder, and need
nothing of one another.
"""

from __future__ import annotations

import doctest
import inspect
import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

import nbimage
from tests.public import INNER, public_members

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def read_sources(document: str) -> list[str]:
    """Return the statements of a docstring's section on examples; none without such a section."""
    _, _, section = document.partition("\nExamples\n--------\n")
    return [example.source for example in doctest.DocTestParser().get_examples(section)]


def find_unshown(kind: type) -> list[str]:
    """Return the public members of a class that no example of the class, or of theirs, uses."""
    document = inspect.getdoc(kind) or ""
    shown, missing = "".join(read_sources(document)), []
    for member in sorted(public_members(kind)):
        own = inspect.getdoc(inspect.getattr_static(kind, member, None)) or ""
        entry = re.search(rf"^(\w+, )*{member}\b.* : .*\n(?:    .*\n)+", document, re.MULTILINE)
        used = re.search(rf"\.{member}\b", shown + "".join(read_sources(own)))
        if not used and INNER not in own + (entry.group() if entry else ""):
            missing.append(member)
    return missing


def list_documents(public: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the docstrings with examples of public names and of their members, each once."""
    found = set()
    for name, value in public.items():
        texts = {name: inspect.getdoc(value) or ""}
        if inspect.isclass(value):
            for member in sorted(public_members(value)):
                static = inspect.getattr_static(value, member, None)
                texts[f"{name}.{member}"] = inspect.getdoc(static) or ""
        for label, text in texts.items():
            if read_sources(text) and text not in found:
                found.add(text)
                yield label, text


def run_examples(name: str, document: str) -> str:
    """Run the examples of a docstring; return what was other than it says, "" for nothing."""
    names = {"np": np, "nbimage": nbimage}
    test = doctest.DocTestParser().get_doctest(document, names, name, name, 0)
    printed = io.StringIO()
    doctest.DocTestRunner(optionflags=FLAGS).run(test, out=printed.write)
    return printed.getvalue()
