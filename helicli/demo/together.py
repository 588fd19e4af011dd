"""Together, as the fake upstream plays it: a `text` beside each delta, and the usage in the chunk that ends the text.

Owns what is Together's own in these shapes (types of its SDK: chat_completion.py, chat_completion_chunk.py). Pure.
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
MODELS = ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "deepseek-ai/DeepSeek-V3")


def together(seen: Seen, path: str, switches: Switches) -> Reply:
    """The answer of api.together.ai."""
    if not path.startswith(f"{ROOT}/"):
        raise RefusedError(404, f"{path} is not found")
    return reply(_KIN, seen, path.removeprefix(ROOT), switches)


def error(status: int, text: str, model: str) -> bytes:
    """An error body of Together's."""
    if status == 429:
        text = f"You have reached the rate limit specific to this model {model}. The maximum rate limit is 1 query/sec."
        body = {"message": text, "type": "model_rate_limit", "param": None, "code": None}
    else:
        kind = "invalid_request_error" if status < 500 else "server_error"
        body = {"message": text or "The request was not understood.", "type": kind, "param": None, "code": None}
    return compact({"id": "o4demo", "error": body})


def _chat(body: Json, answer: Answer) -> Json:
    choice = {**body["choices"][0], "seed": _seed(answer), "finish_reason": _finish(answer)}
    choice["message"] = {**choice["message"], "tool_calls": choice["message"].get("tool_calls", [])}
    own = {name: body[name] for name in ("id", "object", "created", "model")}
    return {**own, "prompt": [], "choices": [choice], "usage": _usage(answer)}


def _chunks(chunks: Iterator[Json], answer: Answer, include_usage: bool) -> Iterator[Json]:
    for chunk in chunks:
        own = {name: chunk[name] for name in ("id", "object", "created", "model")}
        choice = chunk["choices"][0]
        delta = {"token_id": 128_009, "role": "assistant", "content": "", "tool_calls": None, **choice["delta"]}
        last = choice["finish_reason"] is not None
        choice = {
            "index": 0,
            "text": delta["content"] or "",
            "logprobs": None,
            "finish_reason": _finish(answer) if last else None,
            "seed": _seed(answer) if last else None,
            "delta": delta,
        }
        yield {**own, "choices": [choice], "usage": _usage(answer) if last else None}


def _finish(answer: Answer) -> str:
    return {"stop": "eos", "length": "length", "tool": "tool_calls"}[answer.finish]


def _seed(answer: Answer) -> int:
    return int(answer.mark[:12], 16)


def _usage(answer: Answer) -> Json:
    counts = answer.counts
    return {
        "prompt_tokens": counts.read,
        "completion_tokens": counts.output,
        "total_tokens": counts.read + counts.output,
        "cached_tokens": counts.cache_read,
    }


def _embedded(body: Json) -> Json:
    """Together does not count the tokens of embeddings."""
    return {"object": "list", "model": body["model"], "data": body["data"]}


def _models() -> list[Json]:
    own = {"object": "model", "created": 1_733_500_000, "type": "chat", "running": False, "organization": "Meta"}
    return [{"id": name, **own, "display_name": name.rpartition("/")[2], "context_length": 131_072} for name in MODELS]


_KIN = Kin(_chat, _chunks, _embedded, _models)
