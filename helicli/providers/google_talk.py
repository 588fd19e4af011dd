"""Conversations in the google dialect: contents and candidates, instances, interactions.

Owns how parts become turns: thoughts and function responses are turns of their own, in their place. What is not text is
shown by its kind in brackets. Never raises. https://ai.google.dev/api/caching#Content
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from helicli.providers import lenient
from helicli.providers.facts import Message
from helicli.providers.lines import of_array
from helicli.providers.sse import events

_ROLES: Final = {"model": "assistant", "function": "tool"}


def asked(request: bytes) -> list[Message]:
    """The turns of the system instruction and of `contents`, of what is embedded, or of an interaction's input."""
    body = lenient.mapping(lenient.loads(request))
    system = body.get("systemInstruction") or body.get("system_instruction")
    turns = [Message("system", text)] if (text := _text(system)) else []
    given = body.get("contents")
    for content in lenient.mappings(given if isinstance(given, list) else [given]):
        turns += _turns(content, "user")
    for single in (body, *lenient.mappings(body.get("requests"))):
        turns += _turns(lenient.mapping(single.get("content")), "user")
    turns += [Message("user", text) for each in lenient.mappings(body.get("instances")) if (text := _instance(each))]
    return turns + _input(body.get("input"))


def answered_json(response: bytes) -> list[Message]:
    """The turns of the first answer, also of one that came as an array of pieces."""
    if response[:64].lstrip().startswith(b"["):
        return _answer(of_array(response)[0])
    return _answer([lenient.mapping(lenient.loads(response))])


def answered_stream(response: bytes) -> list[Message]:
    """The turns of a stream of events, also of one that was cut."""
    return _answer([lenient.mapping(lenient.loads(data)) for _, data in events(response)])


def _answer(chunks: Iterable[dict[str, Any]]) -> list[Message]:
    parts: list[dict[str, Any]] = []
    for chunk in chunks:
        for candidate in lenient.mappings(chunk.get("candidates"))[:1]:
            parts += lenient.mappings(lenient.mapping(candidate.get("content")).get("parts"))
        for step in (*lenient.mappings(chunk.get("outputs")), *lenient.mappings(chunk.get("steps"))):
            parts += lenient.mappings(step.get("content")) or [step]
        if isinstance(chunk.get("delta"), dict):
            parts.append(chunk["delta"])
    return _turns({"parts": parts}, "assistant") if parts else []


def _turns(content: dict[str, Any], role: str) -> list[Message]:
    """The turns of one content; the pieces of an answer's text are joined as they are."""
    role = lenient.text(content.get("role")) or role
    role = _ROLES.get(role, role)
    turns: list[Message] = []
    for part in lenient.mappings(content.get("parts")):
        said = "reasoning" if part.get("thought") is True or part.get("type") == "thought" else role
        if "functionResponse" in part:
            answer = lenient.mapping(part["functionResponse"]).get("response")
            turns.append(Message("tool", lenient.compact(answer)))
            continue
        called = lenient.mapping(part.get("functionCall"))
        calls = [f"{lenient.text(called.get('name'))} {lenient.compact(called.get('args') or {})}"] if called else []
        text = "" if called else _part(part)
        last = turns[-1] if turns else None
        if last is not None and last.role == said and (said == "reasoning" or not (last.tool_calls and text)):
            joint = "\n" if said == "user" and last.text and text else ""
            turns[-1] = Message(said, last.text + joint + text, [*last.tool_calls, *calls])
        elif text or calls:
            turns.append(Message(said, text, calls))
    return turns


def _part(part: dict[str, Any]) -> str:
    """A part's text, or its kind: [image], [audio], [code]."""
    if isinstance(part.get("text"), str):
        return lenient.text(part["text"])
    for name in ("inlineData", "inline_data", "fileData", "file_data"):
        data = lenient.mapping(part.get(name))
        if data:
            kind = lenient.text(data.get("mimeType") or data.get("mime_type")).partition("/")[0]
            return f"[{kind or 'file'}]"
    for name in ("executableCode", "codeExecutionResult"):
        told = lenient.mapping(part.get(name))
        if told:
            return lenient.text(told.get("code")) or lenient.text(told.get("output"))
    return ""


def _text(content: Any) -> str:
    """The text of a system instruction: a content, or a string."""
    if isinstance(content, str):
        return lenient.text(content)
    parts = lenient.mappings(lenient.mapping(content).get("parts"))
    return "\n".join(_part(part) for part in parts)


def _instance(instance: dict[str, Any]) -> str:
    return lenient.text(instance.get("content")) or lenient.text(instance.get("prompt"))


def _input(given: Any) -> list[Message]:
    """The input of an interaction: a text, parts, or turns."""
    if isinstance(given, str):
        return [Message("user", lenient.text(given))]
    turns: list[Message] = []
    for item in lenient.mappings(given):
        content = item.get("content", [item])
        if isinstance(content, str):
            content = [{"text": content}]
        turns += _turns({"role": item.get("role"), "parts": content}, "user")
    return turns
