"""Mistral, as the fake upstream plays it: usage in the last chunk, asked or not, and a tool call in one piece.

Owns what is Mistral's own in these shapes (models of its SDK: chatcompletionresponse.py, completionchunk.py,
basemodelcard.py). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from helicli.demo.answers import Answer, Json
from helicli.demo.kin import Kin, reply
from helicli.demo.reply import RefusedError, Reply
from helicli.demo.seen import Seen
from helicli.demo.shapes import compact
from helicli.demo.switches import Switches

ROOT = "/v1"
MODELS = ("mistral-large-latest", "mistral-small-latest", "codestral-latest")


def mistral(seen: Seen, path: str, switches: Switches) -> Reply:
    """The answer of api.mistral.ai."""
    if not path.startswith(f"{ROOT}/"):
        raise RefusedError(404, "no Route matched with those values")
    return reply(_KIN, seen, path.removeprefix(ROOT), switches)


def error(status: int, text: str, model: str) -> bytes:
    """An error body of Mistral's, which is flat."""
    if status == 429:
        body = {"message": "Rate limit exceeded", "type": "rate_limited", "param": None, "code": "1300"}
    else:
        said = text or "The request was not understood."
        body = {"message": said, "type": "invalid_request_error", "param": None, "code": None}
    return compact({"object": "error", **body, "raw_status_code": status})


def _chat(body: Json, answer: Answer) -> Json:
    message = {"role": "assistant", "content": answer.text, "tool_calls": _calls(answer)}
    choice = {"index": 0, "message": message, "finish_reason": body["choices"][0]["finish_reason"]}
    return {**_head(body), "choices": [choice], "usage": _usage(answer)}


def _chunks(chunks: Iterator[Json], answer: Answer, include_usage: bool) -> Iterator[Json]:
    for chunk in chunks:
        choice = chunk["choices"][0]
        delta, finish = choice["delta"], choice["finish_reason"]
        if answer.tool and not finish and "role" not in delta:
            continue
        if finish and answer.tool:
            delta = {"content": "", "tool_calls": _calls(answer)}
        else:
            delta = {**({"role": "assistant"} if "role" in delta else {}), "content": delta.get("content") or ""}
        own = {**_head(chunk), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        yield {**own, "usage": _usage(answer)} if finish else own


def _head(body: Json) -> Json:
    return {**{name: body[name] for name in ("object", "created", "model")}, "id": body["id"].removeprefix("chatcmpl-")}


def _calls(answer: Answer) -> list[Json] | None:
    if not answer.tool:
        return None
    function = {"name": answer.tool, "arguments": "".join(answer.pieces)}
    return [{"id": answer.mark[:9], "function": function, "index": 0}]


def _usage(answer: Answer) -> Json:
    counts = answer.counts
    return {
        "prompt_tokens": counts.read,
        "total_tokens": counts.read + counts.output,
        "completion_tokens": counts.output,
        "prompt_tokens_details": {"cached_tokens": counts.cache_read},
    }


def _embedded(body: Json) -> Json:
    return {"id": "emb-demo", **body, "usage": {**body["usage"], "completion_tokens": 0}}


def _models() -> Json:
    able = {"completion_chat": True, "function_calling": True, "completion_fim": False, "fine_tuning": False}
    own = {"object": "model", "created": 1_750_000_000, "owned_by": "mistralai", "capabilities": able, "type": "base"}
    return {"object": "list", "data": [{"id": name, **own, "max_context_length": 131_072} for name in MODELS]}


_KIN = Kin(_chat, _chunks, _embedded, _models)
