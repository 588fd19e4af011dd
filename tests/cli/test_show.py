"""`helicli show`: the page, the bodies, and the object."""

from __future__ import annotations

import base64
import gzip
import json

import pytest
from msgspec.structs import replace

from helicli.columns import COLUMNS
from helicli.rates import Rate, make_tier
from helicli.store.calls import Priced
from tests.query import logs
from tests.view.payloads import WRITABLE

PAGE = """\
1  200 OK  gpt-4o via openai  {}
user ada · session chat-17 · name support · environment=production

  system     You are a support agent for Acme. Be brief.
  user       How do I reset my password?
  assistant  Open Settings → Security and choose Reset.

timing  overhead 1ms ▏ upstream 1.24s ████████████████████████ total 1.24s
tokens  412 in (0 cached) · 96 out      cost  {}
next    helicli show 1 --response     helicli tail --session chat-17 --no-follow
"""


def test_on_a_pipe(console):
    got = console("show", "1")
    assert (got.code, got.out, got.err) == (0, PAGE.format("2026-11-21T14:03:11.204Z", "$0.00199"), "")


def test_a_terminal_shows_nothing_that_a_pipe_does_not(console):
    console.env["NO_COLOR"] = "1"
    got = console("show", "1", tty=True)
    assert got.out == PAGE.format("12m ago", "$0.00199")


@pytest.mark.parametrize(("ref", "seq"), [("last", 5), ("-1", 5), ("-5", 1), ("3", 3), ("order-4411", 4), ("00020", 2)])
def test_finds(console, ref, seq):
    assert json.loads(console("show", ref, "--json").out)["seq"] == seq
    assert json.loads(console("show", "--json", ref).out)["seq"] == seq


def test_what_is_not_there(console):
    got = console("show", "99999")
    assert (got.code, got.out) == (3, "")
    assert got.err == "error: no call 99999; the newest is 5\nfix:   helicli show last\n"


def test_a_number_with_noughts_before_it_is_none(console):
    assert console("show", "00001").code == 3


@pytest.mark.parametrize("word", ["", "  "])
def test_an_empty_word_is_a_wrong_line(console, word):
    got = console("show", word)
    assert (got.code, got.out) == (2, "") and got.err.startswith("error: the call has no name\n")


def test_no_database_and_an_empty_log(empty):
    assert empty("show", "last").code == 3
    logs.write(empty.database)
    got = empty("show", "last")
    assert got.code == 3 and "the log is empty" in got.err


def test_a_file_that_is_no_database(empty):
    empty.database.write_bytes(b"no database at all" * 1000)
    got = empty("show", "last")
    assert got.code == 4 and got.err.startswith("error: cannot read")


@pytest.mark.parametrize("args", [["--request", "--response"], ["--raw"], ["--json", "--request"], ["--json", "--raw"]])
def test_options_that_do_not_go_together(console, args):
    got = console("show", "1", *args)
    assert (got.code, got.out) == (2, "")


def test_the_object_has_all_columns_and_both_sides(console):
    told = json.loads(console("show", "1", "--json").out)
    assert list(told)[: len(COLUMNS)] == [column.name for column in COLUMNS]
    assert told["request"]["headers"] == [["content-type", "application/json"]]
    assert json.loads(told["request"]["body"])["model"] == "gpt-4o"
    assert told["response"]["status"] == 200 and "Open Settings" in told["response"]["body"]
    assert told["properties"] == {"environment": "production"}


@pytest.fixture
def one(empty):
    """Write one call and get its console."""

    def write(**given):
        logs.write(empty.database, logs.call(1, **given))
        return empty

    return write


def test_bytes_that_are_no_text_are_base64_in_the_object(one):
    told = json.loads(one(response=b"\xff\xd8\x00")("show", "last", "--json").out)["response"]
    assert told["body_encoding"] == "base64"
    assert base64.b64decode(told["body"]) == b"\xff\xd8\x00"


def test_a_body_that_was_not_kept_is_null_in_the_object(one):
    told = json.loads(one(request=None, request_size=9_000)("show", "last", "--json").out)["request"]
    assert told == {"headers": [["content-type", "application/json"]], "size": 9_000, "body": None}


def test_a_body_is_decoded_and_raw_it_is_not(one):
    packed = gzip.compress('{"a":"ü\x1b"}'.encode())
    console = one(response=packed, response_headers=[(b"content-encoding", b"gzip")])
    assert console("show", "last", "--response").raw == '{"a":"ü\x1b"}'.encode()
    assert console("show", "last", "--response", "--raw").raw == packed
    assert console("show", "last", "--response", tty=True).out == '{"a":"ü·"}\n'
    assert json.loads(console("show", "last", "--json").out)["response"]["body"] == '{"a":"ü\x1b"}'


def test_bytes_that_are_no_text_do_not_reach_a_terminal(one):
    console = one(response=b"\xff\xd8\x1b[2J")
    got = console("show", "last", "--response", "--raw", tty=True)
    assert (got.code, got.out) == (2, "")
    assert "helicli show 1 --response --raw > body.bin" in got.err
    assert console("show", "last", "--response", "--raw").raw == b"\xff\xd8\x1b[2J"


def test_a_body_that_was_not_kept(one):
    console = one(request=None, request_size=9_000, response=b"he", response_size=100)
    got = console("show", "last", "--request")
    assert (got.code, got.out) == (3, "")
    got = console("show", "last", "--response")
    assert (got.code, got.err) == (0, "note:  only the ends of 100 bytes kept\n")


@pytest.mark.parametrize("payload", WRITABLE)
@pytest.mark.parametrize("form", [[], ["--json"], ["--request"], ["--response"]])
def test_nothing_hostile_reaches_a_terminal(one, payload, form):
    console = one(said=payload, user=payload, request=payload.encode(), answer=payload, properties={payload: payload})
    console.env["NO_COLOR"] = "1"
    got = console("show", "last", *form, tty=True)
    assert got.code == 0 or "is not text" in got.err
    assert got.out.replace("\n", "").isprintable()


def test_half_a_pair_in_a_body_is_shown_and_not_fatal(one):
    console = one(request=rb'{"messages":[{"role":"user","content":"a\ud800b"}]}')
    assert console("show", "last").code == 0
    assert console("tail", "--no-follow").code == 0


@pytest.fixture
def priced(empty):
    """The console on a log of one call that was priced by a rate."""
    tier = make_tier(-1, {"input": 2_500_000, "output": 10_000_000})
    rate = Rate("openai", "gpt-4o", "list 1", (tier,))
    logs.write(empty.database, replace(logs.call(1, cost_nano=1_990_000), priced=Priced(rate, tier, (rate,))))
    return empty


def test_what_a_cost_is_made_of(priced):
    assert "tokens  412 in (0 cached) · 96 out      cost  $0.00103 + $0.00096 = $0.00199\n" in priced("show", "1").out
    told = json.loads(priced("show", "1", "--json").out)
    assert told["cost_parts"] == {"input_usd": 0.00103, "output_usd": 0.00096, "fees_usd": 0.0, "tries_usd": 0.0}
    assert priced("show", "1", "--request").code == 0


def test_a_cost_that_cannot_be_explained(console):
    assert json.loads(console("show", "1", "--json").out)["cost_parts"] is None
