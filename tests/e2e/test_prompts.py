"""Prompts of a running engine: the programs people have, a change in use when it returns, a rollback under load."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import anthropic
import httpx2
import openai
import pytest

from helicli.engine import prompts
from helicli.prompts import File, Source
from helicli.query.reading import opened
from helicli.store import prompts as prompt_store
from helicli.store.bodies import BodyReader
from helicli.store.prompts import Label, Push

KEY = {"authorization": "Bearer sk-demo-000111222"}
AUTH = {"Helicone-Auth": "Bearer sk-helicone-x"}
ASK = [{"role": "user", "content": "{{user_input}}"}]
QUESTION = "How do I reset my password?"
FIELDS = {
    "Helicone-Prompt-Id": "customer-support-v2",
    "Helicone-Prompt-Variables": json.dumps({"user_input": QUESTION}),
}
RULES = {"role": "system", "content": "Rules 2"}

pytestmark = pytest.mark.filterwarnings("ignore:The model 'claude-sonnet-4-20250514' is deprecated")


def push(engine, text, name="customer-support", labels=()):
    live, kept = prompts.change(engine.db, Push((Source(File(f"{name}.md", text)),), labels=labels), print)
    assert live
    return kept[0]


def store_two(engine):
    for number in (1, 2):
        push(engine, f"## system\nRules {number}\n\n## user\n{{{{user_input}}}}\n")


def sent(upstream):
    return json.loads(upstream.seen[-1].body)


@pytest.mark.parametrize("stored", [True, False])
def test_program_6_openai(engine, upstream, stored):
    if stored:
        store_two(engine)
    with openai.OpenAI(api_key="sk-demo-000111222", base_url=f"{engine.url}/v1", default_headers=AUTH) as client:
        raw = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=ASK, extra_headers=FIELDS)
        assert raw.parse().choices[0].message.content
        assert raw.headers["helicone-prompt-status"] == ("managed" if stored else "unmanaged")
        asked = [RULES] if stored else []
        assert sent(upstream)["messages"] == [*asked, {"role": "user", "content": QUESTION}]
        answer = client.responses.create(model="gpt-4o", input="{{user_input}}", extra_headers=FIELDS)
        assert answer.output_text
    assert not any(name.startswith(b"helicone-") for name, _ in upstream.seen[0].headers)
    [row, _] = engine.wait_rows(2)
    assert (row["prompt"], row["prompt_version"]) == (
        ("customer-support", 2) if stored else ("customer-support-v2", None)
    )
    assert (row["requested_model"], row["status"]) == ("gpt-4o", 200)


@pytest.mark.parametrize("stored", [True, False])
def test_program_6_anthropic(engine, upstream, stored):
    if stored:
        store_two(engine)
    with anthropic.Anthropic(api_key="sk-ant-demo-000111222", base_url=engine.url, default_headers=AUTH) as client:
        answer = client.messages.create(
            model="claude-sonnet-4-20250514", max_tokens=1024, messages=ASK, extra_headers=FIELDS
        )
    assert answer.content[0].text
    body = sent(upstream)
    assert body["messages"] == [{"role": "user", "content": QUESTION}]
    assert body.get("system") == ("Rules 2" if stored else None)
    assert engine.wait_rows(1)[0]["prompt_version"] == (2 if stored else None)


def test_the_body_names_it_as_helicones_gateway_has_it(engine, upstream):
    push(engine, '+++\nmodel = "gpt-4o-mini"\n[parameters]\ntemperature = 0.5\n+++\n## user\nHello {{name}}\n', "greet")
    said = {"prompt_id": "greet", "environment": "production", "inputs": {"name": "Ada"}}
    with openai.OpenAI(api_key="sk-demo-000111222", base_url=f"{engine.url}/v1") as client:
        client.chat.completions.create(model="", messages=[], extra_body=said)
    assert sent(upstream) == {
        "messages": [{"role": "user", "content": "Hello Ada"}],
        "model": "gpt-4o-mini",
        "temperature": 0.5,
    }
    [row] = engine.wait_rows(1)
    assert (row["prompt"], row["prompt_version"], row["requested_model"]) == ("greet", 1, "gpt-4o-mini")


def test_a_stream_from_a_prompt_is_priced_by_its_usage(engine, upstream):
    store_two(engine)
    with openai.OpenAI(api_key="sk-demo-000111222", base_url=f"{engine.url}/v1") as client:
        stream = client.chat.completions.create(model="gpt-4o", messages=ASK, stream=True, extra_headers=FIELDS)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert sent(upstream)["messages"] == [RULES, {"role": "user", "content": QUESTION}]
    assert sent(upstream)["stream_options"] == {"include_usage": True}
    [row] = engine.wait_rows(1)
    assert (row["prompt_version"], row["stream"], row["usage_estimated"]) == (2, 1, 0)
    assert row["cost_usd"] > 0


def call(engine, **more):
    body = {"model": "gpt-4o", "messages": [], "prompt_id": "p", "inputs": {"a": "1", "b": "2"}, **more}
    return httpx2.post(f"{engine.url}/v1/chat/completions", json=body, headers=KEY, timeout=60)


def test_a_version_is_in_use_when_its_push_returns_and_after_a_restart(engine, upstream):
    for number in range(1, 6):
        push(engine, f"## user\ntext {number}\n", "p")
        assert call(engine).headers["helicone-prompt-version"] == str(number)
        assert sent(upstream)["messages"][0]["content"] == f"text {number}"
    prompts.change(engine.db, Label("p", "production", 2), print)
    assert call(engine).headers["helicone-prompt-version"] == "2"
    push(engine, "## user\ntext 6\n", "p")
    assert call(engine).headers["helicone-prompt-version"] == "2"
    engine.stop()
    engine.start()
    assert engine.health()["prompts"] == 1
    assert call(engine).headers["helicone-prompt-version"] == "2"
    assert call(engine, version_id="latest").headers["helicone-prompt-version"] == "6"


def test_nothing_goes_up_where_something_is_missing(engine, upstream):
    push(engine, "## user\n{{a}} {{c}}\n", "p")
    answer = call(engine)
    assert answer.status_code == 400 and "p@1 needs 1 variable: c" in answer.json()["message"]
    assert call(engine, version_id=7).status_code == 404
    assert not upstream.seen
    rows = engine.wait_rows(2)
    assert [(row["status"], row["error"], row["cost_usd"]) for row in rows] == [
        (400, "bad_request", 0),
        (404, "bad_request", 0),
    ]


def test_the_values_are_kept_unless_their_request_is_omitted(engine):
    push(engine, "## user\n{{a}}{{b}}\n", "p")
    assert call(engine).status_code == 200
    body = {"model": "gpt-4o", "messages": [], "prompt_id": "p", "inputs": {"a": "secret word", "b": ""}}
    omit = {**KEY, "Helicone-Omit-Request": "true", "Helicone-Prompt-Variables": '{"a": "secret word"}'}
    httpx2.post(f"{engine.url}/v1/chat/completions", json=body, headers=omit, timeout=60)
    engine.wait_rows(2)
    with closing(sqlite3.connect(f"file:{engine.db}?mode=ro", uri=True)) as db:
        kept = [row[0] for row in db.execute("SELECT inputs FROM bodies ORDER BY seq")]
        assert json.loads(BodyReader(db).unpack(kept[0])) == {"a": "1", "b": "2"}
        assert kept[1] is None
        headers = [row[0] for row in db.execute("SELECT request_headers FROM bodies ORDER BY seq")]
        assert ("helicone-prompt-variables", "***") in BodyReader(db).headers(headers[1])


def test_two_pushers_at_once_get_two_versions_and_none_is_lost(engine):
    def pushes(who):
        return [push(engine, f"## user\n{who} {number}\n", "p").number for number in range(10)]

    with ThreadPoolExecutor(2) as pool:
        ada, linus = pool.map(pushes, ("ada", "linus"))
    assert sorted((*ada, *linus)) == list(range(1, 21))
    with opened(engine.db) as db:
        stored = prompt_store.find(db, "p")
        texts = [prompt_store.source(db, each.hash).file.text for each in stored.versions]
    assert sorted(texts) == sorted(f"## user\n{who} {number}\n" for who in ("ada", "linus") for number in range(10))


def test_a_hit_of_the_cache_is_of_its_version(engine, upstream):
    fields = {**KEY, "Helicone-Cache-Enabled": "true"}
    body = {"model": "gpt-4o", "messages": [], "prompt_id": "p", "inputs": {"a": "x"}}

    def ask():
        answer = httpx2.post(f"{engine.url}/v1/chat/completions", json=body, headers=fields, timeout=60)
        return answer.headers["helicone-cache-hit"]

    push(engine, "## user\none {{a}}\n", "p")
    assert [ask(), ask()] == ["false", "true"]
    push(engine, "## user\ntwo {{a}}\n", "p")
    assert [ask(), ask()] == ["false", "true"]
    assert [row["prompt_version"] for row in engine.wait_rows(4)] == [1, 1, 2, 2]


def test_a_rollback_under_load(engine, upstream):
    """Two versions whose texts are long and all of one letter: half of one and half of another would be seen."""
    texts = {1: "x" * 2000, 2: "y" * 2000}
    for text in texts.values():
        push(engine, f"## system\n{text}\n\n## user\n{text}{{{{a}}}}\n", "p")
    done = asyncio.Event()

    async def ask(client, number, seen):
        body = {"model": "gpt-4o", "messages": [], "prompt_id": "p", "inputs": {"a": str(number)}}
        answer = await client.post(
            f"{engine.url}/v1/chat/completions", json=body, headers={**KEY, "Helicone-Request-Id": f"call-{number}"}
        )
        assert answer.status_code == 200, answer.text
        seen[number] = int(answer.headers["helicone-prompt-version"])

    async def load(client, start, seen):
        number = start
        while not done.is_set() or number < start + 20:
            await ask(client, number, seen)
            number += 1

    async def roll():
        for turn in range(10):
            version = 1 + turn % 2
            await asyncio.to_thread(prompts.change, engine.db, Label("p", "production", version), print)
            seen: dict[int, int] = {}
            async with httpx2.AsyncClient(timeout=60) as client:
                await ask(client, 900_000 + turn, seen)
            assert list(seen.values()) == [version], "in use when the command returns"
        done.set()

    async def main():
        seen: dict[int, int] = {}
        async with httpx2.AsyncClient(timeout=60) as client:
            await asyncio.gather(roll(), *(load(client, each * 10_000, seen) for each in range(4)))
        return seen

    seen = asyncio.run(main())
    assert set(seen.values()) == {1, 2}
    for each in upstream.seen:
        system, user = (message["content"] for message in json.loads(each.body)["messages"])
        letters = {system, user.rstrip("0123456789")}
        assert letters in ({texts[1]}, {texts[2]}), "a call saw half a prompt"
    rows = engine.wait_rows(len(upstream.seen), seconds=100)
    recorded = {int(row["request_id"].removeprefix("call-")): row["prompt_version"] for row in rows}
    assert {number: recorded[number] for number in seen} == seen, "each row names the version it used"
