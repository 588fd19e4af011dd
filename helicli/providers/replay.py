"""Answers given again: whether one is whole and good, and the same one in another form.

Owns the table of kinds; each module of it makes one JSON document of a stream's events, and events of a document. Pure.
What cannot be told in the form that is wanted, field for field, is None: then the provider is to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

import msgspec

from helicli.caching import ARRAY, EVENTS, JSON
from helicli.providers import questions, replay_chat, replay_generate, replay_messages, replay_responses
from helicli.providers.asking import UsageFilter
from helicli.providers.sse import events

Json = dict[str, Any]

_TYPES: Final = {
    JSON: b"application/json",
    EVENTS: b"text/event-stream; charset=utf-8",
    ARRAY: b"application/json; charset=UTF-8",
}
_START: Final = re.compile(rb"[^ \t\r\n]")
_ODD: Final = (
    msgspec.MsgspecError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
"""What an answer of an unheard-of shape raises. It is not stored, or is asked for anew; more does not come of it."""


class Kind(Protocol):
    """What the module of a kind has. `events` are the data of a stream's events, `[DONE]` left out."""

    def finished(self, document: Json) -> bool: ...

    def joined(self, events: list[Json]) -> Json | None: ...

    def split(self, document: Json, usage: bool) -> list[Json]: ...


KINDS: Final[Mapping[str, Kind]] = {
    questions.CHAT: replay_chat,
    questions.RESPONSES: replay_responses,
    questions.MESSAGES: replay_messages,
    questions.GENERATE: replay_generate,
}


def form_of(body: bytes) -> str:
    """The form an answer has; blanks before it may be many, where a provider keeps a connection alive with them."""
    start = _START.search(body)
    first = start[0] if start else b""
    return JSON if first == b"{" else ARRAY if first == b"[" else EVENTS


def content_type(form: str) -> bytes:
    """The content type of a form."""
    return _TYPES[form]


def is_good(kind: str, form: str, body: bytes) -> bool:
    """Whether an answer came to its end, by a reason that is no failure, no limit and no refusal."""
    try:
        return _good(kind, _document(kind, form, body))
    except _ODD:
        return False


def _good(kind: str, document: Json | None) -> bool:
    if document is None or document.get("error"):
        return False
    if kind == questions.EMBEDDINGS:
        return any(document.get(name) for name in ("data", "embedding", "embeddings"))
    if "embedding" in document or "embeddings" in document:
        return True
    return KINDS[kind].finished(document)


def told(kind: str, body: bytes, form: str, usage_asked: bool, wanted: str, usage: bool) -> bytes | None:
    """A good answer in the form that is wanted, None where it cannot be told so; the same bytes in its own form.

    `usage_asked` says that its stream holds the usage event, `usage` that this is wanted.
    """
    if form == wanted:
        if kind != questions.CHAT or form != EVENTS or usage_asked == usage:
            return body
        return None if usage else _without_usage(body)
    try:
        return _retold(kind, _document(kind, form, body), wanted, usage)
    except _ODD:
        return None


def streamed(kind: str, body: bytes, wanted: str, usage: bool) -> bytes | None:
    """A JSON answer as a stream, also one without usage; None where it is no answer that can be told so."""
    try:
        document = _document(kind, JSON, body)
        return _written(kind, document, wanted, usage) if document and kind in KINDS else None
    except _ODD:
        return None


def _retold(kind: str, document: Json | None, wanted: str, usage: bool) -> bytes | None:
    if document is None or kind not in KINDS or (kind == questions.CHAT and not document.get("usage")):
        return None
    if wanted == JSON:
        return msgspec.json.encode(document)
    return _written(kind, document, wanted, usage)


def _written(kind: str, document: Json, wanted: str, usage: bool) -> bytes:
    parts = KINDS[kind].split(document, usage)
    if wanted == ARRAY:
        return msgspec.json.encode(parts)
    # Events are named where the dialect names them: by their type.
    named = kind in (questions.RESPONSES, questions.MESSAGES)
    written = [_event(part, named) for part in parts]
    return b"".join(written) + (b"data: [DONE]\n\n" if kind == questions.CHAT else b"")


def _document(kind: str, form: str, body: bytes) -> Json | None:
    if form == EVENTS:
        found = [data for _, data in events(body)]
        done = bool(found) and found[-1].strip() == b"[DONE]"
        if kind not in KINDS or (kind == questions.CHAT and not done):
            return None
        return KINDS[kind].joined([_object(data) for data in (found[:-1] if done else found)])
    said = msgspec.json.decode(body)
    if form == ARRAY:
        return KINDS[kind].joined(said) if kind in KINDS else None
    return said if isinstance(said, dict) else None


def _object(data: bytes) -> Json:
    said = msgspec.json.decode(data)
    if not isinstance(said, dict):
        raise TypeError
    return said


def _event(part: Json, named: bool) -> bytes:
    name = b"event: %b\n" % str(part["type"]).encode() if named else b""
    return name + b"data: " + msgspec.json.encode(part) + b"\n\n"


def _without_usage(body: bytes) -> bytes:
    hide = UsageFilter()
    return hide.feed(body) + hide.flush()
