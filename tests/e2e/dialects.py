"""What a call of each dialect looks like: its request, its stream event by event, its answer without a stream.

OpenAI's and Anthropic's are the fake upstream's own; Google's and Ollama's are shaped as the golden table's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from helicli.demo import shapes
from helicli.demo.answers import compose, read_ask
from tests.e2e.caller import Answer
from tests.e2e.stage import Fields

SAID = "What is the capital of France, and how many people live there?"


@dataclass(frozen=True)
class Dialect:
    """A dialect's sample call. `priced` says whether its model has a price."""

    name: str
    path: str
    body: bytes
    kind: bytes
    events: list[bytes]
    plain_path: str
    plain_body: bytes
    whole: bytes
    key: tuple[bytes, bytes]
    priced: bool = True

    def fields(self, name: str) -> Fields:
        """The fields of a request for a play, which its row is found by."""
        own = [(b"Content-Type", b"application/json"), self.key]
        return [*own, (b"X-Play", name.encode()), (b"Helicone-Request-Id", name.encode())]

    def code(self, body: bytes) -> str:
        """The word in an error body of this dialect."""
        said = json.loads(body)
        return said["error"]["code"] if self.name == "openai" else said["code"]


def assert_refused(dialect: Dialect, answer: Answer, status: int, word: str) -> None:
    """The answer is helicli's own, whole, and in the dialect."""
    assert (answer.status, answer.complete) == (status, True)
    assert dialect.code(answer.body) == word
    said = json.loads(answer.body)
    assert said["message"]
    error = said["error"]
    if dialect.name == "anthropic":
        assert (said["type"], set(error)) == ("error", {"type", "message"})
    elif dialect.name == "google":
        assert (error["code"], set(error)) == (status, {"code", "message", "status"})
    elif dialect.name == "ollama":
        assert isinstance(error, str)
    else:
        assert set(error) == {"message", "type", "param", "code"}


def _openai() -> Dialect:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": SAID}]}
    body = json.dumps(asked | {"stream": True, "stream_options": {"include_usage": True}}).encode()
    answer = compose(read_ask(body), 4)
    events = list(shapes.chat_events(answer, include_usage=True))
    path = "/v1/chat/completions"
    key = (b"Authorization", b"Bearer sk-demo-000111222")
    plain = json.dumps(asked).encode()
    return Dialect("openai", path, body, b"text/event-stream", events, path, plain, shapes.chat(answer), key)


def _anthropic() -> Dialect:
    asked = {"model": "claude-sonnet-4-20250514", "max_tokens": 100, "messages": [{"role": "user", "content": SAID}]}
    body = json.dumps(asked | {"stream": True}).encode()
    answer = compose(read_ask(body), 4)
    events = list(shapes.message_events(answer))
    key = (b"X-Api-Key", b"sk-ant-demo-000111222")
    plain = json.dumps(asked).encode()
    kind = b"text/event-stream; charset=utf-8"
    return Dialect("anthropic", "/v1/messages", body, kind, events, "/v1/messages", plain, shapes.message(answer), key)


def _google() -> Dialect:
    body = json.dumps({"contents": [{"role": "user", "parts": [{"text": SAID}]}]}).encode()
    words = ["Paris is ", "the capital ", "of France; ", "two million."]
    chunks = []
    for number, text in enumerate(words, 1):
        candidate = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
        used = {"promptTokenCount": 14, "candidatesTokenCount": 4 * number, "totalTokenCount": 14 + 4 * number}
        last = {"finishReason": "STOP"} if number == len(words) else {}
        chunks.append(
            {"candidates": [candidate | last], "usageMetadata": used, "modelVersion": "gemini-2.5-flash"},
        )
    model = "/v1beta/models/gemini-2.5-flash"
    key = (b"X-Goog-Api-Key", b"AIza-demo-000111222")
    events = [b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n" for chunk in chunks]
    whole = json.dumps(chunks[-1], indent=2).encode()
    path, plain = f"{model}:streamGenerateContent?alt=sse", f"{model}:generateContent"
    return Dialect("google", path, body, b"text/event-stream", events, plain, body, whole, key)


def _ollama() -> Dialect:
    asked = {"model": "llama3.2", "messages": [{"role": "user", "content": SAID}]}
    when = {"model": "llama3.2", "created_at": "2026-08-04T19:22:45.499127Z"}
    lines = [
        when | {"message": {"role": "assistant", "content": word}, "done": False} for word in ("Paris", " is", " it.")
    ]
    counts = {"total_duration": 10706818083, "prompt_eval_count": 26, "eval_count": 3, "eval_duration": 4232710}
    last = when | {"message": {"role": "assistant", "content": ""}, "done_reason": "stop", "done": True} | counts
    key = (b"Authorization", b"Bearer ollama-demo-000111")
    events = [json.dumps(line).encode() + b"\n" for line in [*lines, last]]
    plain = json.dumps(asked | {"stream": False}).encode()
    kind = b"application/x-ndjson"
    whole = json.dumps(last).encode()
    return Dialect(
        "ollama", "/api/chat", json.dumps(asked).encode(), kind, events, "/api/chat", plain, whole, key, priced=False
    )


DIALECTS = (_openai(), _anthropic(), _google(), _ollama())
NAMES = [dialect.name for dialect in DIALECTS]
