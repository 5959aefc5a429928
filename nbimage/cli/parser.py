"""`Parser`: a parser of arguments that knows what it was given, and may leave the rest to another.

A verb whose options depend on the suffix of OUT chooses the parser when it has seen that.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from nbimage.base.text import show_controls


class Parser(argparse.ArgumentParser):
    """A parser that lists its own options, each with what `add_argument` was told."""

    choose: Callable[[argparse.Namespace], Parser] | None = None
    """Returns what parses all arguments, when this parser has seen them."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.options: dict[tuple[str, ...], dict[str, Any]] = {}
        """By names such as ("-v", "--verbose"), or ("source",) of those without a dash."""
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
        found = super().parse_known_args(args, namespace)
        if self.choose is None:
            return found
        return self.choose(found[0]).parse_known_args(args)

    def error(self, message: str) -> NoReturn:
        """End the program with one line, and the way to all options."""
        way = "" if "see nbimage" in message else f" (see {self.prog} --help)"
        self.exit(2, show_controls(f"{self.prog}: error: {message}{way}") + "\n")

    def has(self, name: str) -> bool:
        """Say whether there is an option of this name."""
        return any(name in names for names in self.options)


def takes_value(about: dict[str, Any]) -> bool:
    """Say whether an option is followed by a value, as `Parser.options` has it."""
    return about.get("action") in (None, "append", "store")
