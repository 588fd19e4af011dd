"""What lists show of a call: names, values, plain text, cells."""

from __future__ import annotations

import pytest

from helicli.errors import UsageError
from helicli.view.fields import LINE, field, fields, told_of
from helicli.view.when import When
from tests.query import logs
from tests.view.payloads import WRITABLE


@pytest.mark.parametrize(
    ("name", "key", "value", "plain", "cell"),
    [
        ("seq", "seq", 1, "1", "1"),
        ("created_at", "created_at", "2026-11-21T14:03:11.204Z", "2026-11-21T14:03:11.204Z", "14:03:11"),
        ("latency", "latency_ms", 1240.0, "1240", "1.24s"),
        ("cost", "cost_usd", 0.00000002, "0.00000002", "$0.000000020"),
        ("stream", "stream", False, "false", "no"),
        ("input_tokens", "input_tokens", 3100, "3100", "3.1k"),
        ("user", "user", "ada", "ada", "ada"),
        ("session", "session", None, "", "–"),
        ("properties", "properties", {"environment": "production"}, "environment=production", "environment=production"),
        ("prop.Environment", "prop.environment", "production", "production", "production"),
        ("prop.other", "prop.other", None, "", "–"),
        ("text", "text", "Hi", "Hi", "Hi"),
    ],
)
def test_a_field(read, name, key, value, plain, cell):
    new = logs.call(1, user="ada", cost_nano=20, input_tokens=3100, properties={"environment": "production"})
    call, _, _ = read(new)
    found = field(name)
    assert (found.name, found.value(call, "Hi"), found.plain(call, "Hi", When())) == (key, value, plain)
    assert found.cell(call, "Hi", When().short) == cell


@pytest.mark.parametrize("payload", WRITABLE)
def test_nothing_hostile_in_text(read, payload):
    call, _, _ = read(logs.call(1, user=payload or "x", properties={"a": payload}))
    for name in ("user", "properties", "prop.a", "text"):
        for text in (field(name).plain(call, payload, When()), field(name).cell(call, payload, When().short)):
            assert text.isprintable() or not set(text) & set("\x1b\x9b\x9d\n\r\t\u202e\u2066")


def test_fields_of_a_list():
    assert [each.name for each in fields("seq, cost,,prop.A")] == ["seq", "cost_usd", "prop.a"]
    assert field("prop.\x1b[2J").title == "·[2J"
    assert [each.name for each in LINE][:2] == ["seq", "created_at"]


@pytest.mark.parametrize("text", ["", " , ", "seq,modle", "prop."])
def test_a_list_that_is_none(text):
    with pytest.raises(UsageError):
        fields(text)


def test_numbers_stand_at_the_right_and_titles_fit():
    assert field("cost").is_number and not field("prop.a").is_number
    assert all(each.width >= len(each.title) for each in LINE)


def test_what_is_told_of_a_call(read):
    call, _, _ = read(logs.failed(1))
    assert told_of(call, "Hi") == "limit 100/h"
    call, _, _ = read(logs.call(2))
    assert told_of(call, "Hi") == "Hi"
