"""What menus offer."""

from __future__ import annotations

from pathlib import Path

from helicli.tui import keys
from helicli.tui.screens import offering
from helicli.tui.setup import Setup

SETUP = Setup(database=Path("x.db"), program="helicli --db x.db", saved={"bad": "status:error"})


def test_all_that_can_be_done_and_copied_is_in_the_palette():
    copies = offering.copies(SETUP, 7)
    told = offering.palette(keys.REQUESTS, keys.rebound({"mark": "ctrl+k"}), copies, SETUP, ["nord"])
    values = [item.value for item in told]
    wanted = [action.id for action in (*keys.of_screen(keys.REQUESTS), *keys.bindings_of(keys.EVERYWHERE))]
    assert sorted(set(wanted) - {"palette"}) == sorted(set(values) & set(wanted))
    # What can be done here alone comes first, what moves in any list last of the keys.
    assert values[0] == "next-error" and values.index("theme") < values.index("down")
    assert {item.value: item.told for item in told}["mark"] == "^k"
    assert "copy helicli --db x.db show 7" in values and "copy @curl" not in values
    assert values[-2:] == ["@bad", "theme nord"]


def test_what_is_copied_of_a_call_has_a_letter_each():
    letters = [item.letter for item in offering.copies(SETUP, 7)]
    assert len(set(letters)) == len(letters)
    # That of a list stands before them.
    assert "c" not in letters and offering.copies(SETUP, None) == []
