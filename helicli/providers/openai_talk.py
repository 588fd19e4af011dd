"""Conversations in the openai dialect: chat completions, completions, embeddings, images.

Owns how turns stand in its requests, answers and streams; the items of the Responses API are `responses_talk`'s. What
is not text is shown by its kind in brackets. Never raises, never drops a turn for having nothing in it.
"""

from __future__ import annotations

from typing import Any

from helicli.providers import lenient, responses_talk
from helicli.providers.facts import Message
from helicli.providers.responses_talk import content
from helicli.providers.sse import events


def asked(request: bytes) -> list[Message]:
    """The turns of `instructions`, `messages`, `prompt` and `input`, whichever are there."""
    body = lenient.mapping(lenient.loads(request))
    turns = [Message("system", text)] if (text := lenient.text(body.get("instructions"))) else []
    for message in lenient.mappings(body.get("messages")):
        turns += _turns(message)
    turns += _said(body.get("prompt"))
    given = body.get("input")
    if isinstance(given, list) and any(isinstance(item, dict) for item in given):
        return turns + responses_talk.turns(given)
    return turns + _said(given)


def answered_json(response: bytes) -> list[Message]:
    """The turns of an answer: its choices, its output items, its images or its transcript."""
    body = lenient.mapping(lenient.loads(response))
    turns: list[Message] = []
    for choice in lenient.mappings(body.get("choices")):
        message = choice.get("message")
        turns += _turns(message) if isinstance(message, dict) else _said(choice.get("text"), "assistant")
    turns += responses_talk.turns(body.get("output"))
    images = [part for part in lenient.mappings(body.get("data")) if "b64_json" in part or "url" in part]
    turns += [Message("assistant", "[image]")] * len(images)
    return turns + (_said(body.get("text"), "assistant") if not turns else [])


def answered_stream(response: bytes) -> list[Message]:
    """The turns of a stream, also of one that was cut."""
    chunks = [lenient.mapping(lenient.loads(data)) for _, data in events(response)]
    choices: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for choice in lenient.mappings(chunk.get("choices")):
            _add(choices.setdefault(lenient.count(choice.get("index")), {}), choice)
    turns: list[Message] = []
    for _, message in sorted(choices.items()):
        turns += _turns(message)
    return turns + responses_talk.streamed(chunks)


def _said(value: Any, role: str = "user") -> list[Message]:
    """A text or several; a text that came as an array of tokens is shown by their number."""
    if isinstance(value, str):
        return [Message(role, lenient.text(value))]
    if not isinstance(value, list):
        return []
    if value and all(isinstance(item, int) for item in value):
        return [Message(role, f"[{len(value)} tokens]")]
    texts = [item for item in value if isinstance(item, str)]
    rows = [item for item in value if isinstance(item, list)]
    return [Message(role, lenient.text(text)) for text in texts] + [
        Message(role, f"[{len(row)} tokens]") for row in rows
    ]


def _turns(message: dict[str, Any]) -> list[Message]:
    """One message, behind its reasoning where a server of this dialect shows that."""
    reasoning = lenient.text(message.get("reasoning_content")) or lenient.text(message.get("reasoning"))
    thought, said = _thought(message.get("content"))
    reasoning = reasoning or thought
    turns = [Message("reasoning", reasoning)] if reasoning else []
    calls = [_call(call) for call in lenient.mappings(message.get("tool_calls"))]
    if isinstance(message.get("function_call"), dict):
        calls.append(_call(message))
    parts = [content(said), lenient.text(message.get("refusal"))]
    if isinstance(message.get("audio"), dict):
        parts.append(lenient.text(message["audio"].get("transcript")) or "[audio]")
    parts += ["[image]"] * len(lenient.mappings(message.get("images")))
    text = "\n".join(part for part in parts if part)
    return [*turns, Message(lenient.text(message.get("role")) or "assistant", text, calls)]


def _thought(parts: Any) -> tuple[str, Any]:
    """The thinking among the parts of a content, as Mistral has it, and the content without it."""
    thinking = [part for part in lenient.mappings(parts) if part.get("type") == "thinking"]
    if not thinking:
        return "", parts
    return "".join(content(part.get("thinking")) for part in thinking), [p for p in parts if p not in thinking]


def _call(call: dict[str, Any]) -> str:
    """A tool call: `function` with arguments, `custom` with input, or the `function_call` of old."""
    told = lenient.mapping(call.get("function") or call.get("custom") or call.get("function_call"))
    return responses_talk.call(told.get("name"), told.get("arguments") or told.get("input"))


def _add(message: dict[str, Any], choice: dict[str, Any]) -> None:
    """Lays the change that a chunk brings onto the message as it stands."""
    delta = lenient.mapping(choice.get("delta")) or {"content": choice.get("text")}
    message["role"] = lenient.text(delta.get("role")) or message.get("role") or "assistant"
    thought, said = _thought(delta.get("content"))
    _append(message, "reasoning_content", thought or None)
    _append(message, "content", content(said) if isinstance(said, list) else said)
    for name in ("refusal", "reasoning_content", "reasoning"):
        _append(message, name, delta.get(name))
    if isinstance(delta.get("audio"), dict):
        _append(message.setdefault("audio", {}), "transcript", delta["audio"].get("transcript"))
    if isinstance(delta.get("function_call"), dict):
        _add_call(message.setdefault("function_call", {}), delta["function_call"])
    calls = message.setdefault("tool_calls", [])
    for position, call in enumerate(lenient.mappings(delta.get("tool_calls"))):
        index = call.get("index")
        key = index if isinstance(index, int) else position
        known = next((entry for entry in calls if entry["index"] == key), None)
        if known is None:
            known = {"index": key, "function": {}}
            calls.append(known)
        _add_call(known["function"], lenient.mapping(call.get("function") or call.get("custom")))


def _add_call(told: dict[str, Any], delta: dict[str, Any]) -> None:
    _append(told, "name", delta.get("name"))
    _append(told, "arguments", delta.get("arguments") or delta.get("input"))


def _append(told: dict[str, Any], name: str, piece: Any) -> None:
    if isinstance(piece, str):
        told[name] = told.get(name, "") + piece
