"""Mutants: modules with one small change each, which some test should notice.

    python -m tests.proof mutants

Of all changes of the modules that make pixels, bytes and levels some are drawn at random, the same
in each run; not those of which `equivalent.txt` says why no output tells them. The tests that run a
changed line are tried on it, those first that run few others.
"""

from __future__ import annotations

import itertools
import json
import operator
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.proof.mutants import tracing
from tests.proof.mutants.mutations import Mutant, find_mutants
from tests.proof.mutants.server import QUIET, Server

CLAIM = "Tests notice a change of what makes pixels, bytes and levels"
ROOT = Path(__file__).parents[3]
MODULES = (
    "nbimage/arrays",
    "nbimage/mapping",
    "nbimage/codecs/png.py",
    "nbimage/codecs/packing",
    "nbimage/pyramid/core",
)
TESTS = (
    *("arrays", "mapping", "codecs", "pyramid", "contracts", "figure", "grids", "tables", "view"),
    *("test_picture.py", "test_video.py", "test_examples.py", "test_accessors.py"),
)
COUNT = 300
LEAST = 0.9
PROCESSES = 2
FEW, SECONDS, LIMIT, _LONG = 60, 40.0, 240, 3600
"""Tests that are tried at first; seconds of all others; after how many one hangs, or a module."""


def modules(names: Iterable[str] = MODULES) -> list[Path]:
    """Return the modules that are changed."""
    found = [ROOT / name for name in names]
    return sorted(path for one in found for path in ([one] if one.is_file() else one.rglob("*.py")))


class Traces:
    """Which tests run which lines, and for how long."""

    def __init__(self, folder: Path) -> None:
        self.tests: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.seconds: dict[str, float] = {}
        self.breadth: dict[str, int] = defaultdict(int)
        for path in folder.glob("*.json"):
            found = json.loads(path.read_text("utf-8"))
            self.seconds |= found["seconds"]
            for file, lines in found["lines"].items():
                name = Path(file).relative_to(ROOT).as_posix()
                for line, tests in lines.items():
                    self.tests[name][int(line)].update(tests)
                    for test in tests:
                        self.breadth[test] += 1

    def of(self, mutant: Mutant) -> list[str]:
        """Return the tests that run a changed line, of imports all; one of each function first.

        Among these those that run few lines come first.
        """
        lines = self.tests[mutant.path]
        tests = {test for n in range(mutant.line, mutant.last + 1) for test in lines.get(n, ())}
        tests = tests or set().union(*lines.values())
        passed = [test for test in tests if self.seconds.get(test, 1e9) < LIMIT / 4]
        passed.sort(key=lambda test: (self.breadth[test], test))
        turns: Counter[str] = Counter()
        found = []
        for test in passed:
            function = test.partition("[")[0]
            found.append((turns[function], test))
            turns[function] += 1
        return [test for _, test in sorted(found, key=operator.itemgetter(0))]


def trace(folder: Path, paths: list[Path], tests: Iterable[str] = TESTS) -> Traces:
    """Run the tests once."""
    command = [
        *(sys.executable, "-m", "pytest", "-p", "tests.proof.mutants.tracing", *QUIET),
        *("--numprocesses", str(PROCESSES + 1), "--dist", "worksteal"),
        *("-m", "not (browser or cluster or server)", *(f"tests/{name}" for name in tests)),
    ]
    patterns = os.pathsep.join(map(str, paths))
    environment = {**os.environ, tracing.FOLDER: str(folder), tracing.PATTERNS: patterns}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout.decode()[-2000:] + done.stderr.decode()[-2000:])
    return Traces(folder)


