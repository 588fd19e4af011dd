"""Calls as they are logged: single chats, and one agent that resends its history.

Owns the bodies and headers that the benches of the recorder and of the disk are fed with. Every text is English prose
of Python's own documentation, put together anew for each call by a fixed seed. Never a body twice.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pydoc_data.topics import topics

from helicli.call import Headers

CHAT_REQUEST_BYTES = 2000
CHAT_RESPONSE_BYTES = 1000
MARK = {"type": "ephemeral"}


@dataclass(frozen=True)
class Sample:
    """One call: what was sent and what came back. `path` chooses the dialect."""

    provider: str
    path: str
    session: str | None
    request_headers: Headers
    request: bytes
    response_headers: Headers
    response: bytes

    @property
    def raw_bytes(self) -> int:
        """Bytes of both bodies."""
        return len(self.request) + len(self.response)


class Texts:
    """Prose by the byte. `half` chooses which sentences, so that a dictionary never sees what it is measured on."""

    def __init__(self, seed: int, half: int) -> None:
        self._random = random.Random(seed)
        prose = " ".join(" ".join(topics[name].split()) for name in sorted(topics))
        sentences = [each.strip() + "." for each in prose.split(". ") if 40 < len(each) < 300]
        self._sentences = sentences[half::2]

    def of(self, size: int) -> str:
        """A text of `size` characters."""
        text = ""
        while len(text) < size:
            text += self._random.choice(self._sentences) + " "
        return text[:size]

    def token(self, size: int) -> str:
        """A random identifier."""
        return "".join(self._random.choices("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=size))

    def number(self, below: int) -> int:
        """A random number."""
        return self._random.randrange(below)


def chats(texts: Texts, count: int, apps: int = 4) -> Iterator[Sample]:
    """Chat completions of `apps` programs, each with its own system prompt; requests of 2 KB, answers of 1 KB."""
    prompts = [texts.of(400) for _ in range(apps)]
    for number in range(count):
        turns = [{"role": "system", "content": prompts[number % apps]}, {"role": "user", "content": ""}]
        asked = {"model": "gpt-4o-mini", "messages": turns, "temperature": 0.2, "max_tokens": 300}
        turns[1]["content"] = texts.of(CHAT_REQUEST_BYTES - len(_compact(asked)))
        usage = {"prompt_tokens": 400 + texts.number(90), "completion_tokens": 90 + texts.number(40)}
        usage["total_tokens"] = sum(usage.values())
        message = {"role": "assistant", "content": "", "refusal": None, "annotations": []}
        told = {
            "id": f"chatcmpl-{texts.token(29)}",
            "object": "chat.completion",
            "created": 1_763_700_000 + number,
            "model": "gpt-4o-mini-2024-07-18",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": {
                **usage,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "default",
            "system_fingerprint": "fp_560af6e559",
        }
        message["content"] = texts.of(CHAT_RESPONSE_BYTES - len(_compact(told)))
        request = _compact(asked)
        yield Sample(
            "openai",
            "/v1/chat/completions",
            None,
            _openai_request(len(request)),
            request,
            _openai_response(texts, number),
            _compact(told),
        )


def agent(texts: Texts, turns: int = 50, tools_bytes: int = 20_000) -> Iterator[Sample]:
    """One conversation with Anthropic, its history resent each turn; the cache mark stands on the last two users'."""
    system = [{"type": "text", "text": texts.of(4000), "cache_control": MARK}]
    tools = list(_tools(texts, tools_bytes))
    history: list[dict[str, object]] = []
    for turn in range(turns):
        told: list[dict[str, object]] = [{"type": "text", "text": texts.of(300)}]
        if history:
            told.insert(0, {"type": "tool_result", "tool_use_id": f"toolu_{turn - 1:024}", "content": texts.of(1500)})
        history.append({"role": "user", "content": told})
        asked = {
            "model": "claude-sonnet-4-5",
            "max_tokens": 8192,
            "messages": [_marked(each) if each in history[-3::2] else each for each in history],
            "system": system,
            "tools": [*tools[:-1], {**tools[-1], "cache_control": MARK}],
            "stream": False,
        }
        use = {"type": "tool_use", "id": f"toolu_{turn:024}", "name": "read_file", "input": {"path": texts.token(30)}}
        content: list[dict[str, object]] = [{"type": "text", "text": texts.of(400)}, use]
        history.append({"role": "assistant", "content": content})
        answer = {
            "id": f"msg_{texts.token(24)}",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5",
            "content": content,
            "stop_reason": "tool_use",
            "stop_sequence": None,
            "usage": {
                "input_tokens": 4,
                "cache_creation_input_tokens": 600 + texts.number(99),
                "cache_read_input_tokens": 6000 + 600 * turn,
                "output_tokens": 100 + texts.number(99),
            },
        }
        yield Sample(
            "anthropic",
            "/v1/messages",
            "agent-1",
            _anthropic_request(len(_compact(asked))),
            _compact(asked),
            _anthropic_response(texts, turn),
            _compact(answer),
        )


