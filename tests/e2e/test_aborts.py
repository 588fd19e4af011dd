"""A client that goes, at every moment of a call and in every dialect: the provider is let go within a second."""

from __future__ import annotations

import time

import pytest

from tests.e2e.caller import Caller, chunked, head, reply, request
from tests.e2e.dialects import DIALECTS, NAMES, Dialect
from tests.e2e.stage import Turn

OPENAI = DIALECTS[0]
CHUNKED = (b"Transfer-Encoding", b"chunked")
MOMENTS = ("before-the-head", "before-the-first-event", "in-an-event", "mid-stream", "plain-waiting", "plain-body")
BIG = 20 * 1024 * 1024


def staged(dialect: Dialect, moment: str) -> tuple[list, bool]:
    """What the upstream does until the client leaves, and whether the call is a stream."""
    first, second = dialect.events[0], dialect.events[1]
    start = head([CHUNKED], kind=dialect.kind)
    return {
        "before-the-head": ([Turn.STALL], True),
        "before-the-first-event": ([start, Turn.STALL], True),
        "in-an-event": ([start, chunked(first, second, second[:20], end=b""), Turn.STALL], True),
        "mid-stream": ([start, chunked(first, second, end=b""), Turn.STALL], True),
        "plain-waiting": ([Turn.STALL], False),
        "plain-body": ([reply(dialect.whole)[:-10], Turn.STALL], False),
    }[moment]


def leave(house, stage, dialect, moment, rudely):
    """Make the call and leave it at its moment; its name."""
    name = f"{dialect.name}-{moment}-{rudely}"
    steps, streams = staged(dialect, moment)
    stage.plays[name] = steps
    path, body = (dialect.path, dialect.body) if streams else (dialect.plain_path, dialect.plain_body)
    caller = Caller(house.url).send(request(path, body, dialect.fields(name)))
    if moment in ("before-the-head", "plain-waiting"):
        stage.wait_heard(name)
    else:
        caller.head()
    if moment in ("in-an-event", "mid-stream"):
        sent = dialect.events[0] + dialect.events[1]
        assert caller.read(len(sent)) == sent
    left_at = time.monotonic()
    caller.leave(rudely=rudely)
    assert stage.wait_left(name) - left_at < 1.0
    return name


@pytest.mark.parametrize("rudely", [False, True], ids=["closes", "resets"])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
def test_the_provider_is_let_go(house, stage, dialect, moment, rudely):
    row = house.row_of(leave(house, stage, dialect, moment, rudely))
    headed = moment not in ("before-the-head", "plain-waiting")
    assert (row["error"], row["status"]) == ("client_closed", 200 if headed else None)
    assert row["requested_model"] or dialect.name == "google"
    assert row["model"]
    if moment in ("in-an-event", "mid-stream"):
        assert (row["stream"], row["usage_estimated"]) == (1, 1)
        assert row["input_tokens"] > 0
        assert row["output_tokens"] > 0
        assert (row["cost_usd"] or 0) > 0 if dialect.priced else row["cost_usd"] is None
    assert row["error_message"]


@pytest.mark.parametrize("rudely", [False, True], ids=["closes", "resets"])
@pytest.mark.parametrize("framed", ["sized", "chunked"])
@pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
def test_a_client_gone_while_it_sends_a_little(house, stage, dialect, framed, rudely):
    """A small body is sent up whole or not at all: the provider never hears of this call."""
    name = f"{dialect.name}-sends-{framed}-{rudely}"
    framing = (b"Content-Length", b"1000") if framed == "sized" else CHUNKED
    caller = Caller(house.url).send(request(dialect.path, b"", [*dialect.fields(name), framing]))
    caller.send(b"{" if framed == "sized" else b"1\r\n{\r\n")
    house.wait_health(lambda health: health["journal"]["running_calls"] == 1)
    caller.leave(rudely=rudely)
    row = house.row_of(name)
    assert (row["error"], row["status"]) == ("client_closed", None)
    assert not [heard for heard in stage.heard if heard.values(b"x-play") == [name.encode()]]


@pytest.mark.parametrize("framed", ["sized", "chunked"])
def test_a_client_gone_while_it_sends_much(house, stage, framed):
    """A large body is on its way up already: the provider sees it break off, and no end of it."""
    name = f"uploads-{framed}"
    framing = (b"Content-Length", b"%d" % (2 * BIG)) if framed == "sized" else CHUNKED
    caller = Caller(house.url).send(request("/v1/files", b"", [*OPENAI.fields(name), framing]))
    caller.send(bytes(BIG) if framed == "sized" else chunked(bytes(BIG), end=b""))
    with stage.changed:
        assert stage.changed.wait_for(lambda: any(h.values(b"x-play") == [name.encode()] for h in stage.heard), 5)
    left_at = time.monotonic()
    caller.leave()
    assert stage.wait_left(name) - left_at < 1.0
    assert not stage.last(name).complete
    assert house.row_of(name)["error"] == "client_closed"


@pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
def test_a_client_gone_leaves_nothing_behind(house, stage, dialect):
    """The next call over the same engine is as if nothing had been, also with many gone at once."""
    callers = []
    for number in range(10):
        name = f"crowd-{dialect.name}-{number}"
        stage.plays[name] = staged(dialect, "mid-stream")[0]
        callers.append(Caller(house.url).send(request(dialect.path, dialect.body, dialect.fields(name))))
    for caller in callers:
        caller.head()
        caller.read(len(dialect.events[0]))
    for caller in callers:
        caller.leave()
    house.wait_health(lambda health: health["journal"]["running_calls"] == 0)
    name = f"after-the-crowd-{dialect.name}"
    stage.plays[name] = [reply(dialect.whole)]
    with Caller(house.url) as caller:
        caller.send(request(dialect.plain_path, dialect.plain_body, dialect.fields(name)))
        assert caller.answer().body == dialect.whole
