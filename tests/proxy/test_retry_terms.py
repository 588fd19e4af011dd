"""What a caller says of retries and fallbacks: each header right, missing and wrong."""

from __future__ import annotations

import pytest

from helicli.proxy.refusal import Refusal
from helicli.proxy.retry_terms import Entry, RetryTerms, read_terms
from helicli.retrying import RetrySettings

OFF, ON = RetrySettings(), RetrySettings(enabled=True, num=2, factor=3.0, min_ms=5, max_ms=50, deadline_seconds=9.0)


def read(settings=OFF, **said):
    return read_terms(
        [(f"helicone-{name.replace('_', '-')}".encode(), value.encode()) for name, value in said.items()], settings
    )


def test_nothing_said():
    assert read() is None
    assert read(ON) == RetryTerms(2, 3.0, 5, 50, 9.0)
    assert read(retry_num="3", retry_factor="2", retry_min_timeout="5", retry_max_timeout="9") is None


@pytest.mark.parametrize("word", ["true", "TRUE", " True "])
def test_retries(word):
    assert read(retry_enabled=word) == RetryTerms(5, 2.0, 1000, 10_000, 600.0)
    terms = read(retry_enabled=word, retry_num="3", retry_factor="1.5", retry_min_timeout="10", retry_max_timeout="20")
    assert terms == RetryTerms(3, 1.5, 10, 20, 600.0)


def test_what_a_call_says_goes_before_the_settings():
    assert read(ON, retry_enabled="false") is None
    assert read(ON, retry_num="0") is None
    assert read(ON, retry_num="7") == RetryTerms(7, 3.0, 5, 50, 9.0)
    assert read(OFF, increase_timeout="true") == RetryTerms(patient=True)
    assert read(OFF, token_limit_exception_handler="Middle-Out").handler == "middle-out"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("retry_enabled", "yes"),
        ("retry_enabled", ""),
        ("retry_num", "three"),
        ("retry_num", "-1"),
        ("retry_num", "101"),
        ("retry_num", "1.5"),
        ("retry_num", "\u0663"),
        ("retry_factor", "0.5"),
        ("retry_factor", "nan"),
        ("retry_factor", "1e3"),
        ("retry_factor", "1.1.1"),
        ("retry_min_timeout", "1s"),
        ("retry_min_timeout", "3600001"),
        ("retry_max_timeout", ""),
        ("increase_timeout", "1"),
        ("token_limit_exception_handler", "shorten"),
        ("fallback", "gpt-4o-mini"),
        ("fallback", "[]"),
        ("fallback", "{}"),
        ("fallback", "[{}]"),
        ("fallback", '["gpt-4o-mini"]'),
        ("fallback", '[{"model": 5}]'),
        ("fallback", '[{"model": ""}]'),
        ("fallback", '[{"headers": {"a": "b"}}]'),
        ("fallback", '[{"model": "m", "headers": {"a": "b\\r\\nc: d"}}]'),
        ("fallback", '[{"model": "m", "headers": {"a b": "c"}}]'),
        ("fallback", '[{"model": "m", "headers": {"a": "\u65e5"}}]'),
        ("fallback", '[{"model": "m", "headers": []}]'),
        ("fallback", '[{"model": "m", "onCodes": [99]}]'),
        ("fallback", '[{"model": "m", "onCodes": [600]}]'),
        ("fallback", '[{"model": "m", "onCodes": [{"from": 500}]}]'),
        ("fallback", '[{"model": "m", "onCodes": [{"from": 500, "till": 501}]}]'),
        ("fallback", '[{"model": "m", "onCodes": [{"from": 501, "to": 500}]}]'),
        ("fallback", '[{"model": "m", "bodyKeyOverride": 5}]'),
        ("fallback", "[" + ",".join(['{"model": "m"}'] * 21) + "]"),
        ("fallback", "[" * 2000),
        ("fallbacks", '[{"target-url": 5}]'),
    ],
)
def test_what_does_not_parse_is_refused_by_name(name, value):
    with pytest.raises(Refusal) as raised:
        read(**{name: value})
    assert (raised.value.status, raised.value.word) == (400, "bad_request")
    spelled = f"Helicone-{name.replace('_', '-').title()}"
    assert raised.value.message.startswith(spelled + " does not parse; write ")


def test_fallbacks_of_the_product_form():
    terms = read(
        fallback='[{"model": "a"}, {"model": "b", "provider": "Groq", "temperature": 0, "headers": {"X-Key": " k "}}]'
    )
    assert terms.entries == (
        Entry(model="a", keys=(("model", b'"a"'),)),
        Entry(
            model="b",
            provider="groq",
            headers=((b"x-key", b"k"),),
            keys=(("model", b'"b"'), ("temperature", b"0")),
        ),
    )
    assert (terms.whole, terms.retries) == (False, 0)


@pytest.mark.parametrize("name", ["fallback", "fallbacks"])
def test_fallbacks_of_helicones_form_under_either_name(name):
    terms = read(
        **{
            name: '[{"target-url": "https://a.test", "headers": {"Authorization": "Bearer x"}, '
            '"onCodes": [401, {"from": 500, "to": 599}], "bodyKeyOverride": {"model": "z"}}]'
        }
    )
    assert terms.whole
    assert terms.entries == (
        Entry(
            target_url="https://a.test",
            headers=((b"authorization", b"Bearer x"),),
            codes=((401, 401), (500, 599)),
            merged=b'{"model": "z"}',
        ),
    )


def test_not_both_names():
    with pytest.raises(Refusal, match="not both"):
        read(fallback='[{"model": "a"}]', fallbacks='[{"model": "a"}]')
