"""A response of the Responses API as one document, and as the events of a stream.

Pure. The last event of a stream holds the whole; the others are made anew from it, each item and each of its parts
begun, brought whole and ended. https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]

_PARTS: Final = {"output_text": ("output_text", "text"), "refusal": ("refusal", "refusal")}
_ARGUMENTS: Final = {
    "function_call": ("function_call_arguments", "arguments"),
    "mcp_call": ("mcp_call_arguments", "arguments"),
    "custom_tool_call": ("custom_tool_call_input", "input"),
}


def finished(document: Json) -> bool:
    """Whether the response is complete, and every item of it."""
    items = document.get("output") or ()
    whole = all(item.get("status") in (None, "completed") for item in items)
    return document.get("status") == "completed" and whole


def joined(events: list[Json]) -> Json | None:
    """The document of a stream's events, None where it was not completed."""
    last = next((event for event in reversed(events) if event.get("type") == "response.completed"), None)
    if last is None:
        return None
    document = dict(last["response"])
    if not document.get("output"):
        done = {e["output_index"]: e["item"] for e in events if e.get("type") == "response.output_item.done"}
        document["output"] = [item for _, item in sorted(done.items())]
    return document


def split(document: Json, usage: bool) -> list[Json]:
    """The events of a document, numbered from 0."""
    return [{**event, "sequence_number": number} for number, event in enumerate(_events(document))]


def _events(document: Json) -> Iterator[Json]:
    opened = {**document, "status": "in_progress", "output": [], "usage": None}
    if "completed_at" in opened:
        opened["completed_at"] = None
    yield {"type": "response.created", "response": opened}
    yield {"type": "response.in_progress", "response": opened}
    for index, item in enumerate(document.get("output") or ()):
        at = {"item_id": item.get("id"), "output_index": index}
        yield {"type": "response.output_item.added", "output_index": index, "item": _opened(item)}
        yield from _filling(item, at)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": document}


def _filling(item: Json, at: Json) -> Iterator[Json]:
    kind = item.get("type")
    if kind in _ARGUMENTS:
        event, name = _ARGUMENTS[kind]
        text = item.get(name) or ""
        yield {"type": f"response.{event}.delta", **at, "delta": text}
        yield {"type": f"response.{event}.done", **at, name: text}
    for index, part in enumerate(item.get("summary") or () if kind == "reasoning" else ()):
        place = {**at, "summary_index": index}
        yield {"type": "response.reasoning_summary_part.added", **place, "part": {**part, "text": ""}}
        yield {"type": "response.reasoning_summary_text.delta", **place, "delta": part.get("text", "")}
        yield {"type": "response.reasoning_summary_text.done", **place, "text": part.get("text", "")}
        yield {"type": "response.reasoning_summary_part.done", **place, "part": part}
    for index, part in enumerate(item.get("content") or () if kind == "message" else ()):
        yield from _part(part, {**at, "content_index": index})


def _part(part: Json, at: Json) -> Iterator[Json]:
    event, name = _PARTS.get(str(part.get("type")), ("", ""))
    if not event:
        yield {"type": "response.content_part.added", **at, "part": part}
        yield {"type": "response.content_part.done", **at, "part": part}
        return
    told: Json = {"logprobs": part.get("logprobs") or []} if name == "text" else {}
    empty: Json = {"annotations": [], "logprobs": []} if name == "text" else {}
    yield {"type": "response.content_part.added", **at, "part": {**part, **empty, name: ""}}
    yield {"type": f"response.{event}.delta", **at, "delta": part.get(name, ""), **told}
    for index, note in enumerate(part.get("annotations") or ()):
        added = "response.output_text.annotation.added"
        yield {"type": added, **at, "annotation_index": index, "annotation": note}
    yield {"type": f"response.{event}.done", **at, name: part.get(name, ""), **told}
    yield {"type": "response.content_part.done", **at, "part": part}


def _opened(item: Json) -> Json:
    """An item as it begins."""
    opened = dict(item)
    if "status" in item:
        opened["status"] = "in_progress"
    kind = item.get("type")
    if kind in _ARGUMENTS:
        opened[_ARGUMENTS[kind][1]] = ""
    elif kind in ("message", "reasoning"):
        opened.update({name: [] for name in ("content", "summary") if item.get(name)})
    return opened
