"""The language of filters: what reads as what, what is refused and where, and that what is printed reads the same."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helicli.errors import UsageError
from helicli.filters import Filter, parse
from tests import filtering

NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("", ""),
        ("   ", ""),
        ("user:ada", "user:ada"),
        ("USER:Ada", "user:Ada"),
        ("user=ada", "user:ada"),
        ("user==ada", "user:ada"),
        ("user = ada", "user:ada"),
        ("user!=ada", "-user:ada"),
        ("user:ada,linus,ada", "user:ada,linus"),
        ("status:4xx status:error", "status:4xx status:error"),
        ("status:>=400", "status:>=400"),
        ("status:OK", "status:ok"),
        ("cost:>0.01 latency:1s..5s", "cost:>$0.01 latency:1s..5s"),
        ("cost_usd:<=5¢ latency_ms:<2", "cost:<=$0.05 latency:<2ms"),
        ("input_tokens>3.1k", "input_tokens:>3100"),
        ("prop.Environment:production", "prop.environment:production"),
        ("properties.Feature:*", "prop.feature:*"),
        ('prop."My Prop":"a b"*', 'prop."my prop":"a b"*'),
        ("model:gpt-4o*  -cache:hit", "model:gpt-4o* -cache:hit"),
        ('"refund policy" text:refund again', '"refund policy" "refund" "again"'),
        ("seq:12481 session:chat-* prompt:support@v3", "seq:12481 session:chat-* prompt:support@3"),
        ("has:error has:score has:cost", "has:error has:score has:cost"),
        ("has:user,session", "has:user OR has:session"),
        ("score.helpful:<0.5", "score.helpful:<0.5"),
        ("is:stream", "is:stream"),
        ("is:error is:ok is:cached is:estimated", "status:error status:ok cache:hit,semantic usage_estimated:true"),
        ("stream:no", "stream:false"),
        ("model=gpt-4o and latency>2s", "model:gpt-4o latency:>2s"),
        ("a or b and c", '"a" OR "b" "c"'),
        ("(a or b) and c", '("a" OR "b") "c"'),
        ("NOT (a b)", '-("a" "b")'),
        ("--user:ada", "user:ada"),
        ("-(user:ada OR user:x)", "-(user:ada OR user:x)"),
        ("not-found and-so or-else", '"not-found" "and-so" "or-else"'),
        ('"and" "or"', '"and" "or"'),
        (r'user:"a\"b\\c"', r'user:"a\"b\\c"'),
        ('user:"a*b",c*', 'user:"a*b",c*'),
        ("id:0193", "id:0193"),
        ("created_at:2026-11-20", "created_at:2026-11-20T00:00:00.000Z..2026-11-20T23:59:59.999Z"),
        ("created_at:>=1h", "created_at:>=2026-11-21T13:00:00.000Z"),
        ("created_at:>yesterday", "created_at:>2026-11-20T23:59:59.999Z"),
        ("provider:OpenAI error:TimeOut", "provider:openai error:timeout"),
        ("@slow user:ada", "latency:>5s user:ada"),
        ("-@twice", "-(user:a OR latency:>5s)"),
        ("!", '"!"'),
        ("- x", '"-" "x"'),
    ],
)
def test_reads(typed, text):
    saved = {"slow": "latency:>5s", "twice": "user:a or @slow"}
    assert parse(typed, NOW, saved).text == text
    assert parse(text, NOW) == parse(typed, NOW, saved)


@pytest.mark.parametrize(
    ("typed", "message", "place", "hint"),
    [
        ("usr:ada status:error", 'unknown field "usr" in filter', "usr", 'did you mean "user"?'),
        ("http://x", 'unknown field "http" in filter', "http", 'properties are "prop.NAME"'),
        ("user:", '"user" has no value', "user:", ""),
        ("user: ada", '"user" has no value', "user:", ""),
        ("user:a,,b", '"user" has no value', "user:a,", ""),
        ("x (a", 'this "(" is not closed', "(", ""),
        ("a)", 'this ")" closes nothing', ")", ""),
        ("()", "there is nothing before this", ")", ""),
        ("a or", "something is missing here", "", ""),
        ("or a", '"or" joins two terms', "or", ""),
        ("a and and b", '"and" joins two terms', "and", ""),
        ("-", "", "", None),
        ("status:eror", '"eror" is not a status', "eror", ""),
        ("status:error,20", '"20" is not a status', "20", ""),
        ("latency:>2x", '"2x" is not a duration', ">2x"[1:], ""),
        ("cost:5..1", "there is nothing from 5 to 1", "5..1", ""),
        ("user:>3", "user has no order", "3", ""),
        ('user:"abc', "this quote is not closed", '"', ""),
        ("a @foo", 'no saved filter "@foo"', "@foo", ""),
        ("@slo", 'no saved filter "@slo"', "@slo", 'did you mean "@slow"?'),
        ("@self", 'the saved filter "@self" contains itself', "@self", None),
        ("has:usr", 'a call cannot have "usr"', "usr", ""),
        ("has:stream", 'a call cannot have "stream"', "stream", ""),
        ("is:strem", 'a call cannot be "strem"', "strem", ""),
        ("> 5", 'there is no field before ">"', "> ", ""),
        ("latency:>1,2", "a comparison has one value", "2", ""),
        ("stream:maybe", 'stream cannot be "maybe"', "maybe", ""),
        ("id:zz", '"zz" is not an id', "zz", ""),
        ("user:f(x)", "put this in quotes", "(", ""),
        ("cost:0.00000000001", "is finer than what is kept", "0.00000000001", ""),
        ("created_at:>soon", '"soon" is not a time', "soon", ""),
        ('""', "there is no text in this", '""', ""),
        ('text:" "', "there is no text in this", '" "', ""),
        ("properties:x", "properties cannot be compared", "x", ""),
        ("a\0b", "a filter is text", "\0", ""),
        ("seq:99999999999999999999", "is not a number", "99999999999999999999", ""),
        ("seq:999999999999999g", "is too large", "999999999999999g", ""),
    ],
)
def test_what_cannot_be_read_is_pointed_at(typed, message, place, hint):
    saved = {"slow": "latency:>5s", "self": "a @self"}
    if typed == "-":
        assert parse(typed).text == '"-"'
        return
    with pytest.raises(UsageError) as caught:
        parse(typed, NOW, saved)
    error = caught.value
    assert message in error.message
    assert error.fix
    assert error.excerpt is not None
    assert error.excerpt.text[error.excerpt.start : error.excerpt.end] == place
    assert hint is None or error.excerpt.hint == hint


@pytest.mark.parametrize(
    "typed",
    [
        "(" * 60 + "a" + ")" * 60,
        "-" * 60 + "a",
        "not " * 60 + "a",
        "user:" + ",".join(map(str, range(401))),
        " ".join(["a"] * 401),
        "a" * 10_001,
        "@a0",
    ],
)
def test_what_is_too_much_is_refused(typed):
    doubling = {f"a{n}": f"@a{n + 1} @a{n + 1}" for n in range(40)} | {"a40": "x"}
    with pytest.raises(UsageError):
        parse(typed, NOW, doubling)


def test_reads_long_texts_in_no_time():
    begun = time.process_time()
    for typed in ("(" * 9_999, "a " * 4_999, "-" * 9_999, '"' * 9_999, "a:" * 4_999, "\\" * 9_999, " " * 9_999):
        try:
            parse(typed, NOW)
        except UsageError:
            continue
    assert time.process_time() - begun < 10


@given(filtering.terms(filtering.CHECKS | filtering.SAID))
@settings(max_examples=300, deadline=None)
def test_what_is_printed_reads_as_the_same(term):
    chosen = Filter(term=term)
    assert parse(chosen.text, NOW) == chosen
    assert chosen.sentence()


@given(st.text(max_size=60) | st.text('useradtx:=<>!"()-*,@. \\', max_size=30))
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused(typed):
    try:
        chosen = parse(typed, NOW)
    except UsageError as error:
        assert error.message and error.fix
        return
    assert parse(chosen.text, NOW) == chosen
