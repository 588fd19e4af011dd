"""The demo's plan, and its sending."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections import Counter

import pytest

from helicli import headers
from helicli.demo.traffic import USERS, body, fields, plan, run
from helicli.errors import HelicliError, NetworkError


def test_the_plan_is_the_same_for_the_same_seed():
    assert plan(40) == plan(60)[:40]
    assert plan(40) != plan(40, seed=8)
    assert plan(0) == []


def test_the_plan_has_variety():
    calls = plan(60)
    statuses = Counter(call.fake.get("x-fake-status") for call in calls)
    assert {call.model for call in calls} == {"gpt-4o", "gpt-4o-mini", "claude-sonnet-4-20250514", "o4-mini"}
    assert {call.user for call in calls} == set(USERS)
    assert {call.name for call in calls} == {"support_ticket_response", "draft_reply", "summarise", "classify"}
    assert {"/plan", "/plan/search"} <= {call.session_path for call in calls}
    assert all(set(call.properties) == {"environment", "feature", "version"} for call in calls)
    assert 20 <= sum(call.stream for call in calls) <= 40
    assert all(statuses[status] for status in ("429", "500", "529"))
    assert statuses.total() - statuses[None] <= 6
    assert sum("x-fake-cut" in call.fake for call in calls) == 1
    assert any(call.tool for call in calls)


def test_a_session_keeps_its_user_and_its_history():
    sessions: dict[str, list] = {}
    for call in plan(60):
        sessions.setdefault(call.session, []).append(call)
    assert len(sessions) > 10
    for calls in sessions.values():
        assert len({(call.user, call.model, call.session_name) for call in calls}) == 1
        for before, after in zip(calls, calls[1:], strict=False):
            assert after.messages[: len(before.messages)] == before.messages


def test_calls_are_in_their_dialect():
    calls = plan(20)
    theirs = next(call for call in calls if call.dialect == "anthropic")
    ours = next(call for call in calls if call.dialect == "openai")
    assert {turn["role"] for turn in json.loads(body(theirs))["messages"]} == {"user"}
    assert json.loads(body(theirs))["system"].startswith("You are")
    assert json.loads(body(ours))["messages"][0]["role"] == "system"
    assert dict(fields(theirs))[b"anthropic-version"]
    assert dict(fields(ours))[b"authorization"].startswith(b"Bearer sk-demo")
    assert dict(fields(ours))[headers.USER_ID] == ours.user.encode()
    assert dict(fields(ours))[headers.PROPERTY_PREFIX + b"feature"] == ours.properties["feature"].encode()


def test_every_planned_call_is_sent(upstream):
    calls = plan(60)
    asyncio.run(run(upstream.url, calls))
    seen = upstream.seen
    assert Counter(request.header(headers.SESSION_ID).decode() for request in seen) == Counter(
        call.session for call in calls
    )
    assert Counter(request.path for request in seen) == Counter(
        "/v1/messages" if call.dialect == "anthropic" else "/v1/chat/completions" for call in calls
    )
    assert [request.finished for request in seen].count(False) == 1


def test_a_pause_is_between_starts(upstream):
    started = time.monotonic()
    asyncio.run(run(upstream.url, plan(5), pause=0.06))
    assert time.monotonic() - started >= 4 * 0.06


def test_a_proxy_that_does_not_answer_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(HelicliError) as raised:
        asyncio.run(run(f"http://127.0.0.1:{port}", plan(8)))
    assert isinstance(raised.value, NetworkError)
    assert str(port) in raised.value.message
    assert raised.value.fix
