"""Limits of a running engine: the programs people have, every door, fifty at once, a kill in mid-window."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
from contextlib import closing

import anthropic
import httpx2
import openai
import pytest

from helicli.providers.registry import BUILT_IN
from tests.e2e.running import CALL, Runs
from tests.e2e.test_config import helicli

HELLO = [{"role": "user", "content": "Hello!"}]
CHAT = {"model": "gpt-4o", "messages": HELLO, "max_tokens": 50}
KEY = {"authorization": "Bearer sk-demo-000111222"}
POLICY = "Helicone-RateLimit-Policy"
USER = "Helicone-User-Id"


@pytest.fixture
def oai(engine):
    """The OpenAI SDK as a Helicone user has it, with its own two retries."""
    auth = {"Helicone-Auth": "Bearer sk-helicone-x"}
    with openai.OpenAI(api_key="sk-demo-000111222", base_url=f"{engine.url}/v1", default_headers=auth) as client:
        yield client


def ask(client, policy, user="ada"):
    return client.chat.completions.with_raw_response.create(
        model="gpt-4o", messages=HELLO, extra_headers={POLICY: policy, USER: user}
    )


def call(engine, policy="", path="/v1/chat/completions", body=None, **fields):
    headers = {**KEY, **({POLICY: policy} if policy else {}), **fields}
    return httpx2.post(f"{engine.url}{path}", json=body or CHAT, headers=headers, timeout=30)


def test_program_4_user(engine, oai, upstream):
    for number in range(1, 101):
        headers = ask(oai, "100;w=3600;u=user").headers
        assert headers["helicone-ratelimit-remaining"] == str(100 - number)
    with pytest.raises(openai.RateLimitError) as raised:
        ask(oai, "100;w=3600;u=user")
    refused = raised.value.response
    assert ask(oai, "100;w=3600;u=user", user="linus").headers["helicone-ratelimit-remaining"] == "99"
    assert len(upstream.seen) == 101, "a refusal reached the provider, or was repeated by the SDK"
    assert {name: refused.headers.get(name) for name in ("x-helicone-error", "x-should-retry")} == {
        "x-helicone-error": "rate_limited",
        "x-should-retry": "false",
    }
    assert refused.headers["helicone-ratelimit-limit"] == "100"
    assert refused.headers["helicone-ratelimit-remaining"] == "0"
    assert refused.headers["helicone-ratelimit-policy"] == "100;w=3600;s=user"
    assert refused.headers["retry-after"] == refused.headers["helicone-ratelimit-reset"]
    assert 3500 < int(refused.headers["retry-after"]) <= 3600
    body = refused.json()
    assert body["message"] == body["error"]["message"]
    assert body["error"]["type"] == "helicone_rate_limited"
    row = engine.wait_rows(1, "error = 'refused_limit'")[0]
    assert (row["status"], row["policy"], row["segment"]) == (429, "100;w=3600;s=user", "ada")
    assert re.fullmatch(
        r"limit 100/h per user reached, free again in (60m 0s|59m \d+s) \(at \S+Z\)", row["error_message"]
    )
    assert row["cost_usd"] == 0


def test_the_other_sdk_repeats_no_refusal_either(engine, upstream):
    auth = {"Helicone-Auth": "Bearer sk-helicone-x"}
    with anthropic.Anthropic(api_key="sk-ant-demo-000111222", base_url=engine.url, default_headers=auth) as claude:
        fields = {POLICY: "2;w=3600;u=user", USER: "ada"}
        asking = {"model": "claude-haiku-4-5", "max_tokens": 64, "messages": HELLO, "extra_headers": fields}
        for left in ("1", "0"):
            told = claude.messages.with_raw_response.create(**asking).headers
            assert told["helicone-ratelimit-remaining"] == left
        with pytest.raises(anthropic.RateLimitError) as raised:
            claude.messages.create(**asking)
        with pytest.raises(anthropic.RateLimitError), claude.messages.stream(**asking):
            pass
    body = raised.value.response.json()
    assert (body["type"], body["error"]["type"]) == ("error", "rate_limit_error")
    assert body["message"] == body["error"]["message"]
    assert len(upstream.seen) == 2
    assert len(engine.wait_rows(2, "error = 'refused_limit'")) == 2, "each refusal was one call"


def test_program_4_org_and_request(engine, oai):
    for policy, many in (("1000;w=86400;u=org", 1000), ("10;w=60;u=request", 10)):
        first = ask(oai, policy).headers
        assert (first["helicone-ratelimit-limit"], first["helicone-ratelimit-remaining"]) == (str(many), str(many - 1))
    for _ in range(9):
        ask(oai, "10;w=60;u=request", user="linus")
    with pytest.raises(openai.RateLimitError):
        ask(oai, "10;w=60;u=request", user="grace")


@pytest.mark.parametrize("policy", ["10;w=60;u=requets", "10", "", "10;w=60,", "10;w=60;u=user;s=team"])
def test_a_bad_policy_is_no_policy(engine, upstream, policy):
    answer = httpx2.post(f"{engine.url}/v1/chat/completions", json=CHAT, headers={POLICY: policy})
    assert answer.status_code == 400
    assert POLICY.lower() in answer.json()["message"].lower() and "100;w=3600;u=user" in answer.json()["message"]
    assert not upstream.seen


def test_all_of_several_must_allow_and_the_tightest_is_told(engine):
    policy = "5;w=60, 2;w=60;s=user"
    told = call(engine, policy, **{USER: "ada"}).headers
    assert told["helicone-ratelimit-policy"] == "2;w=60;s=user"
    assert call(engine, policy, **{USER: "ada"}).status_code == 200
    assert call(engine, policy, **{USER: "ada"}).status_code == 429
    for name in ("linus", "grace", "edsger"):
        assert call(engine, policy, **{USER: name}).status_code == 200
    refused = call(engine, policy, **{USER: "ken"})
    assert refused.headers["helicone-ratelimit-policy"] == "5;w=60"


def test_fifty_at_once_at_a_limit_of_one(engine, upstream):
    async def all_at_once():
        async with httpx2.AsyncClient(timeout=60) as client:
            post = [
                client.post(
                    f"{engine.url}/v1/chat/completions",
                    json=CHAT,
                    headers={**KEY, POLICY: policy, "x-fake-delay": "0.3"},
                )
                for policy in ("1;w=3600",) * 50
            ]
            return [answer.status_code for answer in await asyncio.gather(*post)]

    assert sorted(asyncio.run(all_at_once())) == [200] + [429] * 49
    assert len(upstream.seen) == 1


@pytest.mark.parametrize("unit", ["tokens", "cents"])
def test_fifty_at_once_at_a_budget_of_one_call(engine, upstream, unit):
    body = {"model": "gpt-4o", "messages": HELLO}
    used = call(engine, body=body).json()["usage"]
    cost = used["prompt_tokens"] * 2.5e-6 + used["completion_tokens"] * 1e-5
    budget = used["total_tokens"] if unit == "tokens" else f"{cost * 100:.7f}"
    upstream.clear()

    async def all_at_once():
        async with httpx2.AsyncClient(timeout=60) as client:
            headers = {**KEY, POLICY: f"{budget};w=3600;u={unit}", "x-fake-delay": "0.3"}
            post = [client.post(f"{engine.url}/v1/chat/completions", json=body, headers=headers) for _ in range(50)]
            return [answer.status_code for answer in await asyncio.gather(*post)]

    assert sorted(asyncio.run(all_at_once())) == [200] + [429] * 49
    assert len(upstream.seen) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_tokens_are_settled_by_what_was_used(engine, stream):
    body = {**CHAT, "stream": stream}
    policy = "1000;w=3600;u=tokens"
    assert call(engine, policy, body=body).status_code == 200
    row = engine.wait_rows(1)[0]
    told = call(engine, policy, body=body).headers
    after = 1000 - row["input_tokens"] - row["output_tokens"]
    set_aside = after - int(told["helicone-ratelimit-remaining"])
    assert 50 <= set_aside <= 100, "the estimate and max_tokens"
    engine.wait_rows(2)
    used = usage(engine)[0]
    assert used["used"] == sum(each["input_tokens"] + each["output_tokens"] for each in engine.rows())


def test_what_is_answered_from_the_cache_uses_nothing(engine, upstream):
    """Hits, and calls that waited for the same answer."""
    whole = {**CHAT, "max_tokens": 5000}  # an answer that is cut at its length is not stored
    cached = {**KEY, "Helicone-Cache-Enabled": "true", "x-fake-delay": "0.3"}

    async def all_at_once():
        async with httpx2.AsyncClient(timeout=60, headers={**cached, POLICY: "2;w=3600"}) as client:
            asking = [client.post(f"{engine.url}/v1/chat/completions", json=whole) for _ in range(10)]
            return [answer.status_code for answer in await asyncio.gather(*asking)]

    assert asyncio.run(all_at_once()) == [200] * 10
    assert call(engine, "2;w=3600", body=whole, **cached).status_code == 200
    assert len(upstream.seen) == 1
    other = {**CHAT, "max_tokens": 5001}
    assert call(engine, "2;w=3600", body=other, **cached).headers["helicone-ratelimit-remaining"] == "0"
    assert call(engine, "2;w=3600", body={**CHAT, "max_tokens": 5002}, **cached).status_code == 429
    assert call(engine, "2;w=3600", body=whole, **cached).headers["helicone-cache-hit"] == "true", (
        "a hit passes a full limit"
    )


def test_a_failure_gives_back_what_was_set_aside(engine):
    call(engine, "1000;w=3600;u=tokens", **{"x-fake-status": "500"})
    assert usage(engine) == []
    call(engine, "1000;w=3600;u=tokens", **{"x-fake-cut": "before-headers"})
    [cut] = usage(engine)
    assert 0 < cut["used"] < CHAT.get("max_tokens", 1024), "its provider may have read the request"
    call(engine, "10;w=3600", **{"x-fake-status": "500"})
    assert next(each["used"] for each in usage(engine) if each["unit"] != "tokens") == 1, "a request is a request"


def test_a_model_without_a_price_is_never_free(make_engine, upstream):
    engine = make_engine("--limit", "100;w=3600;u=cents").start()
    answer = call(engine, body={**CHAT, "model": "nobody-knows-it"})
    assert answer.status_code == 429 and "price of nobody-knows-it is not known" in answer.json()["message"]
    assert not upstream.seen
    assert call(engine).status_code == 200, "the first call of a model that has a price"
    engine.stop()
    os.environ["HELICLI_LIMITS_UNPRICED"] = "allow"
    try:
        engine.start()
    finally:
        del os.environ["HELICLI_LIMITS_UNPRICED"]
    assert call(engine, body={**CHAT, "model": "nobody-knows-it"}).status_code == 200


DOORS = [
    *[f"/{name}/v1/chat/completions" for name in BUILT_IN],
    "/v1/messages",
    "/v1/embeddings",
    "/v1/responses",
    "/v1/images/generations",
    "/v1/audio/speech",
    "/v1beta/models/gemini-2.0-flash:generateContent",
    "/api/chat",
    "/openai/deployments/x/chat/completions?api-version=2024-10-21",
    "/v1/something/new",
]


@pytest.mark.parametrize("unit", ["request", "tokens", "cents"])
def test_nothing_goes_up_under_a_zero_policy(make_engine, upstream, unit):
    everywhere = [word for name in BUILT_IN for word in ("--upstream", f"{name}={upstream.url}")]
    engine = make_engine(*everywhere, "--limit", f"0;w=month;u={unit}").start()
    with httpx2.Client(headers=KEY, timeout=30) as client:
        for door in DOORS:
            for body in (CHAT, {**CHAT, "stream": True}):
                assert client.post(f"{engine.url}{door}", json=body).status_code == 429, door
            assert client.get(f"{engine.url}{door}").status_code == 429, door
        target = {"Helicone-Target-Url": upstream.url}
        assert client.post(f"{engine.url}/v1/gateway/v1/x", json=CHAT, headers=target).status_code == 429
        assert client.post(f"{engine.url}/gateway/v1/x", content=b"x" * 20_000_000, headers=target).status_code == 429
    assert not upstream.seen


def test_a_killed_proxy_neither_forgets_nor_invents(engine, upstream):
    policy = "10;w=3600;s=user"
    for _ in range(4):
        assert call(engine, policy, **{USER: "ada"}).status_code == 200
    with pytest.raises(httpx2.HTTPError), httpx2.Client(timeout=30) as client:
        headers = {**KEY, POLICY: policy, USER: "ada", "x-fake-stall": "2"}
        with client.stream(
            "POST", f"{engine.url}/v1/chat/completions", json={**CHAT, "stream": True}, headers=headers
        ) as running:
            pieces = running.iter_raw()
            next(pieces)
            old = engine.health()["proxy_pid"]
            os.kill(old, signal.SIGKILL)
            for _ in pieces:
                pass
    engine.wait_health(lambda health: health["proxy_pid"] not in (0, old))
    assert call(engine, policy, **{USER: "ada"}).headers["helicone-ratelimit-remaining"] == "4"
    for _ in range(4):
        assert call(engine, policy, **{USER: "ada"}).status_code == 200
    assert call(engine, policy, **{USER: "ada"}).status_code == 429
    assert call(engine, policy, **{USER: "linus"}).headers["helicone-ratelimit-remaining"] == "9"


def test_what_no_recorder_has_written_is_not_forgotten(engine):
    """The recorder is held at a locked database, so that a new proxy finds the charges in the journal alone."""
    policy = "10;w=3600;u=tokens,5;w=day"
    engine.wait_health(lambda health: health["recorder"]["state"] == "ok")
    call(engine)
    engine.wait_rows(1)
    with closing(sqlite3.connect(engine.db, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            assert call(engine, "5;w=day").status_code == 200
        old = engine.health()["proxy_pid"]
        os.kill(old, signal.SIGKILL)
        engine.wait_health(lambda health: health["proxy_pid"] not in (0, old))
        assert call(engine, "5;w=day").headers["helicone-ratelimit-remaining"] == "1"
        held.execute("ROLLBACK")
    engine.wait_rows(5)
    old = engine.health()["proxy_pid"]
    os.kill(old, signal.SIGKILL)
    engine.wait_health(lambda health: health["proxy_pid"] not in (0, old))
    assert call(engine, "5;w=day").headers["helicone-ratelimit-remaining"] == "0"
    assert call(engine, policy).status_code == 429


def test_a_limit_holds_over_a_stop_and_a_start(engine):
    assert call(engine, "2;w=3600").headers["helicone-ratelimit-remaining"] == "1"
    engine.stop()
    engine.start()
    assert call(engine, "2;w=3600").headers["helicone-ratelimit-remaining"] == "0"
    assert call(engine, "2;w=3600").status_code == 429


def test_a_stored_limit_is_live_when_its_command_returns(engine):
    def limits(*words, code=0):
        return helicli("--db", str(engine.db), "limits", *words, code=code)

    limits("add", "few", "1;w=3600;u=user", "--model", "gpt-4o*")
    assert call(engine, **{USER: "ada"}).status_code == 200
    assert call(engine, **{USER: "ada"}).status_code == 429
    assert call(engine, body={**CHAT, "model": "o3"}, **{USER: "ada"}).status_code == 200
    row = engine.wait_rows(1, "error = 'refused_limit'")[0]
    assert (row["policy"], row["segment"]) == ("few", "ada")
    assert limits("usage").stdout.split("\t")[:4] == ["few", "1;w=3600;s=user", "ada", "1"]
    limits("add", "few", "1;w=3600", code=2)
    limits("remove", "few")
    assert call(engine, **{USER: "ada"}).status_code == 200
    limits("remove", "few", code=3)
    assert limits("list").stdout == ""


def test_a_stored_limit_waits_for_its_engine(make_engine):
    engine = make_engine()
    helicli("--db", str(engine.db), "limits", "add", "none", "0;w=day")
    engine.start()
    assert call(engine).status_code == 429
    old = engine.health()["proxy_pid"]
    os.kill(old, signal.SIGKILL)
    engine.wait_health(lambda health: health["proxy_pid"] not in (0, old))
    assert call(engine).status_code == 429


def test_what_waits_in_the_journal_counts_though_limits_are_changed_without_an_engine(engine):
    """Nobody has to record it first: the recorder was held, all of the engine killed, then commands wrote."""

    def limits(*words):
        helicli("--db", str(engine.db), "limits", *words)

    limits("add", "few", "9;w=day")
    engine.wait_health(lambda health: health["recorder"]["state"] == "ok")
    with closing(sqlite3.connect(engine.db, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            assert call(engine).status_code == 200
        engine.kill_all()
        held.execute("ROLLBACK")
        assert not held.execute("SELECT count(*) FROM charges").fetchone()[0]
    limits("remove", "few")
    limits("add", "few", "5;w=day")
    limits("add", "other", "5;w=day")
    engine.start()
    assert [call(engine).headers["helicone-ratelimit-remaining"] for _ in range(2)] == ["1", "0"]
    assert call(engine).status_code == 429
    assert {each["name"]: each["used"] for each in usage(engine)} == {"few": 5, "other": 2}
    engine.wait_rows(6)


def test_a_month_is_not_given_out_twice(engine):
    """A limit that is raised by removing and adding it goes on, live and over a restart."""

    def limits(*words):
        helicli("--db", str(engine.db), "limits", *words)

    limits("add", "budget", "2;w=month")
    assert [call(engine).status_code for _ in range(3)] == [200, 200, 429]
    limits("remove", "budget")
    assert call(engine).status_code == 200
    limits("add", "budget", "3;w=month")
    assert [call(engine).status_code for _ in range(2)] == [200, 429]
    engine.stop()
    limits("remove", "budget")
    engine.start()
    limits("add", "budget", "4;w=month")
    assert [call(engine).status_code for _ in range(2)] == [200, 429]


def usage(engine):
    """What `limits usage` says."""
    return json.loads(helicli("--db", str(engine.db), "limits", "usage", "--json").stdout)


RUN = CALL + "print([call() for _ in range(3)])"


def test_a_run_has_limits_of_its_own(tmp_path, upstream):
    runs = Runs(tmp_path, upstream.url)
    try:
        for _ in range(2):
            done = runs("--limit", "2;w=day", "--", sys.executable, "-c", RUN)
            assert (done.returncode, done.stdout) == (0, b"[200, 200, 429]\n"), done.stderr
        first, second = {row["run"] for row in runs.log.wait_rows(2, "error = 'refused_limit'")}
        assert first != second
        done = runs("--limit", "2;w=dya", "--", sys.executable, "-c", RUN)
        assert (done.returncode, done.stdout) == (2, b"") and b'did you mean "day"?' in done.stderr
    finally:
        runs.close()
