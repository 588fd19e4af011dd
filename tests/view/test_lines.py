"""The line of a call, at every width."""

from __future__ import annotations

import pytest

from helicli.view.lines import call_line, money, status, tokens, trouble
from helicli.view.style import Style
from helicli.view.text import cells
from tests.query import logs
from tests.view.payloads import WRITABLE

PLAIN = Style(False)


def test_a_line(read):
    call, _, _ = read(logs.call(1, user="ada", name="support_ticket_response"))
    assert call_line(call, 120, PLAIN, said="How do I reset my password?") == (
        "14:03:11  200  gpt-4o                     1.24s     412→96  $0.0020   ada       support_ticket_…  "
        "How do I reset my pas…"
    )
    assert call_line(call, 120, PLAIN, said="Hi", user=False) == (
        "14:03:11  200  gpt-4o                     1.24s     412→96  $0.0020   support_ticket_response  Hi"
    )


def test_a_line_of_eighty_columns(read):
    call, _, _ = read(logs.call(1, user="ada", name="support_ticket_response"))
    assert call_line(call, 80, PLAIN, said="How do I reset") == (
        "14:03:11  200  gpt-4o          1.24s     412→96  $0.0020   ada     How do I res…"
    )


def test_a_failed_call_tells_why_and_is_readable_without_colour(read):
    call, _, _ = read(logs.failed(1, user="ada"))
    line = call_line(call, 100, PLAIN, said="never shown")
    assert line == "14:03:11  429  gpt-4o           0.42ms          –  –         ada       limit 100/h"
    painted = call_line(call, 100, Style(True))
    assert "\x1b[33m429\x1b[0m" in painted and "\x1b[31mlimit 100/h\x1b[0m" in painted


@pytest.mark.parametrize(
    ("given", "sign", "colour"),
    [
        ({"status": 200, "error": None}, "200", "32"),
        ({"status": 404, "error": None}, "404", "33"),
        ({"status": 500, "error": None}, "500", "31"),
        ({"status": 200, "error": "upstream_cut"}, "200", "31"),
        ({"status": None, "error": "client_closed"}, "–  ", "31"),
    ],
)
def test_status(read, given, sign, colour):
    call, _, _ = read(logs.failed(1, **given))
    assert status(call) == sign
    assert f"\x1b[{colour}m{sign}\x1b[0m" in call_line(call, 100, Style(True))


@pytest.mark.parametrize("name", [None, "名前" * 20, "summarise", "Z" + "\u0301" * 5_000])
@pytest.mark.parametrize(("user", "said"), [(True, "文" * 300), (False, "文" * 300), (True, "Z" + "\u0301" * 5_000)])
def test_no_line_is_wider_than_it_may_be(read, name, user, said):
    given = {"name": name, "user": "漢字漢字漢字", "model": "m" * 50}
    wide = {"usage_estimated": True, "input_tokens": 402_000, "output_tokens": 1_900_000, "cost_nano": 100}
    calls = [read(logs.call(1, **given, **wide))[0], read(logs.failed(2, **given))[0]]
    for call in calls:
        for width in range(20, 201):
            line = call_line(call, width, PLAIN, said=said, user=user)
            assert cells(line) <= width
            assert len(line) <= 5 * width


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (66, "14:03:11  200  gpt-4o          1.24s     412→96  $0.0020   ada"),
        (64, "14:03:11  200  gpt-4o          1.24s     412→96  $0.0020   Hi t…"),
        (56, "14:03:11  200  gpt-4o          1.24s     412→96  Hi the…"),
        (44, "14:03:11  200  gpt-4o          1.24s  Hi th…"),
        (34, "14:03:11  200  gpt-4o         Hi…"),
    ],
)
def test_what_has_no_room_goes_user_then_money_then_tokens(read, width, line):
    call, _, _ = read(logs.call(1, user="ada"))
    assert call_line(call, width, PLAIN, said="Hi there, you") == line


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("gpt-4-0613", "gpt-4-0613"),
        ("2024-08-06", "2024-08-06"),
        ("-20250514", "-20250514"),
        ("o3-2025-04-16-pro", "o3-2025-04-16-pro"),
    ],
)
def test_a_list_leaves_out_the_day_of_a_model(read, model, shown):
    call, _, _ = read(logs.call(1, model=model, requested_model=model))
    assert call_line(call, 200, PLAIN).split()[2] == shown


@pytest.mark.parametrize("payload", WRITABLE)
def test_nothing_hostile_in_a_line(read, payload):
    call, _, _ = read(logs.failed(1, user=payload, name=payload, model=payload, error_message=payload))
    line = call_line(call, 300, PLAIN)
    assert not set(payload) & set(line) & {"\x1b", "\x9b", "\x9d", "\r", "\n", "\u202e", "\x07", "\x00"}
    assert line.isprintable()


def test_tokens_and_money(read):
    call, _, _ = read(logs.call(1, cache_read_tokens=3000, output_tokens=812, usage_estimated=True, cost_nano=None))
    assert (tokens(call), money(call), trouble(call)) == ("~3.4k→812", "–", "")


def test_an_error_without_a_sentence_is_told_by_its_word(read):
    call, _, _ = read(logs.failed(1, error="dns", error_message=None))
    assert trouble(call) == "dns"
