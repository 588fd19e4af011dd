"""A message of Anthropic's as one document, and as the events of a stream.

Pure. A delta of a kind that is not known here makes the whole untellable: half an answer is none.
https://docs.anthropic.com/en/api/messages-streaming
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

Json = dict[str, Any]

GOOD: Final = frozenset(("end_turn", "tool_use", "stop_sequence"))
_TEXTS: Final = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}
_INPUTS: Final = frozenset(("tool_use", "server_tool_use", "mcp_tool_use"))


def finished(document: Json) -> bool:
    """Whether the message came to its end by itself."""
    return document.get("stop_reason") in GOOD


def joined(events: list[Json]) -> Json | None:
    """The document of a stream's events, None where it did not end or holds what is not known."""
    document: Json = {}
    blocks: dict[int, Json] = {}
    inputs: dict[int, str] = {}
    ended = False
    for event in events:
        kind = event.get("type")
        if kind == "message_start":
            document = dict(event["message"])
        elif kind == "content_block_start":
            blocks[event["index"]] = dict(event["content_block"])
        elif kind == "content_block_delta":
            if not _join(blocks[event["index"]], event["delta"], event["index"], inputs):
                return None
        elif kind == "message_delta":
            _end(document, event)
        elif kind == "message_stop":
            ended = True
        elif kind == "error":
            return None
    for index, text in inputs.items():
        blocks[index]["input"] = msgspec.json.decode(text) if text.strip() else {}
    document["content"] = [block for _, block in sorted(blocks.items())]
    return document if ended else None


def split(document: Json, usage: bool) -> list[Json]:
    """The events of a document: each block begun, brought whole and ended."""
    ending = {"stop_reason": document.get("stop_reason"), "stop_sequence": document.get("stop_sequence")}
    start = {**document, "content": [], "stop_reason": None, "stop_sequence": None}
    used = document.get("usage") or {}
    start["usage"] = {**used, "output_tokens": min(1, used.get("output_tokens") or 0)}
    events: list[Json] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(document.get("content") or ()):
        empty, deltas = _opened(block)
        events.append({"type": "content_block_start", "index": index, "content_block": empty})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    events.append({"type": "message_delta", "delta": ending, "usage": used})
    events.append({"type": "message_stop"})
    return events


def _join(block: Json, delta: Json, index: int, inputs: dict[int, str]) -> bool:
    kind = delta.get("type")
    if kind in _TEXTS:
        name = _TEXTS[kind]
        block[name] = (block.get(name) or "") + delta[name]
    elif kind == "input_json_delta":
        inputs[index] = inputs.get(index, "") + delta["partial_json"]
    elif kind == "citations_delta":
        block["citations"] = [*(block.get("citations") or ()), delta["citation"]]
    else:
        return False
    return True


def _end(document: Json, event: Json) -> None:
    for name, value in event.items():
        if name == "delta":
            document.update(value)
        elif name == "usage":
            known = {key: count for key, count in value.items() if count is not None}
            document["usage"] = {**(document.get("usage") or {}), **known}
        elif name != "type" and value is not None:
            document[name] = value


def _opened(block: Json) -> tuple[Json, list[Json]]:
    """A block as it begins, and the deltas that fill it."""
    empty, deltas = dict(block), list[Json]()
    kind = block.get("type")
    if kind == "text":
        empty["text"] = ""
        if block.get("citations"):
            empty["citations"] = []
        deltas += [{"type": "citations_delta", "citation": each} for each in block.get("citations") or ()]
        if block.get("text"):
            deltas.append({"type": "text_delta", "text": block["text"]})
    elif kind == "thinking":
        empty["thinking"] = ""
        if block.get("thinking"):
            deltas.append({"type": "thinking_delta", "thinking": block["thinking"]})
        if "signature" in block:
            empty["signature"] = ""
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
    elif kind in _INPUTS:
        empty["input"] = {}
        text = msgspec.json.encode(block.get("input") or {}).decode()
        deltas.append({"type": "input_json_delta", "partial_json": text})
    return empty, deltas
