"""Conversations in the ollama dialect: chat, generate and what is embedded.

Owns how messages and lines become turns; thinking is a turn of its own, before the answer. Images are shown by their
kind in brackets. Never raises. https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

from typing import Any

from helicli.providers import lenient
from helicli.providers.facts import Message
from helicli.providers.lines import of_lines


def asked(request: bytes) -> list[Message]:
    """The turns of `messages`, or of `system` and `prompt`, or of `input`."""
    body = lenient.mapping(lenient.loads(request))
    turns = [Message("system", text)] if (text := lenient.text(body.get("system"))) else []
    for message in lenient.mappings(body.get("messages")):
        turns += _turns(message, "user")
    if isinstance(body.get("prompt"), str):
        turns += _turns({"content": body["prompt"], "images": body.get("images")}, "user")
    given = body.get("input")
    texts = given if isinstance(given, list) else [given]
    return turns + [Message("user", lenient.text(each)) for each in texts if isinstance(each, str)]


def answered_json(response: bytes) -> list[Message]:
    """The turns of an answer, its lines put together, also of a stream that was cut."""
    text = thinking = ""
    calls: list[dict[str, Any]] = []
    role = None
    for said in of_lines(response):
        message = lenient.mapping(said.get("message")) or said
        if "response" in said or "message" in said:
            role = lenient.text(message.get("role")) or role or "assistant"
        text += lenient.text(message.get("content")) or lenient.text(said.get("response"))
        thinking += lenient.text(message.get("thinking"))
        calls += lenient.mappings(message.get("tool_calls"))
    if role is None:
        return []
    return _turns({"role": role, "content": text, "thinking": thinking, "tool_calls": calls}, role)


def answered_stream(response: bytes) -> list[Message]:
    """Nothing: this dialect has no events."""
    return []


def _turns(message: dict[str, Any], role: str) -> list[Message]:
    images = message.get("images")
    shown = ["[image]"] * len(images) if isinstance(images, list) else []
    text = "\n".join(part for part in (lenient.text(message.get("content")), *shown) if part)
    thinking = lenient.text(message.get("thinking"))
    turns = [Message("reasoning", thinking)] if thinking else []
    calls = [_call(call) for call in lenient.mappings(message.get("tool_calls"))]
    return [*turns, Message(lenient.text(message.get("role")) or role, text, calls)]


def _call(call: dict[str, Any]) -> str:
    function = lenient.mapping(call.get("function"))
    return f"{lenient.text(function.get('name'))} {lenient.compact(function.get('arguments') or {})}"
