"""One word for one thing: names that are not used in code, and words that prose does without.

CONTRIBUTING.md says what to write instead. A name is looked at word by word, as `snake_case` and
`camelCase` have them; strings are not, since keys of formats and texts for readers are in them.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import nbimage

ROOT = Path(nbimage.__file__).parent
IN_NAMES = {
    "place": "position (in pixels), index (along axes), offset, folder or coordinate",
    "said": "text, state or metadata",
    "told": "text, state or metadata",
    "made": "a verb: make_, read_, encode_",
    "look": "display settings, scale",
    "desk": "tile scheduler",
    "seen": "viewport, or what it is: known, visible, used",
    "piece": "block, chunk or tile",
    "hire": "start a worker",
    "anybody": "what it is",
    "whoever": "what it is",
    "colour": "color",
    "furniture": "figure options",
}
"""What is not said in names, plurals and participles alike, and what to write instead."""
IN_PROSE = ("anybody", "desk", "furniture", "hire", "hires", "hired", "whoever")
"""What comments and docstrings do without."""
ALLOWED = {
    "in_place": "NumPy's own word",
    "_in_place": "NumPy's own word",
}
LEFT: dict[str, set[str]] = {}
"""Names by file that are still to be renamed; no new ones come in."""


def words_of(name: str) -> set[str]:
    """Return a name's words in small letters, and what they are without a plural's or an -ed."""
    found = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
    ends = ("s", "d", "ed")
    return found | {word.removesuffix(end) for word in found for end in ends}


def names_in_python(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            yield token.string


def names_in_javascript(text: str) -> Iterator[str]:
    """Yield names outside of comments and of strings; of templates what is in their braces."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', '""', text)
    text = re.sub(r"(^|[^:])//[^\n]*", r"\1", text)
    text = re.sub(r"`(?:\\.|[^`\\])*`", lambda m: " ".join(re.findall(r"\$\{([^}]*)", m[0])), text)
    yield from re.findall(r"[A-Za-z_$][\w$]*", text)


def names_by_file() -> dict[str, set[str]]:
    found = {}
    for path in sorted(ROOT.rglob("*")):
        reader = {".py": names_in_python, ".js": names_in_javascript}.get(path.suffix)
        if reader is not None:
            found[path.relative_to(ROOT).as_posix()] = set(reader(path.read_text("utf-8")))
    return found


def test_the_reading_finds_names_and_leaves_strings_and_comments_out() -> None:
    assert set(names_in_python("place = 'said'  # told\n")) == {"place"}
    text = 'const made = "said"; // told\n/* look */ x(`desk ${seen} hire`);'
    assert set(names_in_javascript(text)) == {"const", "made", "x", "seen"}
    assert words_of("_isPlaced") >= {"is", "place"}
    assert words_of("tile_pieces") >= {"tile", "piece"}


def test_names_use_the_words_of_the_glossary() -> None:
    wrong = {}
    for file, names in names_by_file().items():
        banned = {name for name in names - set(ALLOWED) if words_of(name) & set(IN_NAMES)}
        if banned - LEFT.get(file, set()):
            wrong[file] = sorted(banned - LEFT.get(file, set()))
    assert wrong == {}


def test_prose_does_without_them_too() -> None:
    pattern = re.compile(rf"\b({'|'.join(IN_PROSE)})\b", re.IGNORECASE)
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for suffix in ("py", "js")
        for path in sorted(ROOT.rglob(f"*.{suffix}"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert wrong == []
