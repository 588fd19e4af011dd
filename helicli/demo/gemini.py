"""Gemini, as the fake upstream plays it: generateContent and its streams, countTokens, embeddings, the list of models.

Owns the shapes of https://ai.google.dev/api/generate-content, of AI Studio and Vertex: a stream is events with
`alt=sse`, else one array; the output figure leaves out the thoughts, which 2.5 and 3 have. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from helicli.demo.answers import Answer, Ask, Json, compose, count_input, tokens
from helicli.demo.kin import json_of
from helicli.demo.reply import ARRAY, EVENTS, RefusedError, Reply
from helicli.demo.seen import Seen
from helicli.demo.shapes import compact, embeddings, event, pretty
from helicli.demo.switches import Switches

MODELS = ("gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.0-flash", "gemini-embedding-001")
CALLED = re.compile(r"/(?:v1|v1beta)/(?:.*/)?(?:tunedModels|models)/([^/:]+):([A-Za-z]+)")
_THOUGHTS = 24
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def gemini(seen: Seen, path: str, switches: Switches) -> Reply:
    """The answer of generativelanguage.googleapis.com, and of Vertex under its longer paths."""
    path = unquote(path)
    if seen.method == "GET" and (listed := re.fullmatch(r"/(?:v1|v1beta)/models(?:/([^/]+))?", path)):
        return _listed(listed[1])
    called = CALLED.fullmatch(path)
    if seen.method != "POST" or called is None:
        raise RefusedError(404, f"The requested URL {path} was not found on this server.")
    model, verb = called[1], called[2]
    body = json_of(seen)
    if verb in ("generateContent", "streamGenerateContent"):
        answer = _thoughtful(compose(_ask(model, body), switches.events, switches.size))
        if verb == "generateContent":
            return Reply(kind=ARRAY, body=pretty(_whole(answer)))
        sse = "alt=sse" in seen.path.partition("?")[2].split("&")
        parts = _events(answer) if sse else _array(answer)
        return Reply(kind=EVENTS if sse else ARRAY, parts=parts)
    if verb == "countTokens":
        asked = body.get("generateContentRequest") or body
        count = count_input(_ask(model, asked))
        return Reply(kind=ARRAY, body=pretty({"totalTokens": count, "promptTokensDetails": _text_tokens(count)}))
    if verb == "embedContent":
        return Reply(kind=ARRAY, body=pretty({"embedding": _embedding(body)}))
    if verb == "batchEmbedContents":
        return Reply(kind=ARRAY, body=pretty({"embeddings": [_embedding(each) for each in body.get("requests", ())]}))
    raise RefusedError(404, f"The requested URL {path} was not found on this server.")


def error(status: int, text: str, model: str) -> bytes:
    """An error body of Google's, with when to come back in its details."""
    body: Json = {"code": status, "message": text or "The request was not understood.", "status": _STATUS.get(status)}
    if status == 429:
        body["message"] = "You exceeded your current quota, please check your plan and billing details."
        body["details"] = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"}]
    return pretty({"error": body})


def _ask(model: str, body: Json) -> Ask:
    """The request in the words of every dialect: contents are turns, the system instruction is one text."""
    turns = body.get("contents")
    rows = [_row(turn) for turn in turns if isinstance(turn, dict)] if isinstance(turns, list) else []
    named = [each.get("name") for tool in body.get("tools") or () for each in tool.get("functionDeclarations") or ()]
    config = body.get("generationConfig") or {}
    return Ask(
        model=model,
        stream=False,
        stream_options=False,
        include_usage=False,
        system=_words(body.get("systemInstruction") or body.get("system_instruction")),
        rows=rows,
        tool=named[0] if named else None,
        limit=config.get("maxOutputTokens"),
        cache_control="",
    )


def _row(turn: Json) -> tuple[str, str]:
    parts = [part for part in turn.get("parts") or () if isinstance(part, dict)]
    returned = any("functionResponse" in part for part in parts)
    role = "tool" if returned else "assistant" if turn.get("role") == "model" else "user"
    return role, _words(turn)


def _words(content: Any) -> str:
    parts = content.get("parts") if isinstance(content, dict) else None
    return "\n".join(part.get("text") or "" for part in parts or () if isinstance(part, dict))


def _thoughtful(answer: Answer) -> Answer:
    if not re.match(r"gemini-(2\.5|3)", answer.model):
        return answer
    return replace(answer, counts=replace(answer.counts, reasoning=_THOUGHTS))


def _whole(answer: Answer) -> Json:
    said = {"functionCall": _call(answer)} if answer.tool else {"text": answer.text}
    return _chunk(answer, said, tokens("".join(answer.pieces)), last=True)


def _stream(answer: Answer) -> Iterator[Json]:
    if answer.tool:
        yield _whole(answer)
        return
    said = 0
    for number, piece in enumerate(answer.pieces, 1):
        said += len(piece)
        yield _chunk(answer, {"text": piece}, -(-said // 4), last=number == len(answer.pieces))


def _chunk(answer: Answer, part: Json, output: int, *, last: bool) -> Json:
    candidate: Json = {"content": {"parts": [part], "role": "model"}}
    if last:
        candidate["finishReason"] = "MAX_TOKENS" if answer.finish == "length" else "STOP"
    usage = _usage(answer, answer.counts.output if last else output)
    head = {"modelVersion": answer.model, "responseId": answer.mark[:22]}
    return {"candidates": [{**candidate, "index": 0}], "usageMetadata": usage, **head}


def _usage(answer: Answer, output: int) -> Json:
    counts = answer.counts
    total = counts.read + output + counts.reasoning
    usage: Json = {"promptTokenCount": counts.read, "candidatesTokenCount": output, "totalTokenCount": total}
    if counts.cache_read:
        usage |= {"cachedContentTokenCount": counts.cache_read, "cacheTokensDetails": _text_tokens(counts.cache_read)}
    usage["promptTokensDetails"] = _text_tokens(counts.read)
    return {**usage, "thoughtsTokenCount": counts.reasoning} if counts.reasoning else usage


def _text_tokens(count: int) -> list[Json]:
    return [{"modality": "TEXT", "tokenCount": count}]


def _call(answer: Answer) -> Json:
    return {"name": answer.tool, "args": msgspec.json.decode("".join(answer.pieces))}


def _events(answer: Answer) -> Iterator[bytes]:
    for chunk in _stream(answer):
        yield event(chunk, named=False).replace(b"\n", b"\r\n")


def _array(answer: Answer) -> Iterator[bytes]:
    lead = b"["
    for chunk in _stream(answer):
        yield lead + msgspec.json.format(compact(chunk), indent=2)
        lead = b",\r\n"
    yield b"\n]\n"


def _embedding(body: Json) -> Json:
    size = body.get("outputDimensionality") or 256
    made = msgspec.json.decode(embeddings("", [_words(body.get("content"))], size, packed=False), type=Json)
    return {"values": made["data"][0]["embedding"]}


def _listed(name: str | None) -> Reply:
    if name is None:
        return Reply(kind=ARRAY, body=pretty({"models": [_model(each) for each in MODELS]}))
    if name not in MODELS:
        raise RefusedError(404, f"Model is not found: models/{name} for api version v1beta")
    return Reply(kind=ARRAY, body=pretty(_model(name)))


def _model(name: str) -> Json:
    verbs = ["embedContent"] if "embedding" in name else ["generateContent", "countTokens"]
    limits = {"inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536}
    return {"name": f"models/{name}", "version": "001", **limits, "supportedGenerationMethods": verbs}