def copy_tree(folder: Path) -> Path:
    """Return a copy of all that git has, in which modules can be changed."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def is_noticed(mutant: Mutant, parts: Iterable[list[str]], tree: Path, server: Server) -> bool:
    """Whether a test fails, or hangs, once the change is made in a tree."""
    path = tree / mutant.path
    whole = path.read_text("utf-8")
    for kept in path.parent.glob(f"__pycache__/{path.stem}.*"):
        kept.unlink()  # which may look as new as the change
    path.write_text(mutant.source, "utf-8")
    try:
        return any(server.run(part, tree, LIMIT) for part in parts)
    finally:
        path.write_text(whole, "utf-8")


def in_parts(tests: list[str], seconds: dict[str, float]) -> Iterator[list[str]]:
    """Yield a few tests, then as many others as there is time for."""
    if tests:
        yield tests[:FEW]
    others, total = [], 0.0
    for test in tests[FEW:]:
        total += seconds[test] + 0.01
        if total > SECONDS:
            break
        others.append(test)
    if others:
        yield others


def find_passing(traces: Traces, tree: Path, servers: Queue[Server]) -> set[str]:
    """Return the tests that pass in a tree without any change."""
    modules: dict[str, list[str]] = defaultdict(list)
    for test, seconds in sorted(traces.seconds.items()):
        if seconds < LIMIT / 4:
            modules[test.partition("::")[0]].append(test)

    def pass_(tests: list[str]) -> list[str]:
        server = servers.get()
        try:
            return tests if server.run(tests, tree, _LONG, keep=True) == 0 else []
        finally:
            servers.put(server)

    with ThreadPoolExecutor(PROCESSES) as pool:
        return set(itertools.chain.from_iterable(pool.map(pass_, modules.values())))


def try_mutants(mutants: list[Mutant], traces: Traces, folder: Path) -> list[Mutant]:
    """Return those that no test notices."""
    servers: Queue[Server] = Queue()
    for _ in range(PROCESSES):
        servers.put(Server())
    first = copy_tree(folder / "tree0")
    passed = find_passing(traces, first, servers)
    trees: Queue[Path] = Queue()
    trees.put(first)
    for number in range(1, PROCESSES):  # with what was compiled
        trees.put(shutil.copytree(first, folder / f"tree{number}", symlinks=True))

    def survives(mutant: Mutant) -> bool:
        tree, server = trees.get(), servers.get()
        try:
            tests = [test for test in traces.of(mutant) if test in passed]
            return not is_noticed(mutant, in_parts(tests, traces.seconds), tree, server)
        finally:
            trees.put(tree)
            servers.put(server)

    with ThreadPoolExecutor(PROCESSES) as pool:
        lives = list(pool.map(survives, mutants))
    for _ in range(PROCESSES):
        servers.get().close()
    return [mutant for mutant, lived in zip(mutants, lives, strict=True) if lived]


def draw(count: int, names: Iterable[str] = MODULES) -> list[Mutant]:
    """Return so many changes, the same in each run, in the order of modules and lines."""
    every = [mutant for path in modules(names) for mutant in find_mutants(path, ROOT)]
    every.sort(key=lambda mutant: mutant.rank)
    known = equivalents()
    drawn = (one for one in every if one.key not in known and one.is_python())
    return sorted(itertools.islice(drawn, count))


def equivalents() -> dict[str, str]:
    """Return the changes that no output tells, and why: they cost time, or memory."""
    lines = (Path(__file__).parent / "equivalent.txt").read_text("utf-8").splitlines()
    reason, found = "", {}
    for line in filter(None, lines):
        if line.startswith("# "):
            reason = line[2:]
        else:
            found[line] = reason
    return found


def prove() -> str:
    """Try so many changes; say which share is noticed, and name the others in a file."""
    with tempfile.TemporaryDirectory(prefix="nbimage-mutants-") as name:
        folder = Path(name)
        mutants = draw(COUNT)
        traces = trace(folder, modules())
        living = try_mutants(mutants, traces, folder)
    target = ROOT / "build" / "mutants.txt"
    target.parent.mkdir(exist_ok=True)
    target.write_text("".join(f"{mutant}\n" for mutant in living), "utf-8")
    share = 1 - len(living) / len(mutants)
    if share < LEAST:
        raise AssertionError(f"{share:.1%} of {len(mutants)} changes are noticed: see {target}")
    return (
        f"{len(mutants):,} changes at random: {share:.1%} noticed; not among them are "
        f"{len(equivalents())} that no output tells"
    )
