"""Usage asked of OpenAI-shaped streams, and hidden again from who did not ask.

Owns the one place where helicli adds to a request and takes from a stream. Every other byte stays as and where it was,
however the bytes arrive. Never re-serialises, and never holds what it can already tell apart.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from helicli.providers import lenient
from helicli.providers.sse import END, data_of

ASKED: Final = b'"include_usage":true'

LIMIT: Final = 16 * 1024
"""Bytes beyond which an event is let through unseen. A usage event has some hundred."""

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN = re.compile(_STRING + rb'|["{}\[\]]', re.DOTALL)
_COLON = re.compile(rb"[ \t\r\n]*+:[ \t\r\n]*+")
_FILLED = re.compile(rb"[ \t\r\n]*+:[ \t\r\n]*+\[[ \t\r\n]*+[^ \t\r\n\]]")
_EMPTY_OBJECT = re.compile(rb"\{[ \t\r\n]*+\}")
_LEAD = re.compile(rb"(?:(?::[^\r\n]*+)?[\r\n])++")
_LINE_END = re.compile(rb"[\r\n]")

_MAYBE = re.compile(rb"\[[ \t]*+[\]\r\n]")
"""What every event with an empty array has in it, also one whose data is spread over lines; few others do."""


class _Request(msgspec.Struct):
    stream: Any = None
    stream_options: Any = UNSET
    messages: Raw = Raw(b"null")
    prompt: Raw = Raw(b"null")
    input: Any = UNSET


class _Chunk(msgspec.Struct):
    choices: Any = None
    usage: Any = None


_request = msgspec.json.Decoder(_Request)
_chunk = msgspec.json.Decoder(_Chunk)


def ask(body: bytes) -> bytes | None:
    """The body with `stream_options.include_usage` inserted, None when there is nothing to be done.

    Only bodies of chat completions and completions are touched, only when they stream and do not say themselves
    whether they want usage. https://platform.openai.com/docs/api-reference/chat/create
    """
    request = lenient.decode(_request, body)
    if request is None or request.stream is not True or not _is_completion(request):
        return None
    options = request.stream_options
    if options is UNSET:
        start = body.index(b"{") + 1
        return body[:start] + b'"stream_options":{' + ASKED + b"}," + body[start:]
    if options is not None and (not isinstance(options, dict) or "include_usage" in options):
        return None
    start = _value_of(body, b'"stream_options"')
    if options is None:
        return body[:start] + b"{" + ASKED + b"}" + body[start + len(b"null") :]
    comma = b"" if _EMPTY_OBJECT.match(body, start) else b","
    return body[: start + 1] + ASKED + comma + body[start + 1 :]


def refused_asking(status: int, body: bytes) -> bool:
    """Whether an upstream refused a request because of what `ask` put in."""
    return status in (400, 422) and (b"include_usage" in body or b"stream_options" in body)


class UsageFilter:
    """Takes the usage event out of a stream: the one with empty `choices` and a `usage` that is not null.

    Azure's first chunk, with empty `choices` and no usage, stays. Comments and blank lines leave at once, an event as
    soon as its `choices` are seen to hold something.
    """

    def __init__(self) -> None:
        self._held = b""  # the beginning of an event that may yet be taken out
        self._tail = b""  # the last bytes let through of an event or comment that has not ended
        self._comment = False

    def feed(self, data: bytes) -> bytes:
        """The bytes that can go on."""
        if not (self._held or self._tail) and data.endswith((b"\n\n", b"\r\n\r\n")) and not _MAYBE.search(data):
            return data
        out: list[bytes] = []
        rest = self._held + data
        self._held = b""
        while rest:
            rest = self._pass_on(rest, out) if self._tail else self._begin(rest, out)
        return b"".join(out)

    def flush(self) -> bytes:
        """What was held when the stream ended: an event without its end, which is not taken out."""
        held, self._held = self._held, b""
        return held

    def _begin(self, rest: bytes, out: list[bytes]) -> bytes:
        """Deals with what stands at the beginning of an event; returns what is left to be dealt with."""
        if lead := _LEAD.match(rest):
            out.append(lead[0])
            return rest[lead.end() :]
        if rest.startswith(b":"):
            self._comment = True
            self._let_go(rest, out)
        elif end := END.search(rest):
            event = rest[: end.end()]
            if not _is_usage(event):
                out.append(event)
            return rest[end.end() :]
        elif len(rest) > LIMIT or _is_filled(rest):
            self._let_go(rest, out)
        else:
            self._held = rest
        return b""

    def _pass_on(self, rest: bytes, out: list[bytes]) -> bytes:
        """Lets through what belongs to an event or comment already begun; returns what is left."""
        known = 0 if self._comment else len(self._tail)
        seen = rest if self._comment else self._tail + rest
        end = (_LINE_END if self._comment else END).search(seen)
        if end is None:
            self._let_go(rest, out)
            return b""
        out.append(rest[: end.end() - known])
        self._tail, self._comment = b"", False
        return rest[end.end() - known :]

    def _let_go(self, rest: bytes, out: list[bytes]) -> None:
        out.append(rest)
        # An end that is not whole yet needs no more of what came before: CR, LF, or LF CR.
        self._tail = (self._tail + rest)[-2:]


def _is_completion(request: _Request) -> bool:
    """Chat has `messages`; a legacy `prompt` is text or an array, where the Responses API has an object there."""
    if bytes(request.messages).startswith(b"["):
        return True
    return request.input is UNSET and bytes(request.prompt).startswith((b'"', b"["))


def _is_usage(event: bytes) -> bool:
    if len(event) > LIMIT or not _MAYBE.search(event):
        return False
    chunk = lenient.decode(_chunk, data_of(event))
    # Where a key stands twice, what was let go piece by piece must be let go whole too.
    return chunk is not None and chunk.choices == [] and chunk.usage is not None and not _is_filled(event)


def _is_filled(event: bytes) -> bool:
    """Whether the beginning of an event shows `choices` with something in them."""
    if b"choices" not in event:
        return False
    data = data_of(event)
    return any(_FILLED.match(data, end) for end in _keys(data, b'"choices"'))


def _value_of(body: bytes, key: bytes) -> int:
    """Where the value of the last such key of an object begins. The key must be there."""
    end = list(_keys(body, key))[-1]
    colon = _COLON.match(body, end)
    assert colon is not None
    return colon.end()


def _keys(data: bytes, key: bytes) -> list[int]:
    """The offsets behind each string at the first level of an object that reads as `key` and has a colon after it."""
    found, depth = [], 0
    for token in _TOKEN.finditer(data):
        sign = token[0]
        if sign in (b"{", b"["):
            depth += 1
        elif sign in (b"}", b"]"):
            depth -= 1
        elif sign == b'"':
            break  # a string that has not ended: nothing behind it is known
        elif depth == 1 and _COLON.match(data, token.end()) and _reads_as(sign, key):
            found.append(token.end())
    return found


def _reads_as(string: bytes, key: bytes) -> bool:
    return string == key or (b"\\" in string and lenient.loads(string) == lenient.loads(key))
