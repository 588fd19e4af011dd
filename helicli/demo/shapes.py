"""The bodies and stream events of the two dialects, as bytes.

Owns how an `Answer` looks on the wire: chat and legacy completions (platform.openai.com/docs/api-reference), messages
(docs.anthropic.com/en/api), embeddings, files and model lists. Pure: the same answer gives the same bytes. Nothing here
decides what is said.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

import msgspec

from helicli.demo.answers import Answer, Counts, Json

DONE: Final = b"data: [DONE]\n\n"
FINGERPRINT: Final = "fp_a288987b44"
OPENAI_MODELS: Final = ("gpt-4o", "gpt-4o-mini", "o4-mini", "text-embedding-3-small", "gpt-3.5-turbo-instruct")
ANTHROPIC_MODELS: Final = ("claude-sonnet-4-20250514", "claude-opus-4-20250514", "claude-3-5-haiku-20241022")
BLOCK: Final = bytes(range(256)) * 256


def pretty(body: Json) -> bytes:
    """JSON as OpenAI sends it where it does not stream: indented by two."""
    return msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"


def compact(body: Json) -> bytes:
    """JSON without spaces, as Anthropic sends it and as it stands in events."""
    return msgspec.json.encode(body)


def event(body: Json, *, named: bool) -> bytes:
    """One server-sent event, with the body's `type` as its name where the dialect names events."""
    name = f"event: {body['type']}\n".encode() if named else b""
    return name + b"data: " + compact(body) + b"\n\n"


def chat(answer: Answer) -> bytes:
    """The body of /v1/chat/completions."""
    message: Json = {"role": "assistant", "content": answer.text or None, "refusal": None, "annotations": []}
    if answer.tool:
        message["tool_calls"] = [_chat_tool(answer, "".join(answer.pieces))]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _chat_finish(answer)}
    head = _chat_head(answer, "chat.completion")
    return pretty({**head, "choices": [choice], "usage": chat_usage(answer.counts), **_CHAT_TAIL})


def chat_events(answer: Answer, *, include_usage: bool) -> Iterator[bytes]:
    """The stream of /v1/chat/completions; with `include_usage` every chunk has `usage`, null save in the last."""
    head = {**_chat_head(answer, "chat.completion.chunk"), **_CHAT_TAIL}
    null_usage: Json = {"usage": None} if include_usage else {}

    def chunk(delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**head, "choices": [choice], **null_usage}, named=False)

    if answer.tool:
        first = {"index": 0, **_chat_tool(answer, "")}
        yield chunk({"role": "assistant", "content": None, "tool_calls": [first], "refusal": None})
        for piece in answer.pieces:
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    else:
        yield chunk({"role": "assistant", "content": "", "refusal": None})
        for piece in answer.pieces:
            yield chunk({"content": piece})
    yield chunk({}, _chat_finish(answer))
    if include_usage:
        yield event({**head, "choices": [], "usage": chat_usage(answer.counts)}, named=False)
    yield DONE


