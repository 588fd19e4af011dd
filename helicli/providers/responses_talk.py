"""Conversations in OpenAI's Responses API: input and output items, and the parts of a content.

Owns how an item becomes a turn and how a stream of item events becomes items. Content parts are told here for the
chat API too. Never raises. https://platform.openai.com/docs/api-reference/responses/object
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from helicli.providers import lenient
from helicli.providers.facts import Message

_KINDS: Final[Mapping[str, str]] = {
    "image_url": "[image]",
    "input_image": "[image]",
    "input_audio": "[audio]",
    "output_audio": "[audio]",
    "input_file": "[file]",
    "computer_screenshot": "[image]",
}

_DELTAS: Final[Mapping[str, str]] = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "text",
    "response.reasoning_text.delta": "text",
    "response.reasoning_summary_text.delta": "text",
    "response.function_call_arguments.delta": "arguments",
    "response.mcp_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "arguments",
}


def content(value: Any) -> str:
    """A content as text: a string, or parts, each on a line of its own; a part that is no text by its kind."""
    if isinstance(value, str):
        return lenient.text(value)
    return "\n".join(told for part in lenient.mappings(value) if (told := _part(part)))


def call(name: Any, arguments: Any) -> str:
    """A tool call as `name arguments`, the arguments as the model wrote them."""
    written = lenient.text(arguments) if isinstance(arguments, str) else lenient.compact(arguments or {})
    return f"{lenient.text(name)} {written}".strip()


def turns(items: Any) -> list[Message]:
    """The turns of input or output items."""
    told: list[Message] = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, str):
            told.append(Message("user", lenient.text(item)))
        elif isinstance(item, dict):
            told += _turn(item)
    return told


def streamed(chunks: list[dict[str, Any]]) -> list[Message]:
    """The turns of a stream's events: of the last response that lists its output, else of the items as they came."""
    for chunk in reversed(chunks):
        output = lenient.mapping(chunk.get("response")).get("output")
        if isinstance(output, list) and output:
            return turns(output)
    items: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        if not str(chunk.get("type")).startswith("response."):
            continue
        place = lenient.count(chunk.get("output_index"))
        if isinstance(chunk.get("item"), dict):
            items[place] = dict(chunk["item"])
        elif (name := _DELTAS.get(chunk["type"])) and isinstance(chunk.get("delta"), str):
            item = items.setdefault(place, {"type": "message"})
            item[f"streamed_{name}"] = item.get(f"streamed_{name}", "") + chunk["delta"]
    return turns([_assembled(item) for _, item in sorted(items.items())])


def _assembled(item: dict[str, Any]) -> dict[str, Any]:
    """An item with the pieces that came for it; one that came finished has none behind it."""
    if "streamed_text" in item:
        return {**item, "content": item["streamed_text"]}
    if "streamed_arguments" in item:
        return {**item, "arguments": item["streamed_arguments"]}
    return item


def _turn(item: dict[str, Any]) -> list[Message]:
    kind = lenient.text(item.get("type")) or "message"
    if kind == "message":
        return [Message(lenient.text(item.get("role")) or "assistant", content(item.get("content")))]
    if kind == "reasoning":
        text = "\n".join(part for name in ("summary", "content") if (part := content(item.get(name))))
        return [Message("reasoning", text)] if text else []
    if kind.endswith("_output"):
        return [Message("tool", content(item.get("output")) or content([item.get("output")]))]
    if kind == "image_generation_call":
        return [Message("assistant", "[image]")]
    if "name" in item:
        arguments = item.get("arguments") or item.get("input")
        return [Message("assistant", "", [call(item["name"], arguments)])]
    return [Message("assistant", f"[{kind}]")]


def _part(part: dict[str, Any]) -> str:
    for name in ("text", "refusal"):
        if isinstance(part.get(name), str):
            return lenient.text(part[name])
    kind = lenient.text(part.get("type"))
    return _KINDS.get(kind) or f"[{kind or 'part'}]"
