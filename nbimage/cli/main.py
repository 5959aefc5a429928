"""The command ``nbimage VERB …``: parse arguments and run the verb's module.

Errors are one line on stderr, with exit code 2; each verb is a module beside this one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import nbimage
from nbimage.base.notebook import OutputClosedError, print_error
from nbimage.base.text import show_controls
from nbimage.cli import completion, convert, dzi, export, info, large, slim, video, view
from nbimage.cli.messages import explain_error, explain_verb, warnings_in_lines
from nbimage.cli.parser import Parser
from nbimage.logs import logs_shown


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code: 0, or 2 for invalid input.

    Without ``argv`` it is the program, whose warnings are lines; a caller has its own ways.
    """
    try:
        with _ended_in_order():
            return _run(argv)
    finally:  # --help too
        _flush()


def _run(argv: Sequence[str] | None) -> int:
    what = (nbimage.__doc__ or "").partition("\n")[0]  # the rest is for who reads the code
    parser = Parser(prog="nbimage", description=what)
    parser.add_argument(
        "-V", "--version", action="version", version=f"nbimage {nbimage.__version__}"
    )
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB", dest="verb")
    for module in (convert, large, dzi, video, info, view, export, slim, completion):
        module.add_parser(verbs)
    words = list(sys.argv[1:] if argv is None else argv)
    first = next((word for word in words if not word.startswith("-")), None)
    if first == "help":
        words = [*words[1:2], "--help"]
    elif first is not None and first not in verbs.choices:
        parser.error(explain_verb(first, verbs.choices))
    try:
        arguments, rest = parser.parse_known_args(words)
    except BrokenPipeError:  # of --help
        return 0
    chosen = verbs.choices[arguments.verb]
    if rest:
        chosen.error(chosen.explain_rest(rest, vars(arguments).get("target")))
    try:
        with (
            warnings_in_lines() if argv is None else contextlib.nullcontext(),
            logs_shown(getattr(arguments, "verbose", False), show_controls),
            _quiet_log() as logged,
        ):
            arguments.run(arguments)
    except OutputClosedError:
        return 0
    except (ImportError, OSError, TypeError, ValueError, nbimage.FFmpegError) as error:
        text = explain_error(error, chosen)
        if not isinstance(error, nbimage.FFmpegError):  # which has several lines of its own
            text = text.replace("\n", "\\n")
        print_error(text)
        return 2
    except KeyboardInterrupt:
        return 130
    for message in logged:
        print_error(message)
    return 0


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let who ends this program have it tidy up, as Ctrl-C does: no half file, no process left."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, _: Any) -> None:
        for each in numbers:  # once is enough
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _flush() -> None:
    """Write what was printed; in silence where nobody reads it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())  # else Python says so when it ends
            os.close(nowhere)


@contextlib.contextmanager
def _quiet_log() -> Iterator[list[str]]:
    """Collect what tifffile says of a damaged file, which ends in one line in any case."""
    logged: dict[str, None] = {}
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: logged.setdefault(" ".join(record.getMessage().split()))  # type: ignore[method-assign]
    log = logging.getLogger("tifffile")
    log.addHandler(handler)
    lines: list[str] = []
    try:
        yield lines
    finally:
        log.removeHandler(handler)
        lines += logged
