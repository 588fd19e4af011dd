"""The page of keys: all of them, and nothing of it cut."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from helicli.tui import keys
from helicli.tui.screens.help import page

BOUND = keys.rebound({"next-error": "ctrl+n ctrl+y", "mark": ""})


@pytest.mark.parametrize("screen", keys.OF_SCREEN)
@pytest.mark.parametrize(("width", "height"), [(120, 36), (80, 24)])
def test_every_key_is_told_and_fits(screen, width, height):
    lines = ["".join(text for text, _ in line) for line in page(screen, BOUND, width)]
    told = "\n".join(lines)
    for scope in (*keys.OF_SCREEN[screen], keys.EVERYWHERE):
        assert keys.SCOPES[scope] in told
        for action in keys.bindings_of(scope):
            assert all(f" {keys.shown(key)} " in told for key in BOUND[action.id]), action.id
    # The box has an edge and a bar.
    assert max(map(cell_len, lines)) <= width - 5
    assert len(lines) <= height - 3 or width < 110


def test_what_two_keys_do_is_told_of_two():
    for scope in keys.SCOPES:
        actions = keys.bindings_of(scope)
        for one, other in zip(actions, (*actions[1:], None), strict=True):
            assert not one.both or (other is not None and not other.both), one.id
