"""Policies: each word of both vocabularies, one spelling, a sentence, and an error that points."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helicli.policy import CALENDAR, SEGMENTS, UNITS, Policy, PolicyError, parse, parse_all, quoted

SPELLED = [
    ("100;w=3600;u=user", "100;w=3600;s=user", "100 requests per hour, counted for each user", "100/h per user"),
    (
        "1000;w=86400;u=org",
        "1000;w=86400;s=org",
        "1,000 requests per 24 hours, counted for each organisation",
        "1000/d",
    ),
    ("10;w=60;u=request", "10;w=60", "10 requests per minute, for all calls together", "10/min"),
    ("10;w=60;u=global", "10;w=60", "10 requests per minute, for all calls together", "10/min"),
    ("1;w=1", "1;w=1", "1 request per second, for all calls together", "1/s"),
    ("5;w=90;s=model", "5;w=90;s=model", "5 requests per 90 seconds, counted for each model", "5/90s per model"),
    ("5;w=7200;u=key", "5;w=7200;s=key", "5 requests per 2 hours, counted for each key", "5/2h per key"),
    (
        "9;w=day;u=provider",
        "9;w=day;s=provider",
        "9 requests per calendar day, counted for each provider",
        "9/day per provider",
    ),
    (
        "5000;w=604800;u=tokens;s=user",
        "5000;w=604800;u=tokens;s=user",
        "5,000 tokens per 7 days, counted for each user",
        "5000 tokens/w per user",
    ),
    (
        "0.5;w=month;u=cents;s=Team",
        "0.5;w=month;u=cents;s=team",
        '$0.005 per calendar month, counted for each value of the property "team"',
        "0.5¢/month per team",
    ),
    ("0;w=60;u=cents", "0;w=60;u=cents", "no money per minute, for all calls together", "0¢/min"),
    (" 10 ; S=tokens ; U=USER ; W=60 ", "10;w=60;u=tokens;s=user", "10 tokens per minute, counted for each user", None),
    ("10.9;w=060", "10;w=60", "10 requests per minute, for all calls together", None),
    ("0;w=2", "0;w=2", "no requests per 2 seconds, for all calls together", None),
]


@pytest.mark.parametrize(("given", "spelled", "sentence", "short"), SPELLED)
def test_policies(given, spelled, sentence, short):
    policy = parse(given)
    assert (policy.spelled, policy.sentence()) == (spelled, sentence)
    assert short is None or policy.short() == short
    assert parse(spelled) == policy


@pytest.mark.parametrize(("unit", "segment"), list(itertools.product(UNITS, SEGMENTS)))
def test_either_kind_of_word_in_either_part(unit, segment):
    told = {parse(f"7;{parts}") for parts in (f"w=60;u={unit};s={segment}", f"u={segment};s={unit};w=60")}
    assert len(told) == 1
    (policy,) = told
    assert (policy.unit, policy.segment, policy.named) == (unit, segment, False)


@pytest.mark.parametrize("word", [*UNITS, *SEGMENTS])
def test_each_word_alone(word):
    assert parse(f"7;w=60;u={word}") == parse(f"7;w=60;s={word}") == parse(f"7;w=60;U={word.upper()}")


WRONG = [
    ("", 0, 1, "no limit", "begin with a number"),
    (";w=60", 0, 1, '"" for a limit', "write a number"),
    ("ten;w=60", 0, 3, '"ten" for a limit', "write a number"),
    ("-1;w=60", 0, 2, '"-1" for a limit', "write a number"),
    ("1e3;w=60", 0, 3, '"1e3" for a limit', "write a number"),
    ("٣;w=60", 0, 1, '"٣" for a limit', "write a number"),
    ("w=60", 0, 4, "no limit before", "begin with a number"),
    ("99999999999999999999;w=60", 0, 20, "for a limit", "write a number"),
    ("999999999999999999;w=60;u=cents", 0, 18, "too large", "smaller"),
    ("10", 2, 1, "no window", "add ;w="),
    ("10;u=user", 9, 1, "no window", "add ;w="),
    ("10;;w=60", 3, 1, "an empty part", "take one"),
    ("10;w=60;", 8, 1, "an empty part", "take one"),
    ("10;w", 3, 1, 'without a "="', "write w="),
    ("10;w=", 5, 1, 'nothing after "w="', "seconds, day or month"),
    ("10;w=0", 5, 1, 'window of "0"', "31536000"),
    ("10;w=31536001", 5, 8, "window of", "31536000"),
    ("10;w=00000000000031536001", 5, 20, "window of", "31536000"),
    ("10;w=000000000001" + "0" * 5000, 5, 5012, "window of", "31536000"),
    ("10;w=1.5", 5, 3, "for a window", "seconds, day or month"),
    ("10;w=dya", 5, 3, "for a window", 'did you mean "day"?'),
    ("10;w=60;w=60", 10, 2, "a second window", "once"),
    ("10;w=60;x=1", 8, 1, 'unknown part "x"', "parts: w, u, s"),
    ("10;window=60", 3, 6, 'unknown part "window"', 'did you mean "w"?'),
    ("10;w=60;u=requets", 10, 7, 'unknown unit "requets"', 'did you mean "request"?'),
    ("10;w=60;u=team", 10, 4, 'unknown unit "team"', "units: request, tokens, cents   or per: user"),
    ("10;w=60;u=user;s=team", 17, 4, 'a second segment "team"', '"user" already'),
    ("10;w=60;u=user;s=user", 17, 4, "a second segment", '"user" already'),
    ("10;w=60;u=user;u=org", 17, 3, "a second segment", '"user" already'),
    ("10;w=60;u=tokens;s=cents", 19, 5, 'a second unit "cents"', '"tokens" already'),
    ("10;w=60;s=a b", 10, 3, "no name of a property", "or a property's name"),
    ("10;w=60;s=é", 10, 1, "no name of a property", "or a property's name"),
]


@pytest.mark.parametrize(("given", "at", "length", "what", "how"), WRONG)
def test_what_is_wrong_where_and_how_it_is_written(given, at, length, what, how):
    with pytest.raises(PolicyError) as raised:
        parse(given)
    error = raised.value
    assert (error.at, max(1, error.length)) == (at, length)
    assert what in error.what and how in error.how
    assert error.message.endswith(f"in policy {quoted(given)}")
    assert "100;w=3600;u=user" in error.fix and "100;w=3600;u=user" in error.sentence
    assert error.excerpt.text == given
    assert (error.excerpt.start, error.excerpt.end, error.excerpt.hint) == (at, at + length, error.how)


def test_signs_that_drive_a_terminal_are_not_repeated():
    with pytest.raises(PolicyError) as raised:
        parse("10;w=\x1b[2J")
    assert "\x1b" not in raised.value.message + raised.value.cause + raised.value.sentence


def test_several():
    assert parse_all("10;w=60, 5;w=day;u=user") == (parse("10;w=60"), parse("5;w=day;u=user"))
    for wrong in ("10;w=60,", ",10;w=60", "10;w=60,,5;w=60", "10;w=60,x"):
        with pytest.raises(PolicyError):
            parse_all(wrong)


@pytest.mark.parametrize(
    ("given", "at", "length"),
    [("10;w=60,", 8, 1), ("10;w=60, 5;w=6x", 13, 2), ("x,10;w=60", 0, 1), ("10;w=60 ,,1;w=1", 9, 1)],
)
def test_where_in_several(given, at, length):
    with pytest.raises(PolicyError) as raised:
        parse_all(given)
    error = raised.value
    assert (error.text, error.at, max(1, error.length)) == (given, at, length)
    assert error.message.endswith(f"in policy {quoted(given)}")


POLICIES = st.builds(
    lambda limit, window, unit, segment, named: Policy(
        limit, 0 if window in CALENDAR else window, window if window in CALENDAR else "", unit, segment, named
    ),
    st.integers(0, 10**15),
    st.one_of(st.integers(1, 31_536_000), st.sampled_from(CALENDAR)),
    st.sampled_from(UNITS),
    st.sampled_from(SEGMENTS),
    st.just(False),
)


@given(POLICIES)
def test_what_is_spelled_is_read_again(policy):
    assert parse(policy.spelled) == policy
    assert policy.sentence() and policy.short()
    assert policy.spelled.isascii()


@given(st.text(alphabet="0123456789;=.,wusday month-_ tokensé", max_size=30))
def test_any_text_is_a_policy_or_an_error(text):
    try:
        parse_all(text)
    except PolicyError as error:
        assert 0 <= error.at <= len(error.text)
