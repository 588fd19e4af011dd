"""When there is colour, and which."""

from __future__ import annotations

import pytest

from helicli.view.style import Style, wants_colour


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
