"""Verbs: functions that make an object and show it at once, with the parameters of its class.

A verb's parameters, their defaults and what they mean stand once, in the class. Signature, help
and completion take them from there, and `nbimage/__init__.pyi` tells them to type checkers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from nbimage.base.doors import check_names, shorten_traceback

P = ParamSpec("P")
R = TypeVar("R")


def verb(kind: type, after: str = "") -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a verb of a function that takes an object of a class, and parameters of its own.

    The verb takes the class's parameters, and the function's own ones after the one called
    ``after``, or at the end; it makes the object and calls the function. Its document is the
    function's, with the class's sections on parameters and errors in it.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        name = function.__name__
        own = list(inspect.signature(function).parameters.values())[1:]
        signature = _joined(kind, own, after)

        def call(*args: Any, **kwargs: Any) -> None:
            try:
                check_names(name, kwargs, signature.parameters)
                given = signature.bind(*args, **kwargs).arguments
            except TypeError as error:
                text = _explain(str(error), len(args), signature)
                wrong = TypeError(text if text.startswith(f"{name}(") else f"{name}() {text}")
                shorten_traceback(wrong)
                raise wrong from None
            mine = {one.name: given.pop(one.name) for one in own if one.name in given}
            try:
                function(kind(**given), **mine)
            except Exception as error:
                shorten_traceback(error)
                raise

        call.__name__, call.__qualname__ = name, function.__qualname__
        call.__module__ = function.__module__
        call.__doc__ = _joined_document(function.__doc__ or "", kind.__doc__ or "")
        result: Callable[..., None] = _with_signature(call, signature)
        return result

    return decorate


def _explain(text: str, count: int, signature: inspect.Signature) -> str:
    """Return an error of `inspect`, which does not say how many values a call takes."""
    if text != "too many positional arguments":
        return text
    by_position = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    names = [one.name for one in signature.parameters.values() if one.kind in by_position]
    way = "give several pictures as a list, or the others by their names"
    return f"takes {', '.join(names)} by position, but got {count} values: {way}"


def same_parameters(source: Callable[P, Any]) -> Callable[[Callable[..., R]], Callable[P, R]]:
    """Give a function the signature of another, to which it hands its parameters on."""

    def decorate(function: Callable[..., R]) -> Callable[P, R]:
        result = inspect.signature(function).return_annotation
        signature = inspect.signature(source).replace(return_annotation=result)
        taken: Callable[P, R] = _with_signature(function, signature)
        return taken

    return decorate


def _with_signature(function: Any, signature: inspect.Signature) -> Any:
    function.__signature__ = signature
    found = {one.name: one.annotation for one in signature.parameters.values()}
    function.__annotations__ = {**found, "return": signature.return_annotation}
    return function


def _joined(kind: type, own: list[inspect.Parameter], after: str) -> inspect.Signature:
    parameters = list(inspect.signature(kind).parameters.values())
    names = [one.name for one in parameters]
    at = names.index(after) + 1 if after else len(names)
    by_keyword = [one for one in own if one.kind is one.KEYWORD_ONLY]
    by_position = [one for one in own if one.kind is not one.KEYWORD_ONLY]
    parameters[at:at] = by_position
    return inspect.Signature([*parameters, *by_keyword], return_annotation="None")


def _joined_document(own: str, kind: str) -> str:
    """Return a verb's document: its summary, all parameters, its class's errors, its examples."""
    mine, theirs = (_sections(text) for text in (own, kind))
    entries = "\n".join(
        part["Parameters"].strip("\n") for part in (theirs, mine) if "Parameters" in part
    )
    parts = [mine[""].strip("\n"), f"Parameters\n----------\n{entries}"]
    for title, text in (("Raises", theirs.get("Raises")), ("Examples", mine.get("Examples"))):
        if text:
            parts.append(f"{title}\n{'-' * len(title)}\n{text.strip()}")
    return "\n\n".join(parts) + "\n"


def _sections(document: str) -> dict[str, str]:
    """Return the sections of a document by their titles; the first has none."""
    sections: dict[str, list[str]] = {"": []}
    title = ""
    for line in inspect.cleandoc(document).splitlines():
        before = sections[title]
        if line and not line.strip("-") and before:  # the line before underlined
            title = before.pop()
            sections[title] = []
        else:
            before.append(line)
    return {name: "\n".join(lines) for name, lines in sections.items()}
