"""Groq, as the fake upstream plays it: chat with times in its usage, and the usage in `x_groq` of the last chunk.

Owns what is Groq's own in these shapes (types of its SDK: completion_usage.py, chat_completion_chunk.py). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator

from helicli.demo.answers import Answer, Json
from helicli.demo.kin import Kin, reply
from helicli.demo.reply import RefusedError, Reply
from helicli.demo.seen import Seen
from helicli.demo.shapes import compact
from helicli.demo.switches import Switches

ROOT = "/openai/v1"
MODELS = ("llama-3.3-70b-versatile", "llama-3.1-8b-instant", "openai/gpt-oss-20b")


def groq(seen: Seen, path: str, switches: Switches) -> Reply:
    """The answer of api.groq.com."""
    if not path.startswith(f"{ROOT}/"):
        raise RefusedError(404, f"Unknown request URL: {seen.method} {path}. Please check the URL for typos.")
    return reply(_KIN, seen, path.removeprefix(ROOT), switches)


def error(status: int, text: str, model: str) -> bytes:
    """An error body of Groq's."""
    if status == 429:
        text = (
            f"Rate limit reached for model `{model}` in organization `org_demo` service tier `on_demand` on tokens per "
            "minute (TPM): Limit 12000, Used 11934, Requested 213. Please try again in 735ms."
        )
        return compact({"error": {"message": text, "type": "tokens", "code": "rate_limit_exceeded"}})
    kind = "invalid_request_error" if status < 500 else "internal_server_error"
    return compact({"error": {"message": text or "The request was not understood.", "type": kind}})


def _chat(body: Json, answer: Answer) -> Json:
    return {**body, "usage": _usage(answer), "x_groq": {"id": _id(answer)}, "service_tier": "on_demand"}


def _chunks(chunks: Iterator[Json], answer: Answer, include_usage: bool) -> Iterator[Json]:
    for number, chunk in enumerate(chunks):
        own = {**chunk, "service_tier": "on_demand"}
        if number == 0:
            own["x_groq"] = {"id": _id(answer)}
        if own["choices"][0]["finish_reason"]:
            own["x_groq"] = {"id": _id(answer), "usage": _usage(answer)}
        yield own
    if include_usage:
        yield {**own, "choices": [], "usage": _usage(answer), "x_groq": None}


def _usage(answer: Answer) -> Json:
    counts = answer.counts
    return {
        "queue_time": 0.018,
        "prompt_tokens": counts.read,
        "prompt_time": 0.0011,
        "completion_tokens": counts.output,
        "completion_time": 0.03,
        "total_tokens": counts.read + counts.output,
        "total_time": 0.0311,
    }


def _id(answer: Answer) -> str:
    return f"req_01{answer.mark[:24]}"


def _models() -> Json:
    own = {"object": "model", "created": 1_733_447_754, "owned_by": "Meta", "active": True, "context_window": 131_072}
    return {"object": "list", "data": [{"id": name, **own} for name in MODELS]}


_KIN = Kin(_chat, _chunks, lambda body: body, _models)
