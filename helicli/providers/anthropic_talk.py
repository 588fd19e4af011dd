"""Conversations in the anthropic dialect: messages and the old text completions.

Owns how content blocks become turns: thinking and tool results are turns of their own, in their place. What is not
text is shown by its kind in brackets. Never raises. https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from typing import Any

from helicli.providers import lenient
from helicli.providers.facts import Message
from helicli.providers.sse import events


def asked(request: bytes) -> list[Message]:
    """The turns of `system` and `messages`, or of the old `prompt`."""
    body = lenient.mapping(lenient.loads(request))
    turns = _turns("system", body["system"]) if body.get("system") else []
    for message in lenient.mappings(body.get("messages")):
        turns += _turns(lenient.text(message.get("role")) or "user", message.get("content"))
    return turns + ([Message("user", lenient.text(body["prompt"]))] if isinstance(body.get("prompt"), str) else [])


def answered_json(response: bytes) -> list[Message]:
    """The turns of an answer's content."""
    body = lenient.mapping(lenient.loads(response))
    if isinstance(body.get("completion"), str):
        return [Message("assistant", lenient.text(body["completion"]))]
    return _turns(lenient.text(body.get("role")) or "assistant", body["content"]) if "content" in body else []


def answered_stream(response: bytes) -> list[Message]:
    """The turns of a stream's blocks, also of one that was cut."""
    blocks: dict[int, dict[str, Any]] = {}
    completion: list[str] = []
    for _, data in events(response):
        event = lenient.mapping(lenient.loads(data))
        index = lenient.count(event.get("index"))
        if event.get("type") == "content_block_start":
            blocks[index] = dict(lenient.mapping(event.get("content_block")))
        elif event.get("type") == "content_block_delta":
            _add(blocks.setdefault(index, {}), lenient.mapping(event.get("delta")))
        elif isinstance(event.get("completion"), str):
            completion.append(lenient.text(event["completion"]))
    if completion:
        return [Message("assistant", "".join(completion))]
    return _turns("assistant", [block for _, block in sorted(blocks.items())]) if blocks else []


def _add(block: dict[str, Any], delta: dict[str, Any]) -> None:
    """Lays a delta onto its block; the pieces of a tool's input are kept as text until all have come."""
    for name, kind in (("text", "text"), ("thinking", "thinking"), ("partial_json", "tool_use")):
        if isinstance(delta.get(name), str):
            block.setdefault("type", kind)
            block[name] = lenient.text(block.get(name)) + delta[name]


def _turns(role: str, content: Any) -> list[Message]:
    """The turns of one message. Texts of an answer are joined as they are, since citations cut its sentences up."""
    if isinstance(content, str):
        return [Message(role, lenient.text(content))]
    turns: list[Message] = []
    texts: list[str] = []
    calls: list[str] = []

    def close() -> None:
        if texts or calls:
            turns.append(Message(role, ("" if role == "assistant" else "\n").join(texts), list(calls)))
            texts.clear()
            calls.clear()

    for block in lenient.mappings(content):
        kind = lenient.text(block.get("type"))
        if kind in ("thinking", "redacted_thinking"):
            close()
            turns.append(Message("reasoning", lenient.text(block.get("thinking")) or "[redacted]"))
        elif kind.endswith("tool_result"):
            close()
            turns.append(Message("tool", _result(block.get("content"))))
        elif kind.endswith("tool_use"):
            calls.append(_call(block))
        else:
            texts.append(_text(block))
    close()
    return turns


def _call(block: dict[str, Any]) -> str:
    """A tool call; a stream's input that was cut off is shown as far as it came."""
    pieces = lenient.text(block.get("partial_json"))
    return f"{lenient.text(block.get('name'))} {pieces or lenient.compact(block.get('input') or {})}"


def _result(content: Any) -> str:
    if isinstance(content, str):
        return lenient.text(content)
    return "\n".join(_text(block) for block in lenient.mappings(content))


def _text(block: dict[str, Any]) -> str:
    """A block's text, or its kind: [image], [document]."""
    if isinstance(block.get("text"), str):
        return lenient.text(block["text"])
    return f"[{lenient.text(block.get('type')) or 'block'}]"
