"""Retries and fallbacks in a running engine: every way to fail, whose key goes where, what is told of it."""

from __future__ import annotations

import json
import socket
import sqlite3
from contextlib import closing

import anthropic
import httpx2
import openai
import pytest

from helicli.demo.upstream import FakeUpstream
from tests.e2e.caller import Caller, call, chunked, head, reply, request
from tests.e2e.stage import Turn
from tests.e2e.test_config import helicli

pytestmark = pytest.mark.filterwarnings("ignore:The model 'claude:DeprecationWarning")

HELLO = [{"role": "user", "content": "Hello!"}]
KEY = "sk-demo-000111222"
RETRY = {"Helicone-Retry-Enabled": "true", "Helicone-Retry-Num": "3", "Helicone-Retry-Factor": "2"}
QUICK = {"Helicone-Retry-Min-Timeout": "40"}
MINI = {"Helicone-Fallback": '[{"model": "gpt-4o-mini"}]'}
GOOD = b'{"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}'


@pytest.fixture
def oai(engine):
    """The OpenAI SDK as a Helicone user has it, with its own two retries."""
    auth = {"Helicone-Auth": "Bearer sk-helicone-x"}
    with openai.OpenAI(api_key=KEY, base_url=f"{engine.url}/v1", default_headers=auth) as client:
        yield client


@pytest.fixture
def claude(engine):
    auth = {"Helicone-Auth": "Bearer sk-helicone-x"}
    with anthropic.Anthropic(api_key=KEY, base_url=engine.url, default_headers=auth) as client:
        yield client


def models(upstream):
    return [json.loads(seen.body)["model"] for seen in upstream.seen]


def tries(engine, seq):
    with closing(sqlite3.connect(f"file:{engine.db}?mode=ro", uri=True, timeout=30)) as db:
        words = "(SELECT word FROM words WHERE id = {})".format
        return db.execute(
            f"SELECT {words('model')}, status, {words('error')}, cost_nano FROM tries WHERE seq = ? ORDER BY number",
            (seq,),
        ).fetchall()


def test_streams_of_both_sdks_fall_back_before_their_first_content(engine, oai, claude, upstream):
    other = {"Helicone-Fallback": '[{"model": "claude-3-5-haiku-latest"}]'}
    for number, how in enumerate(({"x-fake-error": "0"}, {"x-fake-cut": "1"}, {"x-fake-reset": "1"})):
        fields = {**MINI, **how, "x-fake-only": "gpt-4o"}
        with oai.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True, extra_headers=fields) as stream:
            chunks = list(stream)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert {chunk.model for chunk in chunks} != {"gpt-4o"} and models(upstream)[-2:] == ["gpt-4o", "gpt-4o-mini"]
        fields = {**other, **how, "x-fake-only": "claude-sonnet-4-20250514"}
        with claude.messages.stream(
            model="claude-sonnet-4-20250514", max_tokens=99, messages=HELLO, extra_headers=fields
        ) as stream:
            assert stream.get_final_message().content[0].text
        rows = engine.wait_rows(2 * number + 2)
        assert all(row["attempts"] == 2 and row["error"] is None for row in rows)


def test_a_list_of_models(engine, oai, upstream):
    fake = {"x-fake-status": "404", "x-fake-only": "gpt-none"}
    told = oai.chat.completions.with_raw_response.create(
        model="gpt-none, gpt-4o-mini", messages=HELLO, extra_headers=fake
    )
    assert told.headers["helicone-fallback-index"] == "1"
    assert models(upstream) == ["gpt-none", "gpt-4o-mini"]


def test_no_key_at_another_providers_host(make_engine, upstream):
    """Every path by which a call leaves its host, each with canaries in every place of a key."""
    canary = "sk-canary-0123456789"
    keys = {"authorization": f"Bearer {canary}", "x-api-key": canary, "api-key": canary, "x-goog-api-key": canary}
    keys |= {"cookie": f"a={canary}", "x-private": canary}
    one, two = ({"Authorization": f"Bearer own-key-of-the-{name}-entry"} for name in ("first", "last"))
    fail = {"x-fake-status": "503"}
    body = {"model": "gpt-4o", "messages": HELLO}
    with FakeUpstream() as other:
        engine = make_engine("--upstream", f"elsewhere={other.url}").start()
        targets = [{"provider": "elsewhere"}, {"target-url": other.url}, {"target-url": other.url, "model": "m"}]
        sent = 0
        for target in targets:
            first, last = {"target-url": upstream.url, "headers": {**one, **fail}}, {**target, "headers": two}
            for name, entries, path in (
                ("Helicone-Fallback", [{"model": "gpt-4o-mini"}, last], "/v1/chat/completions"),
                ("Helicone-Fallbacks", [first, last], "/gateway/v1/chat/completions"),
                ("Helicone-Fallbacks", [{**last, "target-url": other.url}, first], "/gateway/v1/chat/completions"),
            ):
                fields = {**keys, **fail, "x-fake-times": "9", name: json.dumps(entries)}
                url = f"{engine.url}{path}?key={canary}"
                httpx2.post(url, json=body, headers=fields, timeout=30)
                sent += 1
        assert len(other.seen) >= sent
        for seen in other.seen:
            told = repr((seen.path, seen.headers, seen.body))
            assert canary not in told and "first-entry" not in told and "last-entry" in told
        for seen in upstream.seen:
            assert "last-entry" not in repr((seen.path, seen.headers, seen.body))
        refused = httpx2.post(
            f"{engine.url}/v1/chat/completions",
            json=body,
            headers={**keys, "Helicone-Fallback": '[{"provider": "groq"}]'},
        )
        assert refused.status_code == 400 and "brings no key" in refused.text
        engine.wait_rows(sent + 1)
        engine.stop()
    for file in [engine.db, *engine.journal.iterdir()]:
        assert not file.is_file() or (b"canary" not in file.read_bytes() and b"own-key-of" not in file.read_bytes())


