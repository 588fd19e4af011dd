"""The table of keys: no key means two things, and what settings may do with it."""

from __future__ import annotations

import pytest

from helicli.errors import UsageError
from helicli.tui import keys
from helicli.tui.keys import ACTIONS, EVERYWHERE, OF_SCREEN


def test_an_id_is_one_thing_wherever_it_stands():
    for action in ACTIONS:
        assert {other.keys for other in ACTIONS if other.id == action.id} == {action.keys}
        scopes = [other.scope for other in ACTIONS if other.id == action.id]
        assert len(scopes) == len(set(scopes))


def test_what_means_something_everywhere_means_nothing_else():
    everywhere = {key for action in keys.bindings_of(EVERYWHERE) for key in action.keys}
    for action in ACTIONS:
        if action.scope != EVERYWHERE:
            assert not everywhere & set(action.keys), action.id


def test_the_table_agrees_with_itself():
    assert keys.rebound({}) == {action.id: action.keys for action in ACTIONS}
    assert {action.scope for action in ACTIONS} <= set(keys.SCOPES)
    assert {scope for scopes in OF_SCREEN.values() for scope in scopes} <= set(keys.SCOPES)


def test_keys_can_be_others():
    bound = keys.rebound({"mark": "ctrl+k", "sort": "> ctrl+s", "next-error": "n"})
    assert bound["mark"] == ("ctrl+k",)
    assert bound["sort"] == ("greater_than_sign", "ctrl+s")
    assert bound["next-error"] == ("n",)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"marc": "x"}, "did you mean keys.mark?"),
        ({"zzzzzz": "x"}, "helicli help keys"),
        ({"mark": "e"}, "helicli config set keys"),
        ({"down": "q"}, "helicli config set keys"),
    ],
)
def test_what_cannot_be(given, says):
    with pytest.raises(UsageError) as caught:
        keys.rebound(given)
    assert says in caught.value.fix


def test_keys_are_written_for_people():
    told = [keys.shown(key) for key in ("slash", "escape", "ctrl+d", "j", "F", "right")]
    assert told == ["/", "esc", "^d", "j", "F", "→"]
