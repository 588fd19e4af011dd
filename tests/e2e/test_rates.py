"""Rates on their way: met by the recorder, stored, read again by the proxy, and shown with a call."""

from __future__ import annotations

import json
import subprocess
import sys

import httpx2

CHAT = "/v1/chat/completions"
AUTH = {"authorization": "Bearer sk-demo-000111222", "content-type": "application/json"}


def call(engine, model):
    content = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hello!"}]})
    assert httpx2.post(engine.url + CHAT, headers=AUTH, content=content, timeout=20).status_code == 200


def test_the_proxy_knows_what_the_recorder_has_met(engine):
    assert engine.health()["priced_models"] == 0
    call(engine, "gpt-4o")
    engine.wait_health(lambda health: health["priced_models"] == 1)
    call(engine, "gpt-4o")
    call(engine, "gpt-5")
    engine.wait_health(lambda health: health["priced_models"] == 2)
    assert engine.stop()[0] == 0
    # What is stored is there from the start.
    engine.start().wait_health(lambda health: health["priced_models"] == 2)


def test_a_cost_is_shown_in_its_parts(engine):
    call(engine, "gpt-4o")
    (row,) = engine.wait_rows(1)
    command = [sys.executable, "-m", "helicli", "--db", str(engine.db), "show", "last", "--json"]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=30).stdout)
    parts = told["cost_parts"]
    assert row["cost_usd"] == told["cost_usd"] > 0
    assert round(sum(parts.values()), 9) == told["cost_usd"]
    assert min(parts["input_usd"], parts["output_usd"]) > 0
    assert row["price_source"].startswith("genai-prices ")
