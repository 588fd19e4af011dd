"""Which calls ask a question whose answer may be given again, and what of them is the question.

Pure. Owns the paths, the parts of a body that only say how an answer is to come, and the same of a URL; two calls that
differ in nothing else ask the same. What is no JSON, or goes on from an answer of the past, is no such question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.caching import ARRAY, EVENTS, JSON

CHAT: Final = "chat"
RESPONSES: Final = "responses"
MESSAGES: Final = "messages"
EMBEDDINGS: Final = "embeddings"
GENERATE: Final = "generate"

_KINDS: Final = (
    (CHAT, re.compile(r"/chat/completions$")),
    (RESPONSES, re.compile(r"/responses$")),
    (MESSAGES, re.compile(r"^(?!.*/threads/[^/]+/messages$).*/messages$")),
    (EMBEDDINGS, re.compile(r"/embeddings$")),
    (GENERATE, re.compile(r":(?:generateContent|streamGenerateContent|embedContent|batchEmbedContents)$")),
)
_STATEFUL: Final = ("previous_response_id", "conversation", "background")
_STREAMING: Final = re.compile(r":streamGenerateContent(?=\?|$)")
_ALT: Final = re.compile(r"(?<=[?&])(?:\$|%24)?alt=([^&]*)(?:&|$)")
"""The form of an answer of Google's: https://cloud.google.com/apis/docs/system-parameters"""
_FORMS: Final[Mapping[tuple[bool | str, ...], str]] = MappingProxyType(
    {(False,): JSON, (False, "json"): JSON, (True,): ARRAY, (True, "json"): ARRAY, (True, "sse"): EVENTS}
)
"""By whether a stream is asked for, and in which form; for none of the others."""


class Question(Struct, frozen=True):
    """What is asked: `body` and `url` say the same for all who ask the same, in whatever form they want the answer.

    `usage` says that a stream is to hold its usage event.
    """

    kind: str
    url: str
    body: bytes
    form: str
    usage: bool


def kind_of(dialect: str, path: str) -> str | None:
    """The kind of question that is asked at an upstream path, with or without its query; None for all else."""
    if dialect == "other":
        return None
    bare = path.partition("?")[0]
    return next((kind for kind, mark in _KINDS if mark.search(bare)), None)


def question(kind: str, url: str, body: bytes, ignored: tuple[str, ...]) -> Question | None:
    """The question of a body, already decoded, without its ignored keys; None where it is none."""
    said = _read(body)
    if said is None or (kind == RESPONSES and any(said.get(name) for name in _STATEFUL)):
        return None
    wanted = _form(kind, url, said)
    if wanted is None:
        return None
    try:
        for key in ignored:
            _without(said, key.split("."))
        # Keys in one order, numbers and spaces written one way, whichever SDK wrote them.
        body = msgspec.json.encode(said, order="deterministic")
    except (RecursionError, OverflowError):
        return None
    return Question(kind, _plain(kind, url), body, *wanted)


def form(kind: str, url: str, body: bytes) -> tuple[str, bool] | None:
    """The form that a body wants its answer in, question or not, and whether a stream is to hold its usage event."""
    said = _read(body)
    return None if said is None else _form(kind, url, said)


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _form(kind: str, url: str, said: dict[str, Any]) -> tuple[str, bool] | None:
    """The form that is wanted, taken out of the body; None where what says so is no truth value, and up to guesses."""
    if kind == GENERATE:
        found = _FORMS.get((_STREAMING.search(url) is not None, *_ALT.findall(url)))
        return None if found is None else (found, False)
    if kind == EMBEDDINGS:
        return JSON, False
    stream = said.pop("stream", None)
    options = said.get("stream_options")
    usage = options.pop("include_usage", None) if isinstance(options, dict) else None
    if not options:
        said.pop("stream_options", None)
    if not (_is_truth(stream) and _is_truth(usage)):
        return None
    return (EVENTS, usage is True) if stream else (JSON, False)


def _is_truth(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _plain(kind: str, url: str) -> str:
    if kind != GENERATE:
        return url
    return _ALT.sub("", _STREAMING.sub(":generateContent", url)).rstrip("?&")


def _without(value: Any, path: list[str]) -> None:
    """Take the key at a path out; a list on the way stands for each of its elements."""
    if isinstance(value, list):
        for each in value:
            _without(each, path)
    elif isinstance(value, dict):
        if len(path) == 1:
            value.pop(path[0], None)
        elif path[0] in value:
            _without(value[path[0]], path[1:])
