"""The upstream as a whole: its life, its memory, its process, and real SDKs against it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time

import httpx2
import pytest

from helicli.demo.upstream import FakeUpstream

HELLO = [{"role": "user", "content": "Hello!"}]
WEATHER = [{"role": "user", "content": "What is the weather in Kyoto?"}]
TOOL = {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}


def test_it_ends_with_its_context_though_a_call_is_running():
    with FakeUpstream() as upstream, socket.create_connection(("127.0.0.1", upstream.port), timeout=5) as running:
        running.sendall(b"GET /v1/models HTTP/1.1\r\nhost: x\r\nauthorization: k\r\nx-fake-delay: 60\r\n\r\n")
        upstream.wait_for(lambda seen: len(seen) == 1)
        started = time.monotonic()
        upstream.close()
        assert time.monotonic() - started < 1
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", upstream.port), timeout=5).close()


def test_compression_and_latency_are_settings():
    with FakeUpstream(compress=False, latency=0.1) as upstream:
        started = time.monotonic()
        response = httpx2.get(f"{upstream.url}/v1/models", headers={"authorization": "k", "accept-encoding": "gzip"})
        assert time.monotonic() - started >= 0.1
        assert "content-encoding" not in response.headers


def test_what_was_seen(upstream, client):
    client.post("/v1/chat/completions?x=1", content=b'{"model": "gpt-4o"}', headers={"x-a": "b"})
    (seen,) = upstream.seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/v1/chat/completions?x=1", b'{"model": "gpt-4o"}')
    assert (seen.finished, seen.aborted_at) == (True, None)
    assert seen.header(b"x-a") == b"b"
    assert seen.received_at <= time.monotonic()
    upstream.clear()
    assert upstream.seen == []


def test_an_upload_that_breaks_off_is_seen(upstream):
    with socket.create_connection(("127.0.0.1", upstream.port), timeout=5) as broken:
        broken.sendall(b"POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: k\r\ncontent-length: 100\r\n\r\nhalf")
    upstream.wait_for(lambda seen: len(seen) == 1)
    assert upstream.seen[0].body == b"half"
    assert upstream.seen[0].aborted_at is not None


def test_a_switch_holds_for_one_model_only(chat):
    assert chat(status=500, only="gpt-4o").status_code == 500
    assert chat(status=500, only="gpt-4o-mini").status_code == 200


def test_a_switch_holds_for_the_first_times_only(chat):
    assert [chat(status=503, times=2).status_code for _ in range(4)] == [503, 503, 200, 200]


def test_a_wrong_switch_is_a_400_that_names_it(chat):
    response = chat(gap="soon")
    assert (response.status_code, "gap" in response.text) == (400, True)


def test_the_same_question_has_the_same_bytes(chat):
    assert chat().content == chat().content
    assert chat(True).content == chat(True).content
    assert chat().headers["x-request-id"] != chat().headers["x-request-id"]


def test_it_runs_as_a_process_of_its_own(tmp_path):
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "helicli.demo.upstream", "--port", "0", "--ready-file", str(ready)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 20
        while not ready.exists() and time.monotonic() < deadline:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.01)
        told = json.loads(ready.read_bytes())
        assert told["pid"] == process.pid
        assert httpx2.get(told["url"] + "/v1/models", headers={"authorization": "k"}).status_code == 200
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=5)
    assert (process.returncode, out, errors) == (0, b"", b"")


def test_the_openai_sdk(upstream):
    openai = pytest.importorskip("openai")
    with openai.OpenAI(api_key="sk-demo", base_url=f"{upstream.url}/v1", max_retries=0) as client:
        plain = client.chat.completions.create(model="gpt-4o", messages=HELLO)
        options = {"include_usage": True}
        streamed = list(
            client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True, stream_options=options)
        )
        text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
        assert text == plain.choices[0].message.content
        assert streamed[-1].usage == plain.usage
        tools = [{"type": "function", "function": TOOL}]
        called = client.chat.completions.create(model="gpt-4o", messages=WEATHER, tools=tools)
        assert json.loads(called.choices[0].message.tool_calls[0].function.arguments)["location"] == "Kyoto"
        response = client.responses.create(model="gpt-4o", input="Hello!")
        with client.responses.stream(model="gpt-4o", input="Hello!") as stream:
            assert stream.get_final_response().output_text == response.output_text != ""
        completion = client.completions.create(model="gpt-3.5-turbo-instruct", prompt="Hello!")
        assert completion.choices[0].text
        assert len(client.embeddings.create(model="e", input="Hello!").data[0].embedding) == 1536
        assert "gpt-4o" in [model.id for model in client.models.list()]
        stored = client.files.create(file=("a.jsonl", b"one\ntwo"), purpose="batch")
        assert (stored.filename, stored.bytes) == ("a.jsonl", 7)
        assert len(client.files.content(stored.id).read()) == 1024
        with pytest.raises(openai.RateLimitError, match="Rate limit reached for gpt-4o"):
            client.chat.completions.create(model="gpt-4o", messages=HELLO, extra_headers={"x-fake-status": "429"})
    assert all(seen.finished for seen in upstream.seen)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_anthropic_sdk(upstream):
    anthropic = pytest.importorskip("anthropic")
    asked = {"model": "claude-sonnet-4-20250514", "max_tokens": 1024}
    with anthropic.Anthropic(api_key="sk-demo", base_url=upstream.url, max_retries=0) as client:
        plain = client.messages.create(**asked, messages=HELLO)
        with client.messages.stream(**asked, messages=HELLO) as stream:
            streamed = stream.get_final_message()
        assert streamed.content[0].text == plain.content[0].text
        assert streamed.usage.output_tokens == plain.usage.output_tokens
        assert streamed.usage.input_tokens == plain.usage.input_tokens
        tools = [{"name": "get_weather", "input_schema": TOOL["parameters"]}]
        with client.messages.stream(**asked, messages=WEATHER, tools=tools) as stream:
            called = stream.get_final_message()
        assert (called.stop_reason, called.content[0].input["location"]) == ("tool_use", "Kyoto")
        assert client.messages.count_tokens(model=asked["model"], messages=HELLO).input_tokens == 9
        assert asked["model"] in [model.id for model in client.models.list()]
        with pytest.raises(anthropic.InternalServerError, match="Overloaded"):
            client.messages.create(**asked, messages=HELLO, extra_headers={"x-fake-status": "529"})
    assert all(seen.finished for seen in upstream.seen)
