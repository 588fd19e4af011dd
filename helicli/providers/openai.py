"""The openai dialect: chat completions, completions, Responses, embeddings, and what else has a model and a usage.

Owns how model, finish reason and error stand in its JSON and its streams, and where its usage does; what a usage means
is `openai_usage`'s. https://platform.openai.com/docs/api-reference
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from helicli.call import Usage
from helicli.providers import lenient
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.providers.openai_usage import usage_of
from helicli.providers.sse import data_of, events, name_of

NULL: Final = Raw(b"null")

ENDINGS: Final = frozenset(
    {
        "chat.completion.done",
        "response.completed",
        "response.failed",
        "response.incomplete",
        "image_generation.completed",
        "image_edit.completed",
        "transcript.text.done",
        "speech.audio.done",
    }
)
"""Types, and Perplexity's object, of the events that end a stream which has no `[DONE]`."""

_ENDING = re.compile(rb"\.(?:completed|done|failed|incomplete)\b")
_MODEL_PART = re.compile(rb'\bname="?model"?\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]{1,200})\r\n--')
_SHORT = 64  # bytes; no `[DONE]` comes in a longer event

_IMAGES = re.compile(r"/images/")
_STANDARD: Final = frozenset({"default", "auto", "standard", "on_demand"})

_MODERATIONS = re.compile(r"/moderations(?:\?|$)")


class _Request(Struct):
    model: Any = None
    stream: Any = None
    user: Any = None


class _Answer(Struct):
    """What is looked at of an answer, a chunk, or an event; what may be large stays unread."""

    object: Any = None
    type: Any = None
    model: Any = None
    status: Any = None
    incomplete_details: Any = None
    error: Any = None
    message: Any = None
    detail: Any = None
    results: Any = None
    service_tier: Any = None
    choices: Raw = NULL
    usage: Raw = NULL
    response: Raw = NULL
    x_groq: Raw = NULL


class _Groq(Struct):
    usage: Raw = NULL


class _Choice(Struct):
    index: Any = None
    finish_reason: Any = None


class _Typed(Struct):
    object: Any = None
    type: Any = None
    error: Any = None


_request = msgspec.json.Decoder(_Request)
_answer = msgspec.json.Decoder(_Answer)
_answers = msgspec.json.Decoder(_Answer | list[_Answer])
_groq = msgspec.json.Decoder(_Groq)
_choices = msgspec.json.Decoder(list[_Choice])
_typed = msgspec.json.Decoder(_Typed)


def read_request(path: str, body: bytes) -> RequestFacts:
    """Model, stream and `user` of a JSON body; of an upload in parts, the model."""
    if body.startswith(b"--"):
        part = _MODEL_PART.search(body)
        return RequestFacts(part[1].decode("ascii", "replace") if part else None)
    said = lenient.decode(_request, body)
    if said is None:
        return RequestFacts()
    return RequestFacts(lenient.word(said.model), said.stream is True, lenient.word(said.user))


def read_usage(path: str, raw: bytes) -> Usage | None:
    """What a usage object, kept as it came, says of a call on this path.

    What the images interface writes are images, which some models do not say.
    """
    usage = usage_of(Raw(raw))
    if usage and usage.output and not usage.output_image and _IMAGES.search(path) and not _told(raw):
        return replace(usage, output_image=usage.output - usage.reasoning)
    return usage


def read_json(path: str, body: bytes) -> ResponseFacts:
    """The facts of an answer that is one JSON value. Google's servers of this dialect put errors in an array.

    Moderation counts no tokens: one that says nothing of them used none; and what is only counted was not used.
    https://github.com/openai/openai-node/blob/main/src/resources/beta/responses/input-tokens.ts
    https://developers.openai.com/api/reference/resources/responses/subresources/input_tokens/methods/count
    """
    said = lenient.decode(_answers, body)
    if isinstance(said, list):
        said = said[0] if said else _Answer()
    if said is None:
        return ResponseFacts(complete=lenient.loads(body) is not None)
    usage = read_usage(path, bytes(said.usage))
    moderated = said.results is not None and _MODERATIONS.search(path)
    if usage is None and (moderated or said.object == "response.input_tokens"):
        usage = Usage()
    return ResponseFacts(lenient.word(said.model), _finish(said), usage, _error(said), mode=_mode(said) or "")


def read_stream(path: str, body: bytes) -> ResponseFacts:
    """The facts of a stream: the first model, the last usage and finish reason. An `error` event completes nothing."""
    model = finish = error = usage = mode = None
    complete = False
    for _, data in events(body):
        if data.strip() == b"[DONE]":
            complete = True
            continue
        said = lenient.decode(_answer, data)
        if said is None:
            continue
        error = _error(said) or error
        if bytes(said.response) != b"null":
            ending = _is_ending(said.type)
            said = lenient.decode(_answer, said.response) or _Answer()
            error = _error(said) or error
            finish = _finish(said) if ending else None
            complete = complete or ending
        elif _is_ending(said.type):
            complete = True
        elif _is_ending(said.object):
            complete = True
            finish = _finish(said) or finish
        else:
            finish = _finish(said) or finish
        model = model or lenient.word(said.model)
        usage = read_usage(path, bytes(said.usage)) or _of_groq(said.x_groq) or usage
        mode = _mode(said) if said.service_tier else mode
    return ResponseFacts(model, finish, usage, error, complete, mode or "")


def ends(event: bytes) -> bool:
    """Whether this event ends its stream."""
    if len(event) < _SHORT and b"[DONE]" in event and data_of(event).strip() == b"[DONE]":
        return True
    if event.startswith((b"event: error", b"event:error")) and name_of(event) == b"error":
        return True
    # A quote inside a text is escaped: what has neither of these keys needs no parsing.
    if b'"error"' not in event and not ((b'"type"' in event or b'"object"' in event) and _ENDING.search(event)):
        return False
    said = lenient.decode(_typed, data_of(event))
    return said is not None and (
        bool(said.error) or said.type == "error" or _is_ending(said.type) or _is_ending(said.object)
    )


def _mode(said: _Answer) -> str | None:
    """The service tier that the answer says it was served in; that of the standard has no name of its own here."""
    tier = lenient.word(said.service_tier)
    return "" if tier in _STANDARD else tier


def _told(raw: bytes) -> bool:
    """Whether a usage says what was written."""
    return b'"output_tokens_details"' in raw


def _is_ending(kind: Any) -> bool:
    return isinstance(kind, str) and kind in ENDINGS


def _finish(said: _Answer) -> str | None:
    """Of choice 0; of a response, why it is incomplete, or its status."""
    if said.object == "response":
        return lenient.word(lenient.mapping(said.incomplete_details).get("reason")) or lenient.word(said.status)
    for choice in lenient.decode(_choices, said.choices) or ():
        if not choice.index:
            return lenient.word(choice.finish_reason)
    return None


def _error(said: _Answer) -> str | None:
    error = said.error
    if isinstance(error, dict):
        for name in ("message", "code", "type"):
            if found := lenient.word(error.get(name)):
                return found
    if error:
        return lenient.word(error) or lenient.compact(error)
    if said.object == "error" or said.type == "error":
        return lenient.word(said.message)
    return lenient.word(said.detail)


def _of_groq(raw: Raw) -> Usage | None:
    """The usage that Groq puts into the last chunk, asked or not."""
    said = lenient.decode(_groq, raw) if bytes(raw) != b"null" else None
    return usage_of(said.usage) if said else None
