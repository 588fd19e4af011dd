"""Conversations in the cohere dialect: chat in versions 1 and 2, and texts to embed.

Owns how messages become turns: a plan or a thought is a turn of its own, before the answer. What is not text is shown
by its kind in brackets. Never raises. https://docs.cohere.com/reference/chat
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from helicli.providers import lenient
from helicli.providers.facts import Message
from helicli.providers.lines import of_lines
from helicli.providers.sse import events

_ROLES: Final = {"CHATBOT": "assistant", "USER": "user", "SYSTEM": "system", "TOOL": "tool"}


def asked(request: bytes) -> list[Message]:
    """The turns of version 2's `messages`, or of version 1's preamble, history and message."""
    body = lenient.mapping(lenient.loads(request))
    turns = [Message("system", text)] if (text := lenient.text(body.get("preamble"))) else []
    for message in lenient.mappings(body.get("chat_history")):
        role = lenient.text(message.get("role"))
        turns.append(Message(_ROLES.get(role, role), lenient.text(message.get("message"))))
    for message in lenient.mappings(body.get("messages")):
        turns += _turns(message)
    alone = [body.get("message"), body.get("prompt"), body.get("query")]
    given = body.get("texts")
    texts = given if isinstance(given, list) else []
    return turns + [Message("user", lenient.text(each)) for each in [*alone, *texts] if isinstance(each, str)]


def answered_json(response: bytes) -> list[Message]:
    """The turns of an answer: version 2's message, version 1's text and calls, or the lines of its stream."""
    chunks = of_lines(response)
    if any("event_type" in chunk for chunk in chunks):
        return _streamed(chunks)
    body = chunks[0] if chunks else {}
    if isinstance(body.get("message"), dict):
        return _turns(body["message"])
    if "text" not in body:
        return []
    calls = [_call(call) for call in lenient.mappings(body.get("tool_calls"))]
    return [Message("assistant", lenient.text(body["text"]), calls)]


def answered_stream(response: bytes) -> list[Message]:
    """The turns of a stream of events, also of one that was cut."""
    return _streamed(lenient.mapping(lenient.loads(data)) for _, data in events(response))


def _streamed(chunks: Iterable[dict[str, Any]]) -> list[Message]:
    told = {"plan": "", "thinking": "", "text": ""}
    calls: dict[int, dict[str, str]] = {}
    first: list[dict[str, Any]] = []
    for chunk in chunks:
        if chunk.get("event_type") == "text-generation":
            told["text"] += lenient.text(chunk.get("text"))
        if chunk.get("event_type") == "tool-calls-generation":
            first += lenient.mappings(chunk.get("tool_calls"))
        message = lenient.mapping(lenient.mapping(chunk.get("delta")).get("message"))
        content = lenient.mapping(message.get("content"))
        told["plan"] += lenient.text(message.get("tool_plan"))
        told["thinking"] += lenient.text(content.get("thinking"))
        told["text"] += lenient.text(content.get("text"))
        function = lenient.mapping(lenient.mapping(message.get("tool_calls")).get("function"))
        if function:
            call = calls.setdefault(lenient.count(chunk.get("index")), {"name": "", "arguments": ""})
            for name in call:
                call[name] += lenient.text(function.get(name))
    names = [f"{call['name']} {call['arguments']}".strip() for _, call in sorted(calls.items())]
    return _made(told["plan"] or told["thinking"], told["text"], [*names, *(_call(call) for call in first)])


def _turns(message: dict[str, Any]) -> list[Message]:
    """One message of version 2, behind its plan or its thoughts."""
    role = lenient.text(message.get("role")) or "assistant"
    content = message.get("content")
    if isinstance(content, str):
        content = [{"text": content}]
    parts = lenient.mappings(content)
    thinking = "".join(lenient.text(part.get("thinking")) for part in parts)
    text = "\n".join(_part(part) for part in parts if "thinking" not in part)
    calls = [_call(call) for call in lenient.mappings(message.get("tool_calls"))]
    return _made(lenient.text(message.get("tool_plan")) or thinking, text, calls, role)


def _made(reasoning: str, text: str, calls: list[str], role: str = "assistant") -> list[Message]:
    turns = [Message("reasoning", reasoning)] if reasoning else []
    return [*turns, Message(role, text, calls)] if text or calls or not turns else turns


def _call(call: dict[str, Any]) -> str:
    """A tool call: version 2's function with arguments as text, version 1's name with parameters."""
    function = lenient.mapping(call.get("function"))
    if function:
        return f"{lenient.text(function.get('name'))} {lenient.text(function.get('arguments'))}".strip()
    return f"{lenient.text(call.get('name'))} {lenient.compact(call.get('parameters') or {})}"


def _part(part: dict[str, Any]) -> str:
    if isinstance(part.get("text"), str):
        return lenient.text(part["text"])
    if "document" in part:
        return lenient.compact(lenient.mapping(part["document"]).get("data"))
    kind = lenient.text(part.get("type"))
    return "[image]" if kind == "image_url" else f"[{kind or 'part'}]"