def _marked(message: dict[str, object]) -> dict[str, object]:
    content = message["content"]
    assert isinstance(content, list)
    return {**message, "content": [*content[:-1], {**content[-1], "cache_control": MARK}]}


def _tools(texts: Texts, size: int) -> Iterator[dict[str, object]]:
    """Twenty tools that together have `size` bytes."""
    for number in range(20):
        tool = {
            "name": f"tool_{number}",
            "description": "",
            "input_schema": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": texts.of(60)},
                    "limit": {"type": "integer", "description": texts.of(60)},
                },
                "required": ["path"],
            },
        }
        tool["description"] = texts.of(size // 20 - len(_compact(tool)))
        yield tool


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _fields(**values: str) -> Headers:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in values.items()]


def _stainless(**values: str) -> Headers:
    shared = {"lang": "python", "os": "Linux", "arch": "x64", "runtime": "CPython", "runtime_version": "3.11.7"}
    return _fields(
        **values,
        **{f"x_stainless_{name}": value for name, value in shared.items()},
        x_stainless_async="false",
        x_stainless_retry_count="0",
        x_stainless_read_timeout="600",
    )


def _openai_request(size: int) -> Headers:
    return _stainless(
        host="127.0.0.1:8787",
        accept_encoding="gzip, deflate, br, zstd",
        connection="keep-alive",
        accept="application/json",
        content_type="application/json",
        user_agent="OpenAI/Python 3.52.0",
        authorization="Bearer ***",
        x_stainless_package_version="3.52.0",
        content_length=str(size),
    )


def _anthropic_request(size: int) -> Headers:
    return _stainless(
        host="127.0.0.1:8787",
        accept_encoding="gzip, deflate, br, zstd",
        connection="keep-alive",
        accept="application/json",
        content_type="application/json",
        user_agent="Anthropic/Python 2.11.0",
        authorization="Bearer ***",
        anthropic_version="2026-10-21",
        helicone_session_id="agent-1",
        x_stainless_package_version="2.11.0",
        content_length=str(size),
    )


def _date(second: int) -> str:
    return f"Fri, 21 Nov 2025 {second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02} GMT"


def _openai_response(texts: Texts, number: int) -> Headers:
    return _fields(
        date=_date(number),
        content_type="application/json",
        transfer_encoding="chunked",
        connection="keep-alive",
        access_control_expose_headers="X-Request-ID",
        openai_organization="acme-1",
        openai_processing_ms=str(300 + texts.number(900)),
        openai_project="proj_8TnDv1XpQ",
        openai_version="2020-10-01",
        x_envoy_upstream_service_time=str(300 + texts.number(900)),
        x_ratelimit_limit_requests="10000",
        x_ratelimit_limit_tokens="2000000",
        x_ratelimit_remaining_requests=str(9000 + texts.number(999)),
        x_ratelimit_remaining_tokens=str(1_990_000 + texts.number(9999)),
        x_ratelimit_reset_requests="6ms",
        x_ratelimit_reset_tokens=f"{texts.number(30)}ms",
        x_request_id=f"req_{texts.token(32).lower()}",
        strict_transport_security="max-age=31536000; includeSubDomains; preload",
        cf_cache_status="DYNAMIC",
        x_content_type_options="nosniff",
        server="cloudflare",
        cf_ray=f"{texts.token(16).lower()}-FRA",
        alt_svc='h3=":443"; ma=86400',
    )


def _anthropic_response(texts: Texts, turn: int) -> Headers:
    limits = {
        f"anthropic_ratelimit_{kind}_{name}": value
        for kind, most in (("requests", 4000), ("tokens", 2_000_000))
        for name, value in (
            ("limit", str(most)),
            ("remaining", str(most - texts.number(999))),
            ("reset", f"2025-11-21T03:{turn:02}:17Z"),
        )
    }
    return _fields(
        date=_date(turn * 9),
        content_type="application/json",
        transfer_encoding="chunked",
        connection="keep-alive",
        **limits,
        request_id=f"req_011{texts.token(21)}",
        anthropic_organization_id="0b6fbd1c-6a07-4ad3-b7d5-2b6f4e8a2f10",
        via="1.1 google",
        cf_cache_status="DYNAMIC",
        server="cloudflare",
        cf_ray=f"{texts.token(16).lower()}-FRA",
    )
