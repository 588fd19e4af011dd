"""The cache as people have it: the real SDKs, a real engine, restarts and kills."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from contextlib import closing
from pathlib import Path

import anthropic
import openai
import pytest

HELICONE_AUTH = {"Helicone-Auth": "Bearer sk-helicone-x"}
CACHED = {
    "Helicone-Cache-Enabled": "true",
    "Helicone-Cache-Bucket-Max-Size": "1000",
    "Helicone-Cache-Seed": "user-123",
}
FRANCE = [{"role": "user", "content": "What is the capital of France?"}]
RAIN = [{"role": "user", "content": "What is the weather in Paris?"}]

pytestmark = pytest.mark.filterwarnings("ignore:The model 'claude-sonnet-4-20250514' is deprecated")


def oai(engine):
    return openai.OpenAI(
        api_key="sk-demo-000111222", base_url=f"{engine.url}/v1", default_headers=HELICONE_AUTH, max_retries=0
    )


def claude(engine):
    return anthropic.Anthropic(
        api_key="sk-ant-demo-000111222", base_url=engine.url, default_headers=HELICONE_AUTH, max_retries=0
    )


def asked(client, text="What is the capital of France?"):
    turns = [{"role": "user", "content": text}]
    return client.chat.completions.with_raw_response.create(model="gpt-4o", messages=turns, extra_headers=CACHED)


def is_hit(raw):
    return raw.headers["helicone-cache-hit"] == "true"


def test_program_3_openai(engine, upstream):
    with oai(engine).with_options(default_headers={"x-fake-delay": "0.1"}) as client:
        first, second = asked(client), asked(client)
    assert (first.headers["helicone-cache-hit"], second.headers["helicone-cache-hit"]) == ("false", "true")
    assert first.parse() == second.parse()
    assert len(upstream.seen) == 1
    miss, hit = engine.wait_rows(2)
    assert (miss["cache"], hit["cache"], hit["cached_from"], hit["attempts"]) == ("miss", "hit", miss["seq"], 0)
    assert (hit["input_tokens"], hit["output_tokens"], hit["cost_usd"]) == (0, 0, 0)
    assert miss["cost_usd"] > 0 and hit["saved_usd"] == miss["cost_usd"]
    assert 0 < hit["saved_ms"] < miss["latency_ms"] and hit["model"] == miss["model"]


def test_program_3_anthropic(engine, upstream):
    given = {"model": "claude-sonnet-4-20250514", "max_tokens": 1024, "messages": FRANCE, "extra_headers": CACHED}
    with claude(engine) as client:
        first = client.messages.with_raw_response.create(**given)
        second = client.messages.with_raw_response.create(**given)
    assert (is_hit(first), is_hit(second)) == (False, True)
    assert first.parse() == second.parse() and len(upstream.seen) == 1
    miss, hit = engine.wait_rows(2)
    assert hit["saved_usd"] == miss["cost_usd"] > 0 and hit["finish_reason"] == "end_turn"


WEATHER = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


def called(choice):
    return [(call.id, call.function.name, call.function.arguments) for call in choice.message.tool_calls or ()]


@pytest.mark.parametrize("tools", [False, True])
@pytest.mark.parametrize("stream_first", [False, True])
def test_the_openai_sdk_reads_a_hit_in_either_form(engine, upstream, stream_first, tools):
    given = (
        {"model": "gpt-4o", "messages": RAIN, "tools": [WEATHER]} if tools else {"model": "gpt-4o", "messages": FRANCE}
    )

    def whole(client):
        raw = client.chat.completions.with_raw_response.create(**given, extra_headers=CACHED)
        return raw.parse(), is_hit(raw)

    def streamed(client):
        with client.chat.completions.stream(
            **given, stream_options={"include_usage": True}, extra_headers=CACHED
        ) as stream:
            hit = stream._response.headers["helicone-cache-hit"] == "true"
            stream.until_done()
            return stream.get_final_completion(), hit

    with oai(engine) as client:
        first, second = (streamed, whole) if stream_first else (whole, streamed)
        (one, miss), (other, hit) = first(client), second(client)
    assert (miss, hit, len(upstream.seen)) == (False, True, 1)
    assert one.id == other.id and one.model == other.model and one.usage == other.usage
    left, right = one.choices[0], other.choices[0]
    assert (left.finish_reason, left.message.content) == (right.finish_reason, right.message.content)
    calls = [
        [(call.id, call.function.name, call.function.arguments) for call in each.message.tool_calls or ()]
        for each in (left, right)
    ]
    assert calls[0] == calls[1] and bool(calls[0]) == tools


@pytest.mark.parametrize("stream_first", [False, True])
def test_the_responses_of_the_sdk(engine, upstream, stream_first):
    given = {"model": "gpt-4o", "input": "What is the capital of France?"}

    def whole(client):
        return client.responses.create(**given, extra_headers=CACHED)

    def streamed(client):
        with client.responses.stream(**given, extra_headers=CACHED) as stream:
            return stream.get_final_response()

    with oai(engine) as client:
        first, second = (streamed, whole) if stream_first else (whole, streamed)
        one, other = first(client), second(client)
    assert (one.id, one.output_text, one.usage) == (other.id, other.output_text, other.usage)
    assert one.output_text and len(upstream.seen) == 1


@pytest.mark.parametrize("tools", [False, True])
@pytest.mark.parametrize("stream_first", [False, True])
def test_the_anthropic_sdk_reads_a_hit_in_either_form(engine, upstream, stream_first, tools):
    given = {"model": "claude-sonnet-4-20250514", "max_tokens": 1024, "messages": FRANCE}
    if tools:
        given["messages"] = RAIN
        given["tools"] = [{"name": "get_weather", "input_schema": WEATHER["function"]["parameters"]}]

    def whole(client):
        return client.messages.create(**given, extra_headers=CACHED)

    def streamed(client):
        with client.messages.stream(**given, extra_headers=CACHED) as stream:
            return stream.get_final_message()

    with claude(engine) as client:
        first, second = (streamed, whole) if stream_first else (whole, streamed)
        one, other = first(client), second(client)
    assert one.model_dump(exclude={"content": {"__all__": {"parsed_output"}}}) == other.model_dump(
        exclude={"content": {"__all__": {"parsed_output"}}}
    )
    assert len(upstream.seen) == 1 and (one.stop_reason == "tool_use") == tools


def test_embeddings(engine, upstream):
    with oai(engine) as client:
        given = {"model": "text-embedding-3-small", "input": ["a", "b"], "extra_headers": CACHED}
        one, other = client.embeddings.create(**given), client.embeddings.create(**given)
    assert one == other and len(upstream.seen) == 1


def test_a_restart_keeps_entries(engine, upstream):
    with oai(engine) as client:
        asked(client)
    engine.stop()
    engine.start()
    with oai(engine) as client:
        raw = asked(client)
        assert is_hit(raw) and int(raw.headers["age"]) >= 0
    assert len(upstream.seen) == 1
    assert engine.wait_rows(2)[1]["cached_from"] == 1


def test_a_killed_proxy_comes_back_with_its_entries(engine, upstream):
    with oai(engine) as client:
        asked(client)
    engine.wait_rows(1)
    proxy = engine.health()["proxy_pid"]
    os.kill(proxy, signal.SIGKILL)
    engine.wait_health(lambda health: health["proxy_pid"] != proxy and health["cache"]["entries"] == 1)
    with oai(engine) as client:
        assert is_hit(asked(client))
    assert len(upstream.seen) == 1


def test_what_is_cleared_while_nobody_can_write_does_not_come_back_with_a_new_proxy(engine, upstream):
    with oai(engine) as client:
        asked(client)
    engine.wait_rows(1)
    with closing(sqlite3.connect(engine.db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert cache(engine, "clear", "--yes") == "cleared 1 stored answer\n"
        proxy = engine.health()["proxy_pid"]
        os.kill(proxy, signal.SIGKILL)
        engine.wait_health(lambda health: health["proxy_pid"] != proxy)
        with oai(engine) as client:
            assert not is_hit(asked(client))
            assert is_hit(asked(client))
    assert [row["cache"] for row in engine.wait_rows(3)] == ["miss", "miss", "hit"]
    assert engine.health()["cache"]["entries"] == 1


def test_serve_cache(make_engine, upstream):
    engine = make_engine("--cache").start()
    with oai(engine) as client:
        hits = [
            client.chat.completions.with_raw_response.create(model="gpt-4o", messages=FRANCE, extra_headers=more)
            for more in ({}, {}, {"Helicone-Cache-Enabled": "false"})
        ]
    assert [is_hit(raw) for raw in hits] == [False, True, False]


def test_the_cache_by_environment_and_in_the_health(make_engine, upstream, monkeypatch):
    monkeypatch.setenv("HELICLI_CACHE_ENABLED", "true")
    monkeypatch.setenv("HELICLI_CACHE_MAX_ENTRIES", "2")
    engine = make_engine().start()
    with oai(engine) as client:
        size = [len(asked(client, text).content) for text in ("a", "b", "c")]
        assert [is_hit(asked(client, text)) for text in "ca"] == [True, False]
    assert engine.health()["cache"] == {"entries": 2, "bytes": size[2] + size[0]}


def test_a_hit_and_a_clearing_with_durability_sync(make_engine, upstream):
    engine = make_engine("--cache", "--durability", "sync").start()
    with oai(engine) as client:
        raws = [asked(client), asked(client)]
        assert cache(engine, "clear", "--yes")
        raws.append(asked(client))
    assert [is_hit(raw) for raw in raws] == [False, True, False]
    assert all(float(raw.headers["helicone-overhead-ms"]) > 0 for raw in raws)
    assert engine.health()["journal"]["sync_failures"] == 0
    assert [row["cache"] for row in engine.wait_rows(3)] == ["miss", "hit", "miss"]


def cache(engine, *args):
    command = [sys.executable, "-m", "helicli", "cache", *args, "--db", str(engine.db)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_clear_is_live_when_it_returns(engine, upstream):
    with oai(engine) as client:
        asked(client, "a")
        asked(client, "b")
        engine.wait_rows(2)
        assert cache(engine, "clear", "--yes") == "cleared 2 stored answers\n"
        assert json.loads(cache(engine, "list", "--json")) == []
        assert not is_hit(asked(client, "a"))
        assert is_hit(asked(client, "a"))
    engine.stop()
    engine.start()
    with oai(engine) as client:
        assert is_hit(asked(client, "a"))
        assert not is_hit(asked(client, "b"))


def test_clear_where_no_database_is_yet(engine, upstream):
    """The engine holds an answer while there is no database, as before the recorder's first breath."""
    with oai(engine) as client:
        recorder = engine.wait_health(lambda health: health["recorder_pid"])["recorder_pid"]
        os.kill(recorder, signal.SIGSTOP)
        try:
            asked(client)
            for end in ("", "-wal", "-shm"):
                Path(f"{engine.db}{end}").unlink(missing_ok=True)
            told = cache(engine, "clear", "--yes")
        finally:
            os.kill(recorder, signal.SIGCONT)
        assert told == "cleared 1 stored answer\n"
        assert not is_hit(asked(client))
    assert [row["cache"] for row in engine.wait_rows(2)] == ["miss", "miss"]


def test_clear_and_restart_under_load(engine, upstream):
    """What was stored before a clearing never comes back, whoever restarts meanwhile."""
    url, stop, failures = engine.url, threading.Event(), []

    def post(number):
        body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": f"q{number % 7}"}]}).encode()
        fields = {"content-type": "application/json", "authorization": "Bearer sk-demo-000111222", **CACHED}
        with urllib.request.urlopen(
            urllib.request.Request(f"{url}/v1/chat/completions", body, fields), timeout=20
        ) as answer:
            return answer.status

    def load(first):
        number = first
        while not stop.is_set():
            number += 1
            try:
                assert post(number) == 200
            except Exception as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=load, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    try:
        engine.wait_rows(50)
        for _ in range(3):
            assert cache(engine, "clear", "--yes").startswith("cleared ")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    cache(engine, "clear", "--yes")
    asked_before = len(upstream.seen)
    engine.process.kill()
    engine.process.communicate()
    engine.start()
    url = engine.url
    for number in range(7):
        post(number)
    assert len(upstream.seen) - asked_before == 7
    for number in range(7):
        post(number)
    assert len(upstream.seen) - asked_before == 7
