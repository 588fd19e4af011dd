"""Which answer a request gets."""

from __future__ import annotations

import json

import pytest

from helicli.demo.reply import EVENTS
from helicli.demo.routes import reply_to
from helicli.demo.seen import Seen
from helicli.demo.switches import Switches

KEY = (b"authorization", b"Bearer sk-demo")
VERSION = (b"anthropic-version", b"2023-06-01")
CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}


def reply(method, path, *fields, body=None, switches=None):
    raw = json.dumps(body).encode() if isinstance(body, dict) else body or b""
    return reply_to(Seen(method, path, list(fields), raw), switches or Switches(), "req_1")


def error(answer):
    return json.loads(answer.body)["error"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/chat/completions", "chat.completion"),
        ("/v1/chat/completions?a=b", "chat.completion"),
        ("/v1/completions", "text_completion"),
        ("/v1/responses", "response"),
        ("/v1/embeddings", "list"),
    ],
)
def test_openai_paths(path, kind):
    answer = reply("POST", path, KEY, body={**CHAT, "input": "Hello!"})
    assert (answer.status, json.loads(answer.body)["object"]) == (200, kind)
    assert (b"openai-organization", b"org-demo") in answer.fields
    assert (b"x-request-id", b"req_1") in answer.fields
    assert [name for name, _ in answer.fields].count(b"set-cookie") == 2


def test_anthropic_paths():
    answer = reply("POST", "/v1/messages", (b"x-api-key", b"sk-ant"), body={**CHAT, "max_tokens": 9})
    assert json.loads(answer.body)["type"] == "message"
    assert (b"request-id", b"req_1") in answer.fields
    count = reply("POST", "/v1/messages/count_tokens", KEY, VERSION, body=CHAT)
    assert json.loads(count.body) == {"input_tokens": 9}


def test_models_in_both_dialects():
    ours = json.loads(reply("GET", "/v1/models", KEY).body)
    theirs = json.loads(reply("GET", "/v1/models", KEY, VERSION).body)
    assert ours["object"] == "list"
    assert (theirs["has_more"], theirs["data"][0]["type"]) == (False, "model")
    assert json.loads(reply("GET", "/v1/models/gpt%2D4o", KEY).body)["id"] == "gpt-4o"
    assert json.loads(reply("GET", "/v1/models/claude-sonnet-4-20250514", KEY, VERSION).body)["display_name"]
    assert reply("GET", "/v1/models/none", KEY).status == reply("GET", "/v1/models/none", KEY, VERSION).status == 404


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/v1/nothing", 404, "Invalid URL (GET /v1/nothing)"),
        ("GET", "/v1/chat/completions", 405, "Not allowed to GET on /v1/chat/completions."),
        ("GET", "/v1/files/x/content?size=-1", 400, "size is a whole number of bytes"),
        ("POST", "/v1/files", 400, "Expected multipart/form-data."),
    ],
)
def test_what_is_not_there_is_refused_in_the_dialect(method, path, status, text):
    answer = reply(method, path, KEY)
    assert (answer.status, error(answer)["message"]) == (status, text)
    assert json.loads(reply("GET", "/v1/nothing", KEY, VERSION).body)["type"] == "error"


def test_a_key_is_needed_and_a_wrong_one_is_echoed():
    assert reply("POST", "/v1/chat/completions", body=CHAT).status == 401
    assert json.loads(reply("POST", "/v1/messages", body=CHAT).body)["error"]["type"] == "authentication_error"
    wrong = reply("POST", "/v1/chat/completions", (b"authorization", b"Bearer sk-wrong-1"), body=CHAT)
    assert "sk-wrong-1" in error(wrong)["message"]
    assert error(wrong)["code"] == "invalid_api_key"
    theirs = reply("POST", "/v1/messages", (b"x-api-key", b"sk-wrong-2"), body=CHAT)
    assert (theirs.status, error(theirs)["message"]) == (401, "invalid x-api-key: sk-wrong-2")


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"{", "parse the JSON"),
        ({"messages": []}, "model parameter"),
        ({**CHAT, "stream_options": {"include_usage": True}}, "only allowed when 'stream'"),
        (
            {**CHAT, "model": "no-stream-options", "stream": True, "stream_options": {"include_usage": True}},
            "Unknown parameter: 'stream_options.include_usage'.",
        ),
    ],
)
def test_bad_requests(body, part):
    answer = reply("POST", "/v1/chat/completions", KEY, body=body)
    assert answer.status == 400
    assert part in error(answer)["message"]


def test_messages_need_max_tokens():
    assert error(reply("POST", "/v1/messages", KEY, body=CHAT))["message"] == "max_tokens: Field required"


def test_the_model_without_stream_options_streams():
    answer = reply("POST", "/v1/chat/completions", KEY, body={**CHAT, "model": "no-stream-options", "stream": True})
    assert answer.kind == EVENTS


def test_a_status_comes_with_its_fields():
    answer = reply("POST", "/v1/messages", KEY, body=CHAT, switches=Switches(status=529))
    assert (answer.status, error(answer)["type"]) == (529, "overloaded_error")
    assert (b"retry-after", b"2") in answer.fields
    assert reply("POST", "/v1/messages", KEY, body=CHAT, switches=Switches(status=204)).body == b""


def test_an_error_event_ends_a_stream():
    asked = {**CHAT, "stream": True}
    events = list(reply("POST", "/v1/chat/completions", KEY, body=asked, switches=Switches(error=2)).parts)
    assert len(events) == 3
    assert events[2].startswith(b'data: {"error":')


def test_embeddings_have_the_dimensions_asked_for():
    answer = reply("POST", "/v1/embeddings", KEY, body={"model": "e", "input": ["a", "b"], "dimensions": 8})
    assert [len(row["embedding"]) for row in json.loads(answer.body)["data"]] == [8, 8]
    assert reply("POST", "/v1/embeddings", KEY, body={"model": "e", "input": "a", "dimensions": 0}).status == 400
