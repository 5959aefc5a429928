"""A plugin of pytest: which lines each test runs, and for how long, as JSON of each process."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

FOLDER = "NBIMAGE_TRACES"
PATTERNS = "NBIMAGE_TRACED"


class Tracing:
    """Lines of one process's tests."""

    def __init__(self, folder: Path, patterns: list[str]) -> None:
        import coverage  # which the extra test lacks

        self.folder = folder
        self.coverage = coverage.Coverage(data_file=None, include=patterns, config_file=False)
        self.seconds: dict[str, float] = defaultdict(float)
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Say which test runs."""
        self.coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add how long its parts took; one that fails or is skipped tells nothing."""
        self.seconds[report.nodeid] += report.duration if report.passed else 1e9

    def pytest_sessionfinish(self) -> None:
        """Write what was found."""
        self.coverage.stop()
        data = self.coverage.get_data()
        lines = {
            file: {line: sorted(filter(None, tests)) for line, tests in found.items()}
            for file in data.measured_files()
            if (found := data.contexts_by_lineno(file))
        }
        name = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        text = json.dumps({"lines": lines, "seconds": self.seconds})
        (self.folder / f"{name}.json").write_text(text, "utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Trace the processes that run tests."""
    leads = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
    if not leads:
        patterns = os.environ[PATTERNS].split(os.pathsep)
        config.pluginmanager.register(Tracing(Path(os.environ[FOLDER]), patterns))
