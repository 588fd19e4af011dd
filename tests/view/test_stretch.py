"""Stretches of time in words, and sparklines."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from helicli.grouping import begin, by, every
from helicli.view.stretch import cell, heading, spark

BERLIN = ZoneInfo("Europe/Berlin")
T0 = 1_795_269_791_204


@pytest.mark.parametrize(
    ("word", "told"), [("day", "2026-11-21"), ("week", "2026-11-16"), ("month", "2026-11"), ("hour", 1_795_269_600_000)]
)
def test_cells(word, told):
    what = by(word)
    assert cell(what, begin(what, T0, BERLIN), BERLIN) == told


def test_other_values_are_as_they_are():
    assert cell(by("status"), 429, BERLIN) == "429"
    assert cell(by("user"), None, BERLIN) is None
    assert cell(by("user"), "ada", BERLIN) == "ada"


def test_headings():
    assert heading(by("hour")).kind == heading(every(60_000)).kind == "instant"
    assert heading(by("prop.a")).name == "prop.a"
    assert heading(by("day")).kind == "text"


def test_sparks():
    assert spark([0, 1, 4, 8]) == "▁▁▄█"
    assert spark([5]) == "▇"
    assert spark([0, 0]) == spark([]) == ""
    assert spark(range(9))[0] == "▁"
