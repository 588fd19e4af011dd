"""What another's judge says of helicli's retries: that it waits as it is asked to, and repeats what may be repeated."""

from __future__ import annotations

import httpx2
import pytest

from tests.e2e.engine import Engine
from tests.home import move_in
from tests.oracle import oracle as module

pytestmark = pytest.mark.skipif(
    not module.PROGRAM.exists(), reason="llmock is not installed; make test-oracle does that"
)

HELLO = [{"role": "user", "content": "Hello!"}]
RETRY = {"Helicone-Retry-Enabled": "true", "Helicone-Retry-Num": "4", "Helicone-Retry-Min-Timeout": "100"}
# With the factor 2 a wait that chance made long and a short one after it can look the same, and llmock objects to that.
RETRY |= {"Helicone-Retry-Factor": "4"}


@pytest.fixture(scope="module")
def oracle():
    with module.running() as found:
        yield found


@pytest.fixture(scope="module")
def engine(tmp_path_factory, oracle):
    options = ["--upstream", f"anthropic={oracle.url}/anthropic", "--idle-timeout", "1s"]
    with pytest.MonkeyPatch.context() as environment:
        move_in(tmp_path_factory.mktemp("home"), environment)
        engine = Engine(tmp_path_factory.mktemp("house"), oracle.url, options).start()
    yield engine
    engine.kill_all()


def chat(engine, name, **more):
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": name}], **more}
    fields = {"authorization": "Bearer sk-demo-000111222", **RETRY}
    return httpx2.post(f"{engine.url}/v1/chat/completions", json=body, headers=fields, timeout=60)


def messages(engine, name, **more):
    body = {"model": "claude-sonnet-4-5", "max_tokens": 50, "messages": [{"role": "user", "content": name}], **more}
    fields = {"x-api-key": "sk-demo-000111222", "anthropic-version": "2023-06-01", **RETRY}
    return httpx2.post(f"{engine.url}/v1/messages", json=body, headers=fields, timeout=60)


def errors(oracle):
    """What the verdict holds against its client."""
    return [each["code"] for each in oracle.verdict()["findings"] if each["severity"] == "error"]


def test_it_finds_what_is_wrong(oracle):
    oracle.plays({"type": "fail", "status": 429, "retry_after": 5, "times": 1})
    for _ in range(2):
        httpx2.post(f"{oracle.url}/v1/chat/completions", json={"model": "gpt-4o", "messages": HELLO})
    assert errors(oracle) == ["retry_after_ignored"]


@pytest.mark.parametrize("ask", [chat, messages])
@pytest.mark.parametrize(
    ("behaviours", "status", "attempts"),
    [
        ([{"type": "fail", "status": 429, "retry_after": 1, "times": 2}], 200, 3),
        ([{"type": "fail", "status": 503, "times": 3}], 200, 4),
        ([{"type": "fail", "status": 500, "times": 1}, {"type": "fail", "status": 502, "times": 1}], 200, 3),
        ([{"type": "fail", "status": 503, "times": None}], 503, 5),
        ([{"type": "fail", "status": 400, "times": 1}], 400, 1),
        ([{"type": "fail", "status": 401, "times": 1}], 401, 1),
        ([{"type": "fail", "status": 422, "times": 1}], 422, 1),
    ],
)
def test_failures(engine, oracle, ask, behaviours, status, attempts):
    oracle.plays(*behaviours)
    told = ask(engine, "Hello!")
    assert told.status_code == status
    assert oracle.attempts() == attempts
    assert errors(oracle) == []
    assert oracle.verdict()["findings"] == [] or status == 503, oracle.verdict()
    [row] = engine.wait_rows(1, f"id = '{told.headers['helicone-id'].replace('-', '')}'")
    assert (row["attempts"], row["status"]) == (attempts, status)


@pytest.mark.parametrize("ask", [chat, messages])
@pytest.mark.parametrize("kind", ["disconnect", "truncate", "stall"])
def test_a_stream_that_fails_before_it_has_said_anything(engine, oracle, ask, kind):
    oracle.plays({"type": "stream_fault", "kind": kind, "after_chunks": 1})
    told = ask(engine, "Hello!", stream=True)
    assert told.status_code == 200
    assert oracle.attempts() == 2
    assert "[DONE]" in told.text or "message_stop" in told.text
    assert oracle.verdict()["findings"] == []
