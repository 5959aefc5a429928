"""A text that is code in HTML, SVG, JSON and scripts is shown as text, at every door."""

from __future__ import annotations

import pytest

from tests.proof.payloads.doors import doors
from tests.proof.payloads.static import check_door
from tests.proof.payloads.texts import POLYGLOT

DOORS = dict(doors())
SLOW = (
    "Video",
    "View of tiles",
    "data: name",
    "data: unit",
    "file: ",
    "written: ",
)  # like others, or tried at length
QUICK = {name: door for name, door in DOORS.items() if not name.startswith(SLOW)}


@pytest.mark.parametrize("form", ["text", "item", "data"])
def test_a_text_makes_the_elements_that_letters_make(form: str) -> None:
    """Of each parameter that a verb has, a new one too."""
    names = [name for name in QUICK if name.endswith(f"= {form}") or name.startswith(f"{form}: ")]
    found = {check_door(name, DOORS[name], POLYGLOT) for name in names}
    assert found <= {"shown", "refused", "possible"}
    assert names
