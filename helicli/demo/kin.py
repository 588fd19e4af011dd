"""What the vendors that took OpenAI's shapes over have in common: their paths, and the road from request to reply.

Owns which path is chat, completions, embeddings or a list of models under a vendor's root. What is different at one of
them stands in a module of its own, as a change to OpenAI's JSON. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from helicli.demo import shapes
from helicli.demo.answers import Answer, Ask, Json, compose, read_ask
from helicli.demo.reply import EVENTS, RefusedError, Reply
from helicli.demo.seen import Seen
from helicli.demo.switches import Switches


class Kin(Struct, frozen=True):
    """One vendor's own ways: `chat` and `chunks` change OpenAI's answer and stream, `embedded` its embeddings.

    `chunks` is also told whether usage was asked for; `models` is the body of the list.
    """

    chat: Callable[[Json, Answer], Json]
    chunks: Callable[[Iterator[Json], Answer, bool], Iterator[Json]]
    embedded: Callable[[Json], Json]
    models: Callable[[], Any]


def reply(kin: Kin, seen: Seen, path: str, switches: Switches) -> Reply:
    """The answer to `path`, which is what stands behind the vendor's root, such as `/chat/completions`."""
    if seen.method == "GET" and path == "/models":
        return Reply(body=shapes.compact(kin.models()))
    if seen.method == "POST" and path == "/chat/completions":
        return _chat(kin, asked(seen), switches)
    if seen.method == "POST" and path == "/embeddings":
        ask = asked(seen)
        packed = json_of(seen).get("encoding_format") == "base64"
        body = shapes.embeddings(ask.model, [text for _, text in ask.rows], 256, packed=packed)
        return Reply(body=shapes.compact(kin.embedded(msgspec.json.decode(body, type=Json))))
    raise RefusedError(404, f"Unknown request URL: {seen.method} {path}")


def _chat(kin: Kin, ask: Ask, switches: Switches) -> Reply:
    answer = compose(ask, switches.events, switches.size)
    if not ask.stream:
        return Reply(body=shapes.compact(kin.chat(msgspec.json.decode(shapes.chat(answer), type=Json), answer)))
    chunks = kin.chunks(_chunks(answer), answer, ask.include_usage)
    return Reply(kind=EVENTS, parts=_events(chunks))


def asked(seen: Seen) -> Ask:
    """The request, read; RefusedError for one that is not JSON or names no model."""
    try:
        ask = read_ask(seen.body)
    except ValueError as error:
        raise RefusedError(400) from error
    if not ask.model:
        raise RefusedError(400, "model: field required")
    return ask


def json_of(seen: Seen) -> Json:
    """The request's body; RefusedError where it is not a JSON object."""
    try:
        return msgspec.json.decode(seen.body, type=Json)
    except msgspec.DecodeError as error:
        raise RefusedError(400) from error


def _chunks(answer: Answer) -> Iterator[Json]:
    """OpenAI's chunks without the usage, which each vendor says in its own place."""
    for each in shapes.chat_events(answer, include_usage=False):
        if each != shapes.DONE:
            yield msgspec.json.decode(each.removeprefix(b"data: "), type=Json)


def _events(chunks: Iterator[Json]) -> Iterator[bytes]:
    for chunk in chunks:
        yield shapes.event(chunk, named=False)
    yield shapes.DONE