def chat_usage(counts: Counts) -> Json:
    """OpenAI's usage object: its input figure includes what was read from the cache."""
    return {
        "prompt_tokens": counts.read,
        "completion_tokens": counts.output,
        "total_tokens": counts.read + counts.output,
        "prompt_tokens_details": {"cached_tokens": counts.cache_read, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": counts.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def completion(answer: Answer) -> bytes:
    """The body of /v1/completions."""
    choice = {"text": answer.text, "index": 0, "logprobs": None, "finish_reason": answer.finish}
    return pretty({**_completion_head(answer), "choices": [choice], "usage": chat_usage(answer.counts)})


def completion_events(answer: Answer, *, include_usage: bool) -> Iterator[bytes]:
    """The stream of /v1/completions."""
    null_usage: Json = {"usage": None} if include_usage else {}
    texts = [*((piece, None) for piece in answer.pieces), ("", answer.finish)]
    for text, finish in texts:
        choice = {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}
        yield event({**_completion_head(answer), "choices": [choice], **null_usage}, named=False)
    if include_usage:
        yield event({**_completion_head(answer), "choices": [], "usage": chat_usage(answer.counts)}, named=False)
    yield DONE


def message(answer: Answer) -> bytes:
    """The body of /v1/messages."""
    block: Json = {"type": "text", "text": answer.text}
    if answer.tool:
        block = {**_tool_use(answer), "input": msgspec.json.decode("".join(answer.pieces))}
    usage = message_usage(answer.counts)
    return compact({**_message_head(answer), "content": [block], **_stop(answer), "usage": usage})


def message_events(answer: Answer) -> Iterator[bytes]:
    """The stream of /v1/messages."""
    counts = answer.counts
    start = {**_message_head(answer), "content": [], "stop_reason": None, "stop_sequence": None}
    start["usage"] = {**message_usage(counts), "output_tokens": 1}
    yield event({"type": "message_start", "message": start}, named=True)
    block = {**_tool_use(answer), "input": {}} if answer.tool else {"type": "text", "text": ""}
    yield event({"type": "content_block_start", "index": 0, "content_block": block}, named=True)
    yield event({"type": "ping"}, named=True)
    for piece in answer.pieces:
        if answer.tool:
            delta = {"type": "input_json_delta", "partial_json": piece}
        else:
            delta = {"type": "text_delta", "text": piece}
        yield event({"type": "content_block_delta", "index": 0, "delta": delta}, named=True)
    yield event({"type": "content_block_stop", "index": 0}, named=True)
    used = {"output_tokens": counts.output}
    yield event({"type": "message_delta", "delta": _stop(answer), "usage": used}, named=True)
    yield event({"type": "message_stop"}, named=True)


def message_usage(counts: Counts) -> Json:
    """Anthropic's usage object: its input figure excludes what was read from and written to the cache."""
    return {
        "input_tokens": counts.input,
        "cache_creation_input_tokens": counts.cache_write_5m + counts.cache_write_1h,
        "cache_read_input_tokens": counts.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": counts.cache_write_5m,
            "ephemeral_1h_input_tokens": counts.cache_write_1h,
        },
        "output_tokens": counts.output,
        "service_tier": "standard",
    }


def embeddings(model: str, texts: list[str], dimensions: int, *, packed: bool) -> bytes:
    """The body of /v1/embeddings: unit vectors of hashed words, so that like texts lie near each other.

    `packed` is the encoding_format base64 (little-endian float32), which the SDKs ask for.
    """
    data = []
    for index, text in enumerate(texts):
        vector = _vector(text, dimensions)
        shown = base64.b64encode(struct.pack(f"<{dimensions}f", *vector)).decode() if packed else vector
        data.append({"object": "embedding", "index": index, "embedding": shown})
    used = sum(max(1, len(text) // 4) for text in texts)
    usage = {"prompt_tokens": used, "total_tokens": used}
    return pretty({"object": "list", "data": data, "model": model, "usage": usage})


def model(name: str) -> Json:
    """One model as OpenAI lists it."""
    return {"id": name, "object": "model", "created": 1_715_367_049, "owned_by": "system"}


def models() -> bytes:
    """The body of OpenAI's /v1/models."""
    return pretty({"object": "list", "data": [model(name) for name in OPENAI_MODELS]})


def anthropic_model(name: str) -> Json:
    """One model as Anthropic lists it."""
    shown = re.sub(r"-\d{8}$", "", name).replace("-", " ").title()
    return {"type": "model", "id": name, "display_name": shown, "created_at": "2025-05-22T00:00:00Z"}


def anthropic_models() -> bytes:
    """The body of Anthropic's /v1/models."""
    data = [anthropic_model(name) for name in ANTHROPIC_MODELS]
    ends = {"first_id": ANTHROPIC_MODELS[0], "last_id": ANTHROPIC_MODELS[-1]}
    return compact({"data": data, "has_more": False, **ends})


def file(form: bytes) -> bytes:
    """The body of POST /v1/files, for a multipart form; `bytes` counts its file's content."""
    name = re.search(rb'filename="([^"]*)"', form)
    purpose = re.search(rb'name="purpose"\r\n\r\n([^\r]*)', form)
    parts = form.split(form.partition(b"\r\n")[0])
    content = next((part for part in parts if b'filename="' in part), b"").partition(b"\r\n\r\n")[2]
    return pretty(
        {
            "object": "file",
            "id": f"file-{hashlib.sha256(form).hexdigest()[:22]}",
            "purpose": purpose[1].decode() if purpose else "user_data",
            "filename": name[1].decode() if name else "upload",
            "bytes": len(content.removesuffix(b"\r\n")),
            "created_at": 1_750_000_000,
            "expires_at": None,
            "status": "processed",
            "status_details": None,
        }
    )


def binary(size: int) -> Iterator[bytes]:
    """`size` bytes in blocks of 64 KB, every value 0 … 255 in turn."""
    for start in range(0, size, len(BLOCK)):
        yield BLOCK[: size - start]


_CHAT_TAIL: Final = {"service_tier": "default", "system_fingerprint": FINGERPRINT}


def _chat_head(answer: Answer, kind: str) -> Json:
    return {"id": f"chatcmpl-{answer.mark[:29]}", "object": kind, "created": answer.created, "model": answer.model}


def _chat_finish(answer: Answer) -> str:
    return "tool_calls" if answer.tool else answer.finish


def _chat_tool(answer: Answer, arguments: str) -> Json:
    function = {"name": answer.tool, "arguments": arguments}
    return {"id": f"call_{answer.mark[:24]}", "type": "function", "function": function}


def _completion_head(answer: Answer) -> Json:
    return {
        "id": f"cmpl-{answer.mark[:29]}",
        "object": "text_completion",
        "created": answer.created,
        "model": answer.model,
    }


def _message_head(answer: Answer) -> Json:
    return {"id": f"msg_01{answer.mark[:22]}", "type": "message", "role": "assistant", "model": answer.model}


def _tool_use(answer: Answer) -> Json:
    return {"type": "tool_use", "id": f"toolu_01{answer.mark[:22]}", "name": answer.tool}


def _stop(answer: Answer) -> Json:
    reason = {"tool": "tool_use", "length": "max_tokens", "stop": "end_turn"}[answer.finish]
    return {"stop_reason": reason, "stop_sequence": None}


def _vector(text: str, dimensions: int) -> list[float]:
    sums = [0.0] * dimensions
    for word in re.findall(r"\w+", text.lower()) or [text]:
        hashed = zlib.crc32(word.encode())
        sums[hashed % dimensions] += 1.0 if hashed & 0x10000 else -1.0
    length = math.sqrt(sum(value * value for value in sums)) or 1.0
    return [value / length for value in sums]
