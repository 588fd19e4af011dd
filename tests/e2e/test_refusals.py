"""Upstreams that cannot be reached, fall silent or speak no HTTP: refused in the caller's dialect, a word each."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import anthropic
import openai
import pytest

from tests.e2e.caller import Caller, call, chunked, head, reply, request
from tests.e2e.dialects import DIALECTS, NAMES, assert_refused
from tests.e2e.engine import Engine
from tests.e2e.stage import Turn
from tests.home import move_in

OPENAI, ANTHROPIC, GOOGLE, OLLAMA = DIALECTS
CHUNKED = (b"Transfer-Encoding", b"chunked")
each = pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)

NO_HTTP = {
    "text": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "binary": bytes(range(256)),
    "tls": b"\x15\x03\x01\x00\x02\x02\x28",
    "other-version": b"HTTP/3.0 200 OK\r\n\r\n",
    "no-status": b"HTTP/1.1 OK\r\n\r\n",
    "wild-status": b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
    "other-protocol": b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
    "bad-field": b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
    "bad-length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "large-head": b"HTTP/1.1 200 OK\r\n" + b"X-Large: %b\r\n" % (b"l" * 8000) * 12,
    "half-a-head": b"HTTP/1.1 200 OK\r\nContent-Type: applic",
    "only-continue": b"HTTP/1.1 100 Continue\r\n\r\n",
    "nothing": b"",
}


@pytest.fixture(scope="module")
def closed():
    """The address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def hasty(tmp_path_factory, stage):
    """An engine that waits for a second only."""
    options = ["--idle-timeout", "1s", "--upstream", f"google={stage.url}", "--upstream", f"ollama={stage.url}"]
    engine = Engine(tmp_path_factory.mktemp("hasty"), stage.url, options)
    with pytest.MonkeyPatch.context() as environment:
        move_in(tmp_path_factory.mktemp("home"), environment)
        engine.start()
    yield engine
    engine.kill_all()


def targeted(house, dialect, name, target, streams=True):
    """A call that says itself where it goes."""
    path, body = (dialect.path, dialect.body) if streams else (dialect.plain_path, dialect.plain_body)
    fields = [*dialect.fields(name), (b"Helicone-Target-Url", target.encode())]
    return call(house.url, request(path, body, fields))


@pytest.mark.parametrize("streams", [True, False], ids=["stream", "plain"])
@each
def test_nobody_is_there(house, closed, dialect, streams):
    name = f"connect-{dialect.name}-{streams}"
    assert_refused(dialect, targeted(house, dialect, name, closed, streams), 502, "connect")
    row = house.row_of(name)
    assert (row["error"], row["status"], row["requested_model"]) == ("connect", 502, row["model"])


@each
def test_a_name_nobody_has(house, dialect):
    name = f"dns-{dialect.name}"
    assert_refused(dialect, targeted(house, dialect, name, "http://does-not-exist.invalid"), 502, "dns")
    assert house.row_of(name)["error"] == "dns"


@each
def test_no_tls_where_it_is_wanted(house, stage, dialect):
    name = f"tls-{dialect.name}"
    assert_refused(dialect, targeted(house, dialect, name, stage.url.replace("http:", "https:")), 502, "tls")
    assert house.row_of(name)["error"] == "tls"


@pytest.mark.parametrize("where", ["", "/deepseek/anthropic", "/openrouter/api"], ids=repr)
def test_a_refusal_speaks_the_dialect_of_the_path(house, closed, where):
    """Of a provider with two dialects, and where a call is refused before its provider is known."""
    name = f"path-{where}"
    fields = [*ANTHROPIC.fields(name), (b"Helicone-Target-Url", closed.encode())]
    answer = call(house.url, request(where + ANTHROPIC.path, ANTHROPIC.body, fields))
    assert_refused(ANTHROPIC, answer, 502, "connect")
    foreign = request(where + ANTHROPIC.path, ANTHROPIC.body, [*fields, (b"Origin", b"https://evil.example")])
    assert_refused(ANTHROPIC, call(house.url, foreign), 403, "refused_door")


@pytest.mark.parametrize("end", [Turn.CUT, Turn.RESET], ids=lambda end: end.name)
@pytest.mark.parametrize("kind", NO_HTTP)
def test_what_is_no_answer(house, stage, kind, end):
    for dialect in DIALECTS:
        name = f"{kind}-{end.name}-{dialect.name}"
        stage.plays[name] = [NO_HTTP[kind], end]
        answer = call(house.url, request(dialect.path, dialect.body, dialect.fields(name)))
        if kind == "bad-chunk" and answer.status == 200:
            assert not answer.complete
        else:
            assert_refused(dialect, answer, 502, "upstream_cut")
    rows = house.wait_rows(len(DIALECTS), f"request_id LIKE '{kind}-{end.name}-%'")
    assert [row["error"] for row in rows] == ["upstream_cut"] * len(DIALECTS)
    assert all(row["error_message"] for row in rows)


