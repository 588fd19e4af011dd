"""A call as JSON and as a row."""

from __future__ import annotations

import json

import pytest

from helicli.columns import COLUMNS
from helicli.view.rows import as_object, both_sides, json_line
from tests.query import logs
from tests.view.payloads import WRITABLE


def test_json_has_every_column_in_the_units_of_its_name(read):
    call, _, _ = read(
        logs.call(258, user="ada", stream=True, ttft_us=310_004, latency_us=1234, properties={"feature": "support"})
    )
    told = json.loads(json_line(as_object(call)))
    assert list(told) == [column.name for column in COLUMNS]
    assert told["id"] == "01020102-0102-0102-0102-010201020102"
    assert told["created_at"] == "2026-11-21T14:03:11.204Z"
    assert (told["latency_ms"], told["ttft_ms"], told["cost_usd"]) == (1.234, 310.004, 0.00199)
    assert (told["seq"], told["status"], told["stream"], told["session"]) == (1, 200, True, None)
    assert told["properties"] == {"feature": "support"}


def test_what_is_not_known_is_null(read):
    call, _, _ = read(logs.failed(1, cost_nano=None))
    told = as_object(call)
    assert told["cost_usd"] is told["ttft_ms"] is told["input_tokens"] is None


@pytest.mark.parametrize("payload", WRITABLE)
def test_json_drives_no_terminal_and_loses_nothing(payload):
    line = json_line({"text": payload})
    assert line.isprintable()
    assert json.loads(line) == {"text": payload}


def test_json_keeps_what_can_be_read():
    assert json_line({"a": "Ünïcödé 漢字 🎉"}) == '{"a":"Ünïcödé 漢字 🎉"}'


def test_both_sides(read):
    call, sides, _ = read(logs.call(1, answer="Hi", response=b"\xff", request=b"hello"))
    told = both_sides(call, sides)
    assert told["request"] == {
        "headers": [("content-type", "application/json")], "size": 5, "body": "hello", "complete": True,
    }  # fmt: skip
    assert (told["response"]["body"], told["response"]["body_encoding"]) == ("/w==", "base64")
    assert told["response"]["status"] == 200 and told["redacted"] is False
