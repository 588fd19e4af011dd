"""The page of a call."""

from __future__ import annotations

import re

import pytest

from helicli.rates import Split
from helicli.view.page import Page, latency_parts, page
from helicli.view.style import Style
from helicli.view.text import cells
from helicli.view.when import When
from tests.query import logs
from tests.view.payloads import WRITABLE

PIPE = Page(Style(False))


def drawn(told, look=PIPE):
    return "\n".join(page(*told, look))


def test_a_stream(read):
    told = read(
        logs.call(
            1, user="ada", session="chat-17", stream=True, ttft_us=310_000, properties={"environment": "production"}
        )
    )
    look = Page(Style(False), 100, When("relative", now=logs.T0 + 720_000).dated)
    assert (
        drawn(told, look)
        == """\
1  200 OK  gpt-4o via openai  12m ago
user ada · session chat-17 · environment=production

  system     You are a support agent for Acme. Be brief.
  user       How do I reset my password?
  assistant  Open Settings → Security and choose Reset.

timing  overhead 1ms ▏ first token 309ms ██████ stream 930ms ██████████████████ total 1.24s
tokens  412 in (0 cached) · 96 out      cost  $0.00199
next    helicli show 1 --response     helicli tail --session chat-17 --no-follow"""
    )


def test_a_refusal(read):
    assert (
        drawn(read(logs.failed(1, response=None, response_headers=None)))
        == """\
1  429 Too Many Requests  gpt-4o via openai  2026-11-21T14:03:11.204Z

  system     You are a support agent for Acme. Be brief.
  user       How do I reset my password?
  error      limit 100/h

timing  overhead 0.32ms ██████████████████▎ upstream 0.10ms █████▊ total 0.42ms
tokens  not known      cost  –
next    helicli show 1 --response     helicli show 1 --json"""
    )


def test_what_was_not_kept_is_said(read):
    told = read(logs.call(1, request=None, request_size=5_000_000, response=b"", redacted=True, attempts=3))
    text = drawn(told)
    assert "  request: 5,000,000 bytes, not kept\n" in text
    assert "  a key was masked in the body\n  the provider was asked 3 times\n" in text


def test_a_body_that_is_no_conversation(read):
    told = read(logs.call(1, request=b"RIFF....", response=b"\x00\x01", status=599))
    assert "  no conversation here; 8 bytes sent, 2 received: helicli show 1 --request\n" in drawn(told)
    assert drawn(told).startswith("1  599  gpt-4o")


def test_unpriced_estimated_and_unanswered(read):
    told = read(
        logs.failed(
            1,
            status=None,
            error="client_closed",
            error_message=None,
            cost_nano=None,
            output_tokens=7,
            reasoning_tokens=3,
            input_tokens=None,
            usage_estimated=True,
        )
    )
    text = drawn(told)
    assert "1  –  not answered" in text and "error      client_closed" in text
    assert "tokens  – in (0 cached) · 7 out (3 reasoning) · estimated      cost  unpriced" in text


def test_long_turns_are_wrapped_under_their_role(read):
    look = Page(Style(False), 60, When("relative", now=logs.T0).dated)
    lines = page(*read(logs.call(1, said="word " * 40 + "\n\n  code\nend")), look)
    turn = lines[lines.index("") + 2 :]
    assert turn[0].startswith("  user       word word")
    assert turn[1].startswith("             word")
    assert "               code" in turn
    assert all(cells(line) <= 60 for line in lines)


@pytest.mark.parametrize("payload", WRITABLE)
@pytest.mark.parametrize("look", [PIPE, Page(Style(False), 80, When("relative", now=logs.T0).dated)])
def test_nothing_hostile_on_a_page(read, payload, look):
    told = read(
        logs.call(
            1,
            said=payload,
            answer=payload,
            user=payload,
            session=payload,
            name=payload,
            model=payload,
            provider=payload,
            request_id=payload,
            properties={payload: payload},
            error="dns",
            error_message=payload,
        )
    )
    lines = page(*told, look)
    assert all(line.isprintable() for line in lines)
    assert not look.width or sum(map(len, lines)) < 5_000


def test_a_suggested_command_is_quoted(read):
    assert drawn(read(logs.call(1, user="a; rm -rf /"))).endswith("helicli tail --user 'a; rm -rf /' --no-follow")
    assert drawn(read(logs.call(2, user="--help"))).endswith("helicli show 2 --json")


@pytest.mark.parametrize("given", [{"stream": True, "ttft_us": 310_000}, {}, {"overhead_us": None}])
def test_nothing_but_the_head_is_wider_than_the_terminal(read, given):
    told = read(logs.call(1, user="u" * 30, session="s" * 39, name="n" * 90, reasoning_tokens=1_000_000, **given))
    for width in range(60, 201):
        for style in (Style(False), Style(True)):
            lines = page(*told, Page(style, width, When("relative", now=logs.T0).dated))
            assert max(cells(re.sub("\x1b.*?m", "", line)) for line in lines) <= width
            assert lines[-1].startswith("next    helicli show 1 --response")


def test_eighty_columns(read):
    told = read(logs.call(1, session="chat-18-of-ada", stream=True, ttft_us=310_000))
    assert page(*told, Page(Style(False), 80, When("relative", now=logs.T0).dated))[-3:] == [
        "timing  overhead 1ms ▏ first token 309ms ██▊ stream 930ms ████████▎ total 1.24s",
        "tokens  412 in (0 cached) · 96 out      cost  $0.00199",
        "next    helicli show 1 --response",
    ]
    assert page(*told, Page(Style(False), 64, When("relative", now=logs.T0).dated))[-3] == (
        "timing  overhead 1ms first token 309ms stream 930ms total 1.24s"
    )
    assert page(*told, Page(Style(False), 60, When("relative", now=logs.T0).dated))[-3] == "timing  total 1.24s"


@pytest.mark.parametrize(
    "given",
    [
        {"ttft_us": 310_000, "overhead_us": 1_000},
        {"ttft_us": 310_000, "overhead_us": None},
        {"ttft_us": 1_000, "overhead_us": 5_000},
        {"ttft_us": 9_000_000, "overhead_us": 1_000},
        {"ttft_us": None, "overhead_us": 1_000},
        {"ttft_us": None, "overhead_us": 9_000_000},
    ],
)
def test_the_parts_of_the_time_make_up_the_total(read, given):
    parts = latency_parts(read(logs.call(1, stream=True, **given))[0])
    assert sum(part for _, part in parts) == 1_240_000
    assert all(part >= 0 for _, part in parts)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (Split(1_030_000, 960_000, 0), "cost  $0.00103 + $0.00096 = $0.00199"),
        (Split(1_030_000, 0, 960_000), "cost  $0.00103 + $0.00 + $0.00096 fees = $0.00199"),
        (None, "cost  $0.00199"),
    ],
)
def test_what_a_cost_is_made_of(read, parts, said):
    lines = page(*read(logs.call(1)), PIPE, parts)
    assert [line for line in lines if line.endswith(said)]


def test_a_hit_says_where_it_is_from_and_what_it_saved(read):
    nothing = dict.fromkeys(("input_tokens", "output_tokens"), 0)
    told = read(logs.call(1, cache="hit", cost_nano=0, saved_nano=1_990_000, cached_from=1, **nothing))
    assert "cost  $0.00 · cached from call 1, saved $0.00199\n" in drawn(told)
    told = read(logs.call(2, cache="hit", cost_nano=0, **nothing))
    assert "cost  $0.00 · cached\n" in drawn(told)