@each
def test_a_connection_at_rest_that_has_died_is_replaced_once(house, stage, dialect):
    """The provider closes after each answer without a word; no caller is to notice."""
    name = f"rested-{dialect.name}"
    stage.plays[name] = [reply(dialect.whole), Turn.CUT]
    for _ in range(4):
        answer = call(house.url, request(dialect.plain_path, dialect.plain_body, dialect.fields(name)))
        assert (answer.status, answer.body) == (200, dialect.whole)
    assert len([heard for heard in stage.heard if heard.values(b"x-play") == [name.encode()]]) == 4


def stalls(dialect):
    """Where an upstream can fall silent, and whether anything had come before."""
    start = head([CHUNKED], kind=dialect.kind)
    first, second = dialect.events[:2]
    return {
        "before-the-head": ([Turn.STALL], False),
        "in-the-head": ([start[:30], Turn.STALL], False),
        "before-the-first-event": ([start, Turn.STALL], True),
        "after-an-event": ([start, chunked(first, second, end=b""), Turn.STALL], True),
        "in-an-event": ([start, chunked(first, second[:20], end=b""), Turn.STALL], True),
        "in-a-sized-body": ([reply(dialect.whole)[:-7], Turn.STALL], True),
        "in-a-refusal": ([reply(dialect.whole, status=b"500 Internal Server Error")[:-7], Turn.STALL], False),
    }


def test_silence_is_given_up_wherever_it_falls(hasty, stage):
    """All at once, as each waits for its second."""
    cases = [(dialect, place, *case) for dialect in DIALECTS for place, case in stalls(dialect).items()]

    def silent(dialect, place, steps, begun):
        name = f"silent-{dialect.name}-{place}"
        stage.plays[name] = steps
        return call(hasty.url, request(dialect.path, dialect.body, dialect.fields(name)))

    with ThreadPoolExecutor(len(cases)) as pool:
        answers = list(pool.map(lambda case: silent(*case), cases))
    for (dialect, place, _, begun), answer in zip(cases, answers, strict=True):
        row = hasty.row_of(f"silent-{dialect.name}-{place}")
        assert row["error"] == "idle_timeout", place
        if begun:
            assert (answer.status, answer.complete, row["status"]) == (200, False, 200), place
        else:
            assert_refused(dialect, answer, 504, "idle_timeout")
            assert row["status"] == 504
        if place == "after-an-event":
            assert (row["usage_estimated"], row["input_tokens"] > 0) == (1, True)
        assert stage.wait_left(f"silent-{dialect.name}-{place}")


def test_a_slow_client_is_no_silent_provider(hasty, stage):
    """One that does not read what comes down, and one that pauses in what it sends up: both are waited for."""
    size = 40 * 1024 * 1024
    stage.plays["slow-reader"] = [reply(bytes(size), kind=b"application/octet-stream")]
    stage.plays["slow-sender"] = [reply(b"{}")]
    stage.plays["beside"] = [Turn.STALL]
    with Caller(hasty.url) as reader, Caller(hasty.url) as sender:
        reader.send(request("/v1/files/f1/content", b"", OPENAI.fields("slow-reader"), "GET")).head()
        length = (b"Content-Length", b"%d" % size)
        sender.send(request("/v1/files", b"", [*OPENAI.fields("slow-sender"), length])).send(bytes(size // 2))
        hasty.wait_health(lambda health: health["journal"]["running_calls"] >= 2)
        beside = call(hasty.url, request(OPENAI.path, OPENAI.body, OPENAI.fields("beside")))
        assert beside.status == 504, "longer than the proxy's patience has passed"
        assert reader.rest() == (bytes(size), True)
        assert sender.send(bytes(size // 2)).answer().body == b"{}"
    assert stage.last("slow-sender").body == bytes(size)


def test_the_sdks_raise_what_their_users_expect(house, closed):
    away = {"Helicone-Target-Url": closed}
    with openai.OpenAI(api_key="sk-demo-000111", base_url=f"{house.url}/v1", max_retries=0) as client:
        with pytest.raises(openai.InternalServerError) as raised:
            client.models.list(extra_headers=away)
        assert (raised.value.status_code, raised.value.code) == (502, "connect")
    with anthropic.Anthropic(api_key="sk-ant-demo-000111", base_url=house.url, max_retries=0) as client:
        with pytest.raises(anthropic.InternalServerError) as raised:
            client.models.list(extra_headers=away)
        assert raised.value.body["type"] == "error"
