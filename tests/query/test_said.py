"""What was said, asked of the log."""

from __future__ import annotations

import sqlite3

import pytest

from helicli.filters import parse
from helicli.grouping import by
from helicli.query import said
from helicli.query.calls import newest
from helicli.query.groups import sums, times
from helicli.query.labels import user_sums, users


@pytest.mark.parametrize(
    ("text", "seqs"),
    [
        ('"reset my PASSWORD"', [1, 2, 4, 5]),
        ('"choose Reset"', [1, 2, 3]),
        ("-password", [3]),
        ("spam user:ada", [3]),
        ("spam or user:linus", [2, 3]),
        ("text:spam,nothing", [3]),
        ('"gpt-4o"', []),
    ],
)
def test_chooses_by_what_was_said(log, text, seqs):
    assert [call.seq for call in newest(log, parse(text), 10)] == seqs


def test_sums_and_times_of_what_was_said(log):
    chosen = parse('"reset my password"')
    found = sums(log, chosen, (by("user"),))
    assert sum(total.calls for total in found.values()) == 4
    assert set(times(log, chosen, (by("user"),))) == set(found)
    names = user_sums(log, chosen)
    assert [user.total.calls for user in users(log, chosen, names, sorted(names))] == [
        names[name].calls for name in sorted(names)
    ]


def test_a_call_that_is_gone_said_nothing(log):
    assert said.text(log, 99) == ""


def test_the_function_is_there_only_while_it_is_asked(log):
    with said.asked(log, parse("spam")):
        assert log.execute("SELECT said(3, 'spam'), said(3, 'x')").fetchone() == (1, 0)
    with pytest.raises(sqlite3.OperationalError):
        log.execute("SELECT said(3, 'spam')")


def test_one_question_within_another(log):
    with said.asked(log, parse("spam")):
        assert [call.seq for call in newest(log, parse("spam"), 10)] == [3]
        assert log.execute("SELECT said(3, 'spam')").fetchone() == (1,)


def test_what_stops_the_reading_comes_out_as_it_is(log, monkeypatch):
    def stop(db, seq):
        raise KeyboardInterrupt

    monkeypatch.setattr(said, "text", stop)
    with pytest.raises(KeyboardInterrupt):
        newest(log, parse("spam"), 10)
