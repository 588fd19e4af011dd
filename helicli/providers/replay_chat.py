"""A chat completion as one document, and as the chunks of a stream.

Pure. Texts that came in pieces are joined, what has an `index` is joined with its like, of all else the last that is
not null counts: so also fields that nobody here has heard of, such as `reasoning_content`, come through.
https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

GOOD: Final = frozenset(("stop", "tool_calls", "function_call"))
_WHOLE: Final = frozenset(("role", "id", "type", "object", "model"))
"""Texts that never come in pieces, though some servers repeat them."""

_STREAMED: Final = frozenset(("choices", "obfuscation"))
"""What of a chunk is no field of the document: `obfuscation` only makes chunks equally long."""


def finished(document: Json) -> bool:
    """Whether every choice came to its end by itself."""
    choices = document.get("choices")
    return bool(choices) and all(choice.get("finish_reason") in GOOD for choice in choices or ())


def joined(events: list[Json]) -> Json | None:
    """The document of a stream's chunks."""
    document: Json = {}
    choices: dict[int, Json] = {}
    for chunk in events:
        for name, value in chunk.items():
            if name not in _STREAMED and (value is not None or name not in document):
                document[name] = value
        for piece in chunk.get("choices") or ():
            choice = choices.setdefault(piece.get("index") or 0, {"index": piece.get("index") or 0, "message": {}})
            for name, value in piece.items():
                if name == "delta":
                    _join(choice["message"], value or {})
                elif name == "logprobs" and isinstance(value, dict) and isinstance(choice.get(name), dict):
                    _join(choice[name], value)
                elif value is not None or name not in choice:
                    choice[name] = value
    document["object"] = "chat.completion"
    document["choices"] = [choice for _, choice in sorted(choices.items())]
    for choice in document["choices"]:
        message = choice["message"]
        if message.get("tool_calls") and message.get("content") == "":
            message["content"] = None
        for call in message.get("tool_calls") or ():
            call.pop("index", None)
    return document


def split(document: Json, usage: bool) -> list[Json]:
    """The chunks of a document: of each choice one with its role, one with what it holds, one with its end."""
    head = {name: value for name, value in document.items() if name not in ("choices", "usage")}
    head["object"] = "chat.completion.chunk"
    null: Json = {"usage": None} if usage else {}
    chunks: list[Json] = []

    def chunk(choice: Json) -> None:
        chunks.append({**head, "choices": [choice], **null})

    for choice in document["choices"]:
        index, message = choice.get("index", 0), dict(choice.get("message") or {})
        probable = {"logprobs": None} if "logprobs" in choice else {}
        first = {"role": message.pop("role", "assistant"), "content": None if message.get("content") is None else ""}
        first |= {name: value for name, value in message.items() if value is None}
        chunk({"index": index, "delta": first, **probable, "finish_reason": None})
        if message.get("tool_calls"):
            calls = enumerate(message["tool_calls"])
            message["tool_calls"] = [{"index": place, **call} for place, call in calls]
        delta = {name: value for name, value in message.items() if value not in (None, [], "")}
        if delta:
            whole = {"logprobs": choice["logprobs"]} if probable else {}
            chunk({"index": index, "delta": delta, **whole, "finish_reason": None})
        rest = {name: value for name, value in choice.items() if name != "message"}
        chunk({**rest, "delta": {}, **probable})
    if usage:
        chunks.append({**head, "choices": [], "usage": document.get("usage")})
    return chunks


def _join(held: Json, more: Json) -> None:
    for name, value in more.items():
        before = held.get(name)
        if before is None or name in _WHOLE:
            if value is not None or name not in held:
                held[name] = _indexed(value) if isinstance(value, list) else value
        elif isinstance(before, str) and isinstance(value, str):
            held[name] = before if name == "name" and before == value else before + value
        elif isinstance(before, dict) and isinstance(value, dict):
            _join(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            _join_lists(before, value)
        elif value is not None:
            held[name] = value


def _indexed(value: list[Any]) -> list[Any]:
    """A first list; two elements of one index are one."""
    held: list[Any] = []
    _join_lists(held, value)
    return held


def _join_lists(held: list[Any], more: list[Any]) -> None:
    for value in more:
        index = value.get("index") if isinstance(value, dict) else None
        like = next((each for each in held if isinstance(each, dict) and each.get("index") == index), None)
        if index is None or like is None:
            held.append(dict(value) if isinstance(value, dict) else value)
        else:
            _join(like, {name: part for name, part in value.items() if name != "index"})
