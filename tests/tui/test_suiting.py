"""Which looks suit a terminal."""

import pytest

from helicli.tui.suiting import symbols, theme


@pytest.mark.parametrize(
    ("env", "suits"),
    [
        ({"TERM": "xterm-256color"}, "helicli"),
        ({"TERM": "tmux-256color"}, "helicli"),
        ({"TERM": "xterm-kitty"}, "helicli"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "helicli"),
        ({"TERM": "alacritty", "COLORTERM": "24bit"}, "helicli"),
        ({"TERM": "xterm", "TEXTUAL_COLOR_SYSTEM": "truecolor"}, "helicli"),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, "ansi-dark"),
        ({"TERM": "xterm"}, "ansi-dark"),
        ({"TERM": "screen"}, "ansi-dark"),
        ({"TERM": "linux"}, "ansi-dark"),
        ({}, "ansi-dark"),
    ],
)
def test_shades_are_drawn_where_there_are_any(env, suits):
    assert theme("auto", env) == suits
    assert theme("nord", env) == "nord"


@pytest.mark.parametrize(
    ("env", "suits"),
    [
        ({}, "braille"),
        ({"LANG": "de_DE.UTF-8"}, "braille"),
        ({"LANG": "C.utf8"}, "braille"),
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "en_US.ISO-8859-1"}, "ascii"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, "ascii"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "braille"),
        ({"LANG": "C", "LC_ALL": ""}, "ascii"),
        ({"LANG": "C.UTF-8", "TERM": "linux"}, "block"),
    ],
)
def test_signs_are_those_that_can_be_shown(env, suits):
    assert symbols("auto", env) == suits
    assert symbols("ascii", env) == "ascii"
