"""What elements and attributes a page has, whatever texts are in it."""

from __future__ import annotations

import base64
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from bleach._vendor import html5lib  # the parser of HTML's standard

from tests.proof.payloads.texts import plain

_ADDRESSES = {"action", "background", "cite", "data", "formaction", "href", "poster", "src"}
_ADDRESSES |= {"srcset", "xlink:href", "{http://www.w3.org/1999/xlink}href", "ping", "manifest"}
_LAYOUT = re.compile(
    r"(?:align|bottom|display|flex|gap|grid|height|inset|justify|left|line|margin|max|min|overflow|"
    r"padding|position|right|text-align|top|vertical-align|white-space|width)[a-z-]*:"
    r"[#\w%.,()+* -]*"
)
"""Where a text is laid out, and how wide: by its width."""
_TEXTS = {"alt", "aria-label", "data-display-id", "title"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity|NaN")
_DATA = re.compile(r"data:([\w/+.-]+);base64,([\w+/=]*)")
_SVG = "image/svg+xml"
_RULES = re.compile(r"[{},]")
_MADE = re.compile(r"(?:nbimage-|T_)[0-9a-f]{8,}")  # names that are made of what is shown


class Found:
    """The structure of a page and the texts in it."""

    def __init__(self) -> None:
        self.structure: list[str] = []
        self.texts: list[str] = []
        self.values: list[str] = []

    @property
    def text(self) -> str:
        """All texts, joined, and those of attributes, without spaces."""
        return plain("".join([*self.texts, *self.values]))

    def names(self) -> Counter[str]:
        """How often there is each element with each attribute."""
        return Counter(self.structure)


def read_html(text: str) -> Found:
    """Return what an HTML parser finds in a page, in its frames, its JSON and its SVG."""
    found = Found()
    parser = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    text = text.encode("utf-8", "replace").decode()
    _walk(parser.parse(text), found)
    return found


def read_svg(text: str | bytes) -> Found:
    """Return the same of an SVG, which must be XML."""
    found = Found()
    _walk(ElementTree.fromstring(text), found)
    return found


def read_json(text: str) -> Found:
    """Return the same of JSON: which values, of which kinds, under which keys."""
    found = Found()
    _add_json(json.loads(text), found, "$")
    return found


def _walk(root: ElementTree.Element, found: Found) -> None:
    for element in root.iter():
        if not isinstance(element.tag, str):  # a comment, which no output has
            found.structure.append("<!-- -->")
            continue
        own = {str(name): value for name, value in element.attrib.items()}
        described = [_describe(name, value, found) for name, value in sorted(own.items())]
        found.structure.append(f"<{' '.join([element.tag, *described])}>")
        inner = element.text or ""
        if element.tag == "script" and own.get("type") == "application/json":
            _add_json(json.loads(inner), found, "$")
        elif element.tag.rpartition("}")[2] == "script":
            found.structure.append(inner)  # the same whatever is shown
        elif element.tag.rpartition("}")[2] == "style":
            found.structure += _RULES.split(_blur(inner))
        else:
            found.texts.append(inner)
        found.texts.append(element.tail or "")


def _describe(name: str, value: str, found: Found) -> str:
    """Return an attribute, and its value where that could do something."""
    if name == "srcdoc":
        inner = read_html(value)
        found.structure += inner.structure
        found.texts += inner.texts
        found.values += inner.values
        return name
    if name in _ADDRESSES:
        return f"{name}={_read_address(value, found)}"
    if name == "style":
        declared = [one for one in _blur(value).split(";") if not _LAYOUT.fullmatch(one)]
        return f"style={';'.join(declared)}"
    if name.startswith("on") or name in ("class", "role", "id", "type", "rel"):
        return f"{name}={_blur(value)}"
    read = name not in _TEXTS and value[:1] in "[{"  # by a script
    inner = Found()
    try:
        _add_json(json.loads(value) if read else value, inner, name)
    except ValueError:
        _add_json(value, inner, name)
    found.structure += inner.structure
    found.values += inner.texts
    return name


def _blur(text: str) -> str:
    """Return a style without its numbers, which may depend on how long texts are."""
    return _NUMBER.sub("#", _MADE.sub("name", text))


def _read_address(value: str, found: Found) -> str:
    data = _DATA.fullmatch(value)
    if data is None:
        return value
    if data[1] == _SVG:
        inner = read_svg(base64.b64decode(data[2]))
        found.structure += inner.structure
        found.texts += inner.texts
        found.values += inner.values
    return data[1]


def _add_json(value: Any, found: Found, where: str) -> None:
    """Add values, by what they are of: names of the caller's may be keys."""
    if isinstance(value, dict):
        for key, one in value.items():
            if re.fullmatch(r"[a-zA-Z]{2,20}", key) and set(key) != {"w"}:
                _add_json(one, found, f"{where}.{key}")
            else:
                found.texts.append(key)
                _add_json(one, found, f"{where}.*")
    elif isinstance(value, list):
        for one in value:
            _add_json(one, found, f"{where}[]")
    elif isinstance(value, str):
        found.texts.append(value)
        found.structure.append(f"{where}: text")
    else:
        found.structure.append(f"{where}: {type(value).__name__}")


def differences(first: Found, second: Found) -> list[str]:
    """Return which elements, attributes and values one has and the other has not.

    Of what has neither attributes nor a place of its own, such as lines of text, the number may be
    another one: texts are broken where they may be.
    """
    one, other = first.names(), second.names()
    return [
        *(f"+ {name}" for name in one - other if name not in other),
        *(f"- {name}" for name in other - one if name not in one),
    ]


def unescape_all(text: str) -> Iterator[str]:
    """Yield a text as it is and without references."""
    yield text
    yield html.unescape(text)
