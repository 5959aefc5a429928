"""`docs/frontends.md` is what `make frontends` found."""

from __future__ import annotations

import datetime

from tests.frontends import table
from tests.frontends.hosts import HOSTS


def test_the_document_has_the_rows_as_they_were_run() -> None:
    assert table.DOCUMENT.read_text("utf-8") == table.compose(table.read())


def test_each_front_end_was_run_and_shows_what_it_shall() -> None:
    rows = table.read()
    assert list(rows) == [host.name for host in HOSTS]
    for host in HOSTS:
        row = rows[host.name]
        assert {name: row[name] for name in host.wanted} == host.wanted, host.name
        assert host.dark == ("dark" in row), host.name
        datetime.date.fromisoformat(row["date"])
