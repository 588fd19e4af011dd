"""When there is colour, and which."""

from __future__ import annotations

import re

import pytest

from helicli.view.safe import safe
from helicli.view.style import Painted, Style, painted, wants_colour
from tests.view.payloads import HOSTILE


@pytest.mark.parametrize(
    ("when", "env", "tty", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1", "TERM": "dumb"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_wants_colour(when, env, tty, wanted):
    assert wants_colour(when, env, tty) is wanted


def test_roles():
    style = Style(True)
    roles = (style.ok, style.warn, style.bad, style.dim, style.accent)
    assert len({role("x") for role in roles}) == 5
    assert all(role("x").endswith("x\x1b[0m") for role in roles)
    assert style.ok("") == ""
    assert Style(False).bad("x") == "x"


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("on", [True, False])
def test_what_is_painted_has_been_made_safe_and_what_is_added_is(payload, on):
    text = Style(on).warn(payload) + payload + payload
    assert isinstance(text, Painted)
    assert re.sub("\x1b\\[(33|0)m", "", text) == safe(payload) * 3


def test_nothing_is_made_safe_twice():
    text = Style(True).bad("x") + " y"
    assert painted(text) is text
    assert painted("\x1b[31mx") == "·[31mx"
