"""Cohere, as the fake upstream plays it: chat and embeddings of version 2, and the list of models.

Owns the shapes of https://docs.cohere.com/v2/reference/chat and its stream: named events, billed units beside the
tokens that hold its template too, no model in the answer. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from helicli.demo.answers import Answer, Json, compose
from helicli.demo.kin import asked, json_of
from helicli.demo.reply import EVENTS, RefusedError, Reply
from helicli.demo.seen import Seen
from helicli.demo.shapes import compact, embeddings, event
from helicli.demo.switches import Switches

MODELS = ("command-a-03-2025", "embed-v4.0")
_TEMPLATE = 496
"""Tokens that Cohere puts around a prompt and does not charge for."""


def cohere(seen: Seen, path: str, switches: Switches) -> Reply:
    """The answer of api.cohere.com."""
    if (seen.method, path) == ("GET", "/v1/models"):
        listed = [{"name": name, "endpoints": ["chat"], "context_length": 256_000} for name in MODELS]
        return Reply(body=compact({"models": listed, "next_page_token": None}))
    if (seen.method, path) == ("POST", "/v2/chat"):
        ask = asked(seen)
        answer = compose(ask, switches.events, switches.size)
        return Reply(kind=EVENTS, parts=_events(answer)) if ask.stream else Reply(body=compact(_chat(answer)))
    if (seen.method, path) == ("POST", "/v2/embed"):
        return _embed(seen)
    raise RefusedError(404, f"invalid request: {seen.method} {path}")


def error(status: int, text: str, model: str) -> bytes:
    """An error body of Cohere's."""
    if status == 429:
        text = "You are using a Trial key, which is limited to 20 API calls / minute."
    return compact({"id": "00000000-0000-4000-8000-00000000demo", "message": text or "invalid request"})


def _chat(answer: Answer) -> Json:
    message: Json = {"role": "assistant"}
    if answer.tool:
        message |= {"tool_plan": "I will look the weather up.", "tool_calls": [_call(answer, "".join(answer.pieces))]}
    else:
        message["content"] = [{"type": "text", "text": answer.text}]
    return {"id": _id(answer), "finish_reason": _finish(answer), "message": message, "usage": _usage(answer)}


def _events(answer: Answer) -> Iterator[bytes]:
    begun = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield _event("message-start", {"message": begun}, id=_id(answer))
    if answer.tool:
        yield _event("tool-plan-delta", {"message": {"tool_plan": "I will look the weather up."}})
        yield _event("tool-call-start", {"message": {"tool_calls": _call(answer, "")}}, index=0)
        for piece in answer.pieces:
            yield _event("tool-call-delta", {"message": {"tool_calls": {"function": {"arguments": piece}}}}, index=0)
        yield _event("tool-call-end", None, index=0)
    else:
        yield _event("content-start", {"message": {"content": {"type": "text", "text": ""}}}, index=0)
        for piece in answer.pieces:
            yield _event("content-delta", {"message": {"content": {"text": piece}}}, index=0)
        yield _event("content-end", None, index=0)
    yield _event("message-end", {"finish_reason": _finish(answer), "usage": _usage(answer)})


def _event(kind: str, delta: Json | None, **more: object) -> bytes:
    return event({"type": kind, **more, **({"delta": delta} if delta is not None else {})}, named=True)


def _call(answer: Answer, arguments: str) -> Json:
    function = {"name": answer.tool, "arguments": arguments}
    return {"id": f"{answer.tool}_{answer.mark[:12]}", "type": "function", "function": function}


def _finish(answer: Answer) -> str:
    return {"stop": "COMPLETE", "length": "MAX_TOKENS", "tool": "TOOL_CALL"}[answer.finish]


def _usage(answer: Answer) -> Json:
    counts = answer.counts
    return {
        "billed_units": {"input_tokens": counts.read, "output_tokens": counts.output},
        "tokens": {"input_tokens": counts.read + _TEMPLATE, "output_tokens": counts.output + 2},
        "cached_tokens": 0,
    }


def _id(answer: Answer) -> str:
    return f"{answer.mark[:8]}-{answer.mark[8:12]}-4000-8000-{answer.mark[12:24]}"


def _embed(seen: Seen) -> Reply:
    ask, texts = asked(seen), json_of(seen).get("texts") or []
    made = msgspec.json.decode(embeddings(ask.model, texts, 256, packed=False), type=Json)
    vectors = [each["embedding"] for each in made["data"]]
    meta = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": made["usage"]["prompt_tokens"]}}
    body = {"id": "emb-demo", "texts": texts, "embeddings": {"float": vectors}, "meta": meta}
    return Reply(body=compact({**body, "response_type": "embeddings_by_type"}))
