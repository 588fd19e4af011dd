"""Bodies in lines: JSON, events, text, bytes; nothing is changed, nothing drives the terminal."""

from __future__ import annotations

import json

import pytest

from helicli.tui.raw import LONGEST, MOST_BYTES, MOST_LINES, raw


def texts(body: bytes, content_type: str = "") -> list[str]:
    return ["".join(text for text, _ in line) for line in raw(body, content_type)]


def test_json_is_laid_out_and_its_values_stand_as_they_were_sent():
    body = b'{"model":"gpt-4o","temperature":1.0,"seed":1e5,"big":123456789012345678901234567890,"text":"\\u00e9\\n"}'
    told = texts(body)
    assert told[:2] == ["{", '  "model": "gpt-4o",']
    assert '  "temperature": 1.0,' in told and '  "seed": 1e5,' in told
    assert '  "big": 123456789012345678901234567890,' in told
    assert '  "text": "\\u00e9\\n"' in told
    assert json.loads("\n".join(told)) == json.loads(body)


def test_keys_and_values_are_told_apart():
    roles = {text: role for line in raw(b'{"a": "b", "n": -1.5, "on": true}') for text, role in line}
    assert (roles['"a"'], roles['"b"'], roles["-1.5"], roles["true"]) == ("accent", "ok", "warn", "warn")


@pytest.mark.parametrize("body", [b'{"cut": "of', b"{nonsense}", b"[1, 2,"])
def test_broken_json_is_shown_as_text(body):
    assert texts(body) == [body.decode()]


def test_a_stream_is_an_event_a_line_with_number_name_and_data():
    body = b'event: message_start\ndata: {"a":1}\n\ndata: {"b":2}\n\ndata: [DONE]\n\n'
    assert texts(body) == ['    1  message_start  {"a":1}', '    2  {"b":2}', "    3  [DONE]"]


def test_a_stream_that_was_cut_off_shows_what_there_is():
    assert texts(b'data: {"a":1}\n\ndata: {"b"', "text/event-stream") == [
        '    1  {"a":1}',
        '    2  cut off  data: {"b"',
    ]


def test_bytes_that_are_no_text_are_shown_as_such():
    told = texts(bytes(range(20)))
    assert told[0] == "20 bytes that are no text"
    assert told[1] == "00000000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  ................"
    assert told[2].startswith("00000010  10 11 12 13 ") and len(told) == 3
    assert texts(b"\x00" * (MOST_BYTES + 5))[-1] == "… 5 bytes more"


def test_a_sign_that_was_cut_does_not_make_a_text_bytes():
    assert texts("grün und grü".encode()[:-1]) == ["grün und gr\ufffd"]


def test_long_lines_and_many_lines_are_cut_with_a_word_about_it():
    assert texts(b"x" * (LONGEST + 7)) == ["x" * LONGEST + "… 7 characters more"]
    many = texts(b"a\n" * (MOST_LINES + 3))
    assert len(many) == MOST_LINES + 1 and many[-1].startswith(f"… cut after {MOST_LINES:,} lines")


@pytest.mark.parametrize(
    "body",
    [b'{"a": "\x1b[2J\xe2\x80\xae"}', b"data: \x1b]52;c;aGk=\x07\n\n", b"\x1b[31m[red] text", b"\x9b31m", b"{\x00}"],
)
def test_nothing_drives_the_terminal(body):
    told = "".join(texts(body))
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or sign in "\u202e\u200b" for sign in told)


def test_nothing_is_said_of_nothing():
    assert texts(b"") == ["(nothing)"]
