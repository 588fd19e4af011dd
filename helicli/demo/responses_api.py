"""The Responses API's bodies and stream events, as bytes.

Owns how an `Answer` looks at /v1/responses (platform.openai.com/docs/api-reference/responses-streaming): named events,
numbered from 0, the whole response in the first and the last. Pure, as `shapes` is.
"""

from __future__ import annotations

from collections.abc import Iterator

from helicli.demo.answers import Answer, Counts, Json
from helicli.demo.shapes import event, pretty


def response(answer: Answer) -> bytes:
    """The body of /v1/responses."""
    return pretty(_response(answer, "completed", [_item(answer)]))


def response_events(answer: Answer) -> Iterator[bytes]:
    """The stream of /v1/responses."""
    for number, body in enumerate(_events(answer)):
        yield event({"type": body["type"], "sequence_number": number, **body}, named=True)


def _events(answer: Answer) -> Iterator[Json]:
    yield {"type": "response.created", "response": _response(answer, "in_progress", [])}
    yield {"type": "response.in_progress", "response": _response(answer, "in_progress", [])}
    item = _item(answer)
    nothing: Json = {"arguments": ""} if answer.tool else {"content": []}
    opened = {**item, "status": "in_progress", **nothing}
    yield {"type": "response.output_item.added", "output_index": 0, "item": opened}
    yield from _tool_events(answer, item) if answer.tool else _text_events(answer, item)
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    ended = "incomplete" if answer.finish == "length" else "completed"
    yield {"type": f"response.{ended}", "response": _response(answer, "completed", [item])}


def _text_events(answer: Answer, item: Json) -> Iterator[Json]:
    at = {"item_id": item["id"], "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    yield {"type": "response.content_part.added", **at, "part": part}
    for piece in answer.pieces:
        yield {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []}
    yield {"type": "response.output_text.done", **at, "text": answer.text, "logprobs": []}
    yield {"type": "response.content_part.done", **at, "part": {**part, "text": answer.text}}


def _tool_events(answer: Answer, item: Json) -> Iterator[Json]:
    at = {"item_id": item["id"], "output_index": 0}
    for piece in answer.pieces:
        yield {"type": "response.function_call_arguments.delta", **at, "delta": piece}
    arguments = "".join(answer.pieces)
    yield {"type": "response.function_call_arguments.done", **at, "name": answer.tool, "arguments": arguments}


def _item(answer: Answer) -> Json:
    if answer.tool:
        return {
            "id": f"fc_{answer.mark[:48]}",
            "type": "function_call",
            "status": "completed",
            "arguments": "".join(answer.pieces),
            "call_id": f"call_{answer.mark[:24]}",
            "name": answer.tool,
        }
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": answer.text}
    return {
        "id": f"msg_{answer.mark[:48]}",
        "type": "message",
        "status": "completed",
        "content": [part],
        "role": "assistant",
    }


def _response(answer: Answer, status: str, output: list[Json]) -> Json:
    cut = status == "completed" and answer.finish == "length"
    return {
        "id": f"resp_{answer.mark[:48]}",
        "object": "response",
        "created_at": answer.created,
        "status": "incomplete" if cut else status,
        "background": False,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "instructions": None,
        "metadata": {},
        "model": answer.model,
        "output": output,
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "service_tier": "auto" if status == "in_progress" else "default",
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None if status == "in_progress" else _usage(answer.counts),
    }


def _usage(counts: Counts) -> Json:
    return {
        "input_tokens": counts.read,
        "input_tokens_details": {"cached_tokens": counts.cache_read},
        "output_tokens": counts.output,
        "output_tokens_details": {"reasoning_tokens": counts.reasoning},
        "total_tokens": counts.read + counts.output,
    }
