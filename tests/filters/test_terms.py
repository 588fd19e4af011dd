"""Terms: their fields, their sentences, and which calls fulfil them."""

from __future__ import annotations

import pytest

from helicli.filters import parse
from helicli.filters.terms import FIELDS, And, Not, Or, both, either, field, folded, no
from helicli.query.calls import newest
from helicli.query.reading import opened
from helicli.query.where import where
from tests.query import logs


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("user", "user"),
        ("Latency", "latency_ms"),
        ("cost", "cost_usd"),
        ("prop.A b", "prop.a b"),
        ("property.x", "prop.x"),
        ("score.helpful", "score.helpful"),
    ],
)
def test_fields(name, known):
    assert field(name).name == known


@pytest.mark.parametrize("name", ["usr", "prop.", "score.", "", "latency_us", "latency_ms_ms"])
def test_what_is_no_field(name):
    assert field(name) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("user:ada status:error", "user is ada and status is an error"),
        ("-cache:hit", "cache is not hit"),
        ("user:a,b*", "user is a or like b*"),
        ("status:4xx,200", "status is 4xx or 200"),
        ("cost:>0.01 latency:1s..5s ttft:<=1s", "cost is above $0.01 and latency is 1s to 5s and ttft is at most 1s"),
        ("prop.Feature:* has:score", "property feature is set and score is set"),
        ('"refund" -text:a,b', '"refund" is said and "a" or "b" is not said'),
        ("is:stream -is:stream stream:false", "it is a stream and it is not a stream and it is not a stream"),
        ("-stream:false", "it is a stream"),
        ("a:1 or b".replace("a:1", "user:a"), 'user is a or "b" is said'),
        ("user:a (user:b or user:c)", "user is a and (user is b or user is c)"),
        ("-(user:a user:b)", "not (user is a and user is b)"),
    ],
)
def test_sentences(text, sentence):
    assert parse(text).sentence() == sentence


def test_terms_are_kept_flat():
    a, b, c = (parse(text).term for text in ("user:a", "user:b", "user:c"))
    assert both(a, both(b, c)) == And((a, b, c))
    assert either(either(a, b), c) == Or((a, b, c))
    assert no(no(a)) == a
    assert no(a) == Not(a)
    assert both(a) == a == either(a)


def test_the_opposite_of_a_term_holds_for_what_is_not_known(log):
    calls = newest(log, parse(""), 10)
    assert [call.seq for call in calls if parse("-user:ada").matches(call)] == [2, 5]
    assert [call.seq for call in calls if parse("-cost:>=0").matches(call)] == [2]


def test_what_was_said_is_compared_in_any_case_and_any_white_space(log):
    call = newest(log, parse(""), 1)[0]
    assert parse('"Reset  my"').matches(call, folded("how do I\nRESET my ß"))
    assert parse("STRASSE").matches(call, folded("Straße"))
    assert not parse("refund").matches(call, folded("none"))


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_can_be_asked_of_a_call_and_of_the_log(log, name):
    call = newest(log, parse(""), 1)[0]
    text = {"text": "text:x", "stream": "is:stream", "usage_estimated": "usage_estimated:true"}.get(name, f"{name}:*")
    assert parse(text).matches(call) in (True, False)
    assert where(parse(text))[0]


@pytest.fixture
def log(tmp_path):
    with opened(logs.sample(tmp_path / "x.db")) as db:
        yield db
