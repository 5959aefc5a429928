"""`Parser`: a parser of arguments that knows what it was given, and may leave the rest to another.

A verb whose options depend on the suffix of OUT chooses the parser when it has seen that.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from nbimage.base.doors import find_name
from nbimage.base.text import show_controls

_MISSING = "the following arguments are required"


class Parser(argparse.ArgumentParser):
    """A parser that lists its own options, each with what `add_argument` was told."""

    choose: Callable[[argparse.Namespace], Parser] | None = None
    """Returns what parses all arguments, when this parser has seen them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.options: dict[tuple[str, ...], dict[str, Any]] = {}
        """By names such as ("-v", "--verbose"), or ("source",) of those without a dash."""
        self._words: list[str] = []
        super().__init__(*args, **options)
        self.add_argument(
            "-v",
            "--verbose",
            action="store_true",
            default=argparse.SUPPRESS,
            help="say on stderr what is opened, read, cached and served",
        )

    def add_argument(self, *names: Any, **options: Any) -> argparse.Action:
        """Add an argument, and remember it."""
        self.options[names] = options
        return super().add_argument(*names, **options)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse arguments, by the parser that `choose` names where there is one."""
        self._words = list(args or ())
        found = super().parse_known_args(args, namespace)
        if self.choose is None:
            return found
        return self.choose(found[0]).parse_known_args(args)

    def error(self, message: str) -> NoReturn:
        """End the program with one line, and the way to all options."""
        if self.choose is None and message.startswith(_MISSING):  # a slip before it says more
            known = [name for names in (*self.options, ("--help",)) for name in names]
            given = [word.partition("=")[0] for word in self._words if word.startswith("--")]
            wrong = [word for word in given if not any(name.startswith(word) for name in known)]
            message = self.explain_rest(wrong) if wrong else message
        way = "" if "see nbimage" in message else f" (see {self.prog} --help)"
        self.exit(2, show_controls(f"{self.prog}: error: {message}{way}") + "\n")

    def explain_rest(self, rest: Sequence[str], target: Any = None) -> str:
        """Return the error for arguments that no option takes; ``target``: OUT, where it is."""
        word = next((one for one in rest if one.startswith("-") and one != "-"), None)
        if word is None:
            after = "" if target is None else f" after OUT {target!r}"
            return (
                f"{rest[0]!r} is one too many{after}: give files one after the other, options last"
            )
        name = word.partition("=")[0]
        known = [option for names in self.options for option in names if option.startswith("--")]
        plain = {option.lstrip("-").replace("-", "_"): option for option in known}
        found = find_name(name.lstrip("-").replace("-", "_"), plain)
        return f"no option {name}" + (f": did you mean {plain[found]}?" if found else "")

    def has(self, name: str) -> bool:
        """Say whether there is an option of this name."""
        return any(name in names for names in self.options)


def takes_value(about: dict[str, Any]) -> bool:
    """Say whether an option is followed by a value, as `Parser.options` has it."""
    return about.get("action") in (None, "append", "store")
