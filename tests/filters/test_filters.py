"""Filters as values: built, printed, told, and asked what they name."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from helicli.errors import UsageError
from helicli.filters import Filter, one_of, parse, property_is, status_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("built", "text"),
    [
        ([], ""),
        ([one_of("user", ["ada"])], "user:ada"),
        ([one_of("user", ["ada", "linus"]), status_of(["error"])], "user:ada,linus status:error"),
        ([one_of("session", ["chat 17"]), one_of("model", ["gpt-4o*"], globs=True)], 'session:"chat 17" model:gpt-4o*'),
        ([one_of("user", ['a"b'])], r'user:"a\"b"'),
        ([one_of("user", ["a*,b"])], 'user:"a*,b"'),
        ([one_of("provider", ["OpenAI"]), one_of("name", ["a b"])], 'provider:openai name:"a b"'),
        (
            [one_of("prompt", ["a@v3"]), property_is("Env", "x"), property_is("b", "")],
            'prompt:a@3 prop.env:x prop.b:""',
        ),
        ([one_of("user", []), status_of([])], ""),
    ],
)
def test_what_options_mean_is_a_filter(built, text):
    assert Filter().both(*built).text == text
    assert parse(text) == Filter().both(*built)


def test_flags_and_text_are_the_same_terms():
    assert Filter().both(one_of("user", ["ada"]), status_of(["error"])) == parse("user:ada status:error")


@pytest.mark.parametrize("status", ["ok", "error", "4xx", "200", "599"])
def test_statuses(status):
    assert Filter().both(status_of([status])).text == f"status:{status}"


@pytest.mark.parametrize("status", ["", "20", "2000", "6xx", "4xx;", "٢٠٠"])
def test_what_is_no_status(status):
    with pytest.raises(UsageError, match="is not a status"):
        status_of(["200", status])


def test_the_time_is_told_by_the_clock_of_a_zone():
    chosen = Filter(since_ms=1, until_ms=1500).both(one_of("user", ["ada"]))
    assert chosen.told() == "user:ada since 1970-01-01T00:00:00 until 1970-01-01T00:00:01"
    assert Filter(since_ms=1).told(BERLIN) == "since 1970-01-01T01:00:00"
    assert Filter(since_ms=0).told() == ""


def test_a_sentence_ends_with_the_time_as_it_was_called():
    assert parse("user:ada status:error").sentence("last 24 h") == "user is ada and status is an error, last 24 h"
    assert Filter().sentence() == "all calls"


def test_times_in_words_count_from_now():
    now = datetime(2026, 11, 21, 14, tzinfo=UTC)
    assert parse("created_at:>=today", now).text == "created_at:>=2026-11-21T00:00:00.000Z"


def test_what_it_names():
    chosen = parse("user:ada,li* -user:x (user:y OR user:z) prop.a:b")
    assert chosen.named("user") == ("ada",)
    assert chosen.named("prop.a") == ("b",)
    assert chosen.named("model") == ()
    assert len(chosen.checks) == 5


def test_whether_it_asks_for_what_was_said():
    assert parse("-(user:ada refund)").needs_text
    assert not parse("user:refund").needs_text


def test_both_keeps_the_time():
    chosen = Filter(since_ms=1, until_ms=2).both(None, parse("user:ada status:ok").term, parse("is:stream").term)
    assert (chosen.since_ms, chosen.until_ms, chosen.text) == (1, 2, "user:ada status:ok is:stream")
    assert [type(term).__name__ for term in chosen.needed] == ["Check"] * 3