def test_show_and_tail_tell_the_attempts(engine, oai, upstream):
    fake = {"x-fake-status": "500", "x-fake-only": "gpt-4o"}
    fields = {**RETRY, **MINI, **QUICK, **fake, "Helicone-Retry-Num": "1"}
    oai.chat.completions.create(model="gpt-4o", messages=HELLO, extra_headers=fields)
    engine.wait_rows(1)
    page = helicli("--db", str(engine.db), "show", "last").stdout
    lines = [line for line in page.splitlines() if " via openai" in line]
    assert [line.split()[line.split().index("via") - 2 : line.split().index("via")] for line in lines[1:]] == [
        ["500", "gpt-4o"],
        ["500", "gpt-4o"],
        ["200", "gpt-4o-mini"],
    ]
    told = json.loads(helicli("--db", str(engine.db), "show", "last", "--json").stdout)
    assert (told["attempts"], told["fallback_index"], len(told["tries"])) == (3, 1, 3)
    line = helicli("--db", str(engine.db), "tail", "--no-follow", "--format", "table").stdout
    assert "[3 tries, fallback 1]" in line and "gpt-4o-mini" in line


def test_the_breaker_is_told_by_healthcheck(make_engine, upstream):
    engine = make_engine("--retries", "0")
    engine.start()
    body = {"model": "gpt-4o", "messages": HELLO}
    fields = {"authorization": "Bearer x", "x-fake-status": "500", "x-fake-only": "gpt-4o", **MINI}
    for _ in range(6):
        assert httpx2.post(f"{engine.url}/v1/chat/completions", json=body, headers=fields).status_code == 200
    [told] = engine.health()["left_alone"]
    assert (told["provider"], told["model"], told["failures"]) == ("openai", "gpt-4o", 5)
    assert models(upstream).count("gpt-4o") == 5


PLAYS = {
    "headers": [b"HTTP/1.1 200 OK\r\nContent-", Turn.RESET],
    "body": [reply(GOOD)[:-9], Turn.RESET],
    "stall": [Turn.STALL],
    "stream": [head(kind=b"text/event-stream") + chunked(b"data: {}\n\n"[:5], end=b""), Turn.CUT],
    "pause": [head([(b"Transfer-Encoding", b"chunked")], kind=b"text/event-stream"), Turn.STALL],
    "late": [head([(b"Transfer-Encoding", b"chunked")], kind=b"text/event-stream"), b"5\r\ndata:\r\n", Turn.CUT],
}

PLAYS_TOLD = {name: "idle_timeout" if name in ("stall", "pause") else "upstream_cut" for name in PLAYS}


def test_every_place_where_a_provider_can_break_off(make_engine, stage, monkeypatch):
    """The play of the first entry fails in its way; the second answers."""
    monkeypatch.setenv("HELICLI_UPSTREAM_FIRST_BYTE", "500ms")
    stage.plays.update({**PLAYS, "good": [reply(GOOD)]})
    # Bound and not listening: nobody else can take it, and who connects is refused.
    deaf = socket.socket()
    deaf.bind(("127.0.0.1", 0))
    closed = f"http://127.0.0.1:{deaf.getsockname()[1]}"
    engine = make_engine("--upstream", f"openai={stage.url}", "--idle-timeout", "500ms").start()
    for name, word in {**PLAYS_TOLD, "closed": "connect"}.items():
        entries = [
            {"target-url": closed if name == "closed" else stage.url, "headers": {"api-key": "k", "x-play": name}},
            {"target-url": stage.url, "headers": {"api-key": "k", "x-play": "good"}},
        ]
        fields = [(b"Helicone-Fallbacks", json.dumps(entries).encode()), (b"Helicone-Request-Id", name.encode())]
        told = call(engine.url, request("/gateway/v1/chat/completions", b'{"model":"gpt-4o"}', fields))
        assert (told.status, told.body, told.complete) == (200, GOOD, True), name
        row = engine.row_of(name)
        assert (row["attempts"], row["fallback_index"], row["error"]) == (2, 1, None), name
        assert tries(engine, row["seq"])[0][2] == word, name
    deaf.close()


def test_a_client_that_leaves_between_attempts(engine, upstream):
    fields = [
        (b"Authorization", b"Bearer x"),
        (b"Helicone-Retry-Enabled", b"true"),
        (b"Helicone-Retry-Min-Timeout", b"60000"),
        (b"Helicone-Retry-Max-Timeout", b"60000"),
        (b"x-fake-status", b"500"),
    ]
    with Caller(engine.url) as caller:
        caller.send(request("/v1/chat/completions", b'{"model":"gpt-4o","messages":[]}', fields))
        upstream.wait_for(lambda seen: len(seen) == 1 and seen[0].finished)
        caller.leave()
    [row] = engine.wait_rows(1)
    assert (row["error"], row["status"], row["attempts"], row["cost_usd"]) == ("client_closed", None, 1, 0)
    assert [(model, status) for model, status, *_ in tries(engine, row["seq"])] == [("gpt-4o", 500)]
    assert len(upstream.seen) == 1
