"""The table of what was found, fitted to what is in it and to the terminal."""

from __future__ import annotations

import pytest

from helicli.filters import Filter
from helicli.query.calls import newest
from helicli.query.reading import opened
from helicli.view.found import TITLES, Table
from helicli.view.style import Style
from helicli.view.text import cells
from helicli.view.when import When
from tests.query import logs

WHEN = When("relative", None, logs.T0 + 720_000)


@pytest.fixture
def calls(tmp_path):
    long = logs.call(6, user="u" * 60, name="n\x1b[2J" * 20, model="m" * 90, requested_model="m" * 90)
    with opened(logs.write(logs.sample(tmp_path / "x.db"), long)) as db:
        yield newest(db, Filter(), 10)


def test_columns_are_as_wide_as_they_must_be(calls):
    table = Table(calls[:1], 120, Style(False), WHEN)
    assert table.head() == "SEQ  WHEN     STATUS  MODEL   LATENCY  TOKENS     COST  USER  NAME"
    assert table.line(calls[0]) == "  1  12m ago  200     gpt-4o    1.24s  412→96  $0.0020  ada   support"


@pytest.mark.parametrize("width", [80, 100, 40, 10])
@pytest.mark.parametrize("style", [Style(False), Style(True)])
def test_nothing_is_wider_than_the_terminal(calls, width, style):
    table = Table(calls, width, style, WHEN)
    for line in [table.head(), *map(table.line, calls)]:
        plain = line
        for code in ("\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[2m", "\x1b[0m"):
            plain = plain.replace(code, "")
        assert "\x1b" not in plain
        assert cells(plain) <= max(width, 10)


def test_later_rows_stand_in_the_same_columns(calls):
    table = Table(calls[:2], 80, Style(False), WHEN)
    assert table.line(calls[5]).index("200") == table.head().index("STATUS")
    assert len(TITLES) == 9
