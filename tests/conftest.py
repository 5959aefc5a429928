"""What all tests share: marks, the order, a browser, and hypothesis without a clock."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.e2e.books import book_of
from tests.optional import is_missing

if TYPE_CHECKING:
    from tests.e2e.harness import Chromium

# What jsonschema imports if it is there compiles grammars of addresses for more than a second, in
# each process; no notebook's schema asks for such. `tests.e2e.harness` says so to programs, too.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# No deadline: how long an example takes says how busy the machine is.
settings.register_profile(
    "tests", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("check", settings.get_profile("tests"), max_examples=25)
settings.load_profile("tests")

# What a test starts is told by the fixtures that it uses.
MARKS = {
    "browser": {"chromium"},
    "cluster": {"client", "cluster"},
    "server": {"kernel", "server"},
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its fixtures; those of notebooks in a browser go first, then of pages.

    A process that has nothing left to do takes tests from the end of another's list: those of one
    notebook stay together, and nobody waits for a browser alone at the end.
    """
    for item in items:
        for mark, fixtures in MARKS.items():
            if fixtures.intersection(getattr(item, "fixturenames", ())):
                item.add_marker(mark)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[int, str]:
    if item.get_closest_marker("browser") is None:
        return 2, ""
    book = book_of(item.path.stem)
    return int(not book), book


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Skip a test whose fixtures need a package that this Python has no release of."""
    return (yield from _skipping())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Skip a test that needs a package that this Python has no release of."""
    return (yield from _skipping())


def _skipping() -> Generator[None, None, None]:
    try:
        return (yield)
    except ImportError as error:
        if is_missing(error):
            pytest.skip(str(error))
        raise


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The browser of this process."""
    from tests.e2e.harness import Chromium

    with Chromium() as browser:
        yield browser
