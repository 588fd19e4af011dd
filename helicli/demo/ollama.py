"""Ollama's own interface, as the fake upstream plays it: chat, generate, embed and the list of models.

Owns the shapes of https://github.com/ollama/ollama/blob/main/docs/api.md: a stream unless told otherwise, a JSON value
on each line, counts and times in nanoseconds on the last. Pure: its times are made up.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from helicli.demo.answers import Answer, Ask, Json, compose
from helicli.demo.kin import asked, json_of
from helicli.demo.reply import ARRAY, LINES, RefusedError, Reply
from helicli.demo.seen import Seen
from helicli.demo.shapes import compact, embeddings
from helicli.demo.switches import Switches

MODELS = ("llama3.2:latest", "nomic-embed-text:latest")
_AT = "2026-11-20T12:00:00.000000Z"


def ollama(seen: Seen, path: str, switches: Switches) -> Reply:
    """The answer of a local Ollama."""
    if (seen.method, path) == ("GET", "/api/tags"):
        return Reply(kind=ARRAY, body=compact({"models": [_model(name) for name in MODELS]}))
    if (seen.method, path) == ("GET", "/api/version"):
        return Reply(kind=ARRAY, body=compact({"version": "0.12.6"}))
    if seen.method == "POST" and path in ("/api/chat", "/api/generate"):
        ask = _ask(seen)
        answer = compose(ask, switches.events, switches.size)
        if ask.stream:
            return Reply(kind=LINES, parts=_lines(answer, chat=path == "/api/chat"))
        return Reply(kind=ARRAY, body=compact(_last(answer, _said(answer, answer.text, chat=path == "/api/chat"))))
    if seen.method == "POST" and path == "/api/embed":
        return _embed(asked(seen))
    raise RefusedError(404, "404 page not found")


def error(status: int, text: str, model: str) -> bytes:
    """An error body of Ollama's."""
    busy = "server busy, please try again.  maximum pending requests exceeded"
    usual = busy if status in (429, 503) else f"model '{model}' not found" if status == 404 else "invalid request"
    return compact({"error": text or usual})


def _ask(seen: Seen) -> Ask:
    ask, body = asked(seen), json_of(seen)
    limit = (body.get("options") or {}).get("num_predict")
    return msgspec.structs.replace(ask, stream=body.get("stream") is not False, limit=limit)


def _lines(answer: Answer, *, chat: bool) -> Iterator[bytes]:
    if answer.tool:
        yield compact({**_head(answer), **_said(answer, "", chat=chat), "done": False}) + b"\n"
    else:
        for piece in answer.pieces:
            yield compact({**_head(answer), **_text(piece, chat=chat), "done": False}) + b"\n"
    yield compact(_last(answer, _text("", chat=chat))) + b"\n"


def _head(answer: Answer) -> Json:
    return {"model": answer.model, "created_at": _AT}


def _said(answer: Answer, text: str, *, chat: bool) -> Json:
    said = _text(text, chat=chat)
    if answer.tool and chat:
        call = {"name": answer.tool, "arguments": msgspec.json.decode("".join(answer.pieces))}
        said["message"]["tool_calls"] = [{"function": call}]
    return said


def _text(text: str, *, chat: bool) -> Json:
    return {"message": {"role": "assistant", "content": text}} if chat else {"response": text}


def _last(answer: Answer, said: Json) -> Json:
    counts = answer.counts
    return {
        **_head(answer),
        **said,
        "done": True,
        "done_reason": "length" if answer.finish == "length" else "stop",
        "total_duration": 4_883_583_458,
        "load_duration": 1_334_875,
        "prompt_eval_count": counts.read,
        "prompt_eval_duration": 342_546_000,
        "eval_count": counts.output,
        "eval_duration": 4_535_599_000,
    }


def _embed(ask: Ask) -> Reply:
    made = msgspec.json.decode(embeddings(ask.model, [text for _, text in ask.rows], 256, packed=False), type=Json)
    return Reply(
        kind=ARRAY,
        body=compact(
            {
                "model": ask.model,
                "embeddings": [each["embedding"] for each in made["data"]],
                "total_duration": 14_143_917,
                "load_duration": 1_019_500,
                "prompt_eval_count": made["usage"]["prompt_tokens"],
            }
        ),
    )


def _model(name: str) -> Json:
    details = {"format": "gguf", "family": "llama", "parameter_size": "3.2B", "quantization_level": "Q4_K_M"}
    return {
        "name": name,
        "model": name,
        "modified_at": _AT,
        "size": 2_019_393_189,
        "digest": "a80c",
        "details": details,
    }
