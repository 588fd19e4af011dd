"""Azure OpenAI, as the fake upstream plays it: deployments in the path, a version in the query, filters in the answer.

Owns what is Azure's own in these shapes
(https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference and .../concepts/content-streaming). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from helicli.demo import responses_api
from helicli.demo.answers import Answer, Json, compose
from helicli.demo.kin import Kin, asked, json_of, reply
from helicli.demo.reply import EVENTS, RefusedError, Reply
from helicli.demo.seen import Seen
from helicli.demo.shapes import OPENAI_MODELS, chat_usage, compact
from helicli.demo.switches import Switches

_DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)(/.+)")
_PASSES: Json = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}


def azure(seen: Seen, path: str, switches: Switches) -> Reply:
    """The answer of a resource of Azure's; a deployment without a model's name serves gpt-4o."""
    dated = "api-version=" in seen.path.partition("?")[2]
    if not dated and not path.startswith("/openai/v1/"):
        raise RefusedError(404, "Resource not found")
    if path in ("/openai/responses", "/openai/v1/responses"):
        answer = compose(asked(seen), switches.events, switches.size)
        if asked(seen).stream:
            return Reply(kind=EVENTS, parts=responses_api.response_events(answer))
        return Reply(body=responses_api.response(answer))
    if found := _DEPLOYMENT.fullmatch(path):
        name, rest = found[1], found[2]
        usual = "text-embedding-3-small" if rest == "/embeddings" else "gpt-4o"
        model = name if name in OPENAI_MODELS else usual
        body = msgspec.json.encode({**json_of(seen), "model": model})
        return reply(_KIN, Seen(seen.method, seen.path, seen.headers, body), rest, switches)
    return reply(_KIN, seen, path.removeprefix("/openai/v1").removeprefix("/openai"), switches)


def error(status: int, text: str, model: str) -> bytes:
    """An error body of Azure's."""
    if status == 429:
        text = (
            "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded "
            "token rate limit of your current OpenAI S0 pricing tier. Please retry after 2 seconds."
        )
    if status == 401:
        text = "Access denied due to invalid subscription key or wrong API endpoint."
    return compact({"error": {"code": str(status), "message": text or "The request was not understood."}})


def _chat(body: Json, answer: Answer) -> Json:
    choice = {**body["choices"][0], "content_filter_results": {} if answer.tool else _PASSES}
    return {**body, "choices": [choice], "prompt_filter_results": _prompt_filter()}


def _chunks(chunks: Iterator[Json], answer: Answer, include_usage: bool) -> Iterator[Json]:
    yield {
        "choices": [],
        "created": 0,
        "id": "",
        "model": "",
        "object": "",
        "prompt_filter_results": _prompt_filter(),
    }
    null_usage: Json = {"usage": None} if include_usage else {}
    for chunk in chunks:
        choice = chunk["choices"][0]
        spoken = bool(choice["delta"].get("content"))
        yield {**chunk, "choices": [{**choice, "content_filter_results": _PASSES if spoken else {}}], **null_usage}
    if include_usage:
        yield {**chunk, "choices": [], "usage": chat_usage(answer.counts)}


def _prompt_filter() -> list[Json]:
    return [{"prompt_index": 0, "content_filter_results": _PASSES}]


def _models() -> Json:
    able = {"fine_tune": False, "inference": True, "completion": True, "embeddings": False, "chat_completion": True}
    own = {"object": "model", "created_at": 1_715_367_049, "status": "succeeded", "capabilities": able}
    return {"object": "list", "data": [{"id": name, **own} for name in OPENAI_MODELS]}


_KIN = Kin(_chat, _chunks, lambda body: body, _models)
