"""What is read from a call: the only entry for readers.

Owns the table of dialects; one more is one more module with the functions of `Reader` and a line in `READERS`. A
dialect that is not in it, such as "other", reads as nothing. `dialect` is always the provider's; where a path speaks
another, that one's reader is taken. No function here raises, whatever the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import unquote

from msgspec.structs import replace

from helicli.call import Usage
from helicli.providers import anthropic, cohere, google, lenient, ollama, openai
from helicli.providers.conversation import answered, asked
from helicli.providers.dialects import spoken
from helicli.providers.estimate import tokens_answered, tokens_asked
from helicli.providers.facts import RequestFacts, ResponseFacts
from helicli.providers.sse import Splitter, is_stream

__all__ = [
    "RequestFacts",
    "ResponseFacts",
    "asks_a_model",
    "estimate_usage",
    "has_ended",
    "is_terminal",
    "model_in_path",
    "read_request",
    "read_response",
    "read_usage",
]

_ASKS_NOTHING: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
"""Methods that ask no model: usage in their answers, such as of a stored response, is that of an earlier call."""
_CANCELS: Final = re.compile(r"[/:]cancel$")
"""Paths that ask no model either: they stop a response or a batch and answer with it. Google's are verbs."""
_NAMED = re.compile(r"/(?:deployments|models)/([^/:]+)")
_ARRAY_END = re.compile(rb"\}\s*\]\s*$")


class Reader(Protocol):
    """What the module of a dialect has."""

    def read_request(self, path: str, body: bytes) -> RequestFacts: ...

    def read_json(self, path: str, body: bytes) -> ResponseFacts: ...

    def read_stream(self, path: str, body: bytes) -> ResponseFacts: ...

    def read_usage(self, path: str, raw: bytes) -> Usage | None: ...

    def ends(self, event: bytes) -> bool: ...


READERS: Final[Mapping[str, Reader]] = {
    "openai": openai,
    "anthropic": anthropic,
    "google": google,
    "cohere": cohere,
    "ollama": ollama,
}


def asks_a_model(method: str, path: str) -> bool:
    """Whether a call can use tokens of its own. `path` has no query."""
    return method not in _ASKS_NOTHING and not _CANCELS.search(path)


def read_request(dialect: str, path: str, body: bytes) -> RequestFacts:
    """What a request body, already decoded, says. `path` is that of the upstream, with its query if it has one."""
    reader = READERS.get(spoken(dialect, path))
    return reader.read_request(path, body) if reader else RequestFacts()


def read_response(dialect: str, path: str, content_type: str, body: bytes) -> ResponseFacts:
    """What a response body, already decoded, says: JSON, lines of JSON, or a stream of events.

    What is none of them, such as audio or a page, reads as nothing and is complete.
    """
    reader = READERS.get(spoken(dialect, path))
    if reader is None:
        return ResponseFacts()
    if is_stream(content_type, body):
        return reader.read_stream(path, body)
    if "json" in content_type.lower() or body[:64].lstrip().startswith((b"{", b"[")):
        return reader.read_json(path, body)
    return ResponseFacts()


def read_usage(dialect: str, path: str, raw: bytes) -> Usage | None:
    """The counts in a provider's own usage object, as a reader of this dialect has kept it."""
    reader = READERS.get(spoken(dialect, path))
    return reader.read_usage(path, raw) if reader else None


def model_in_path(path: str) -> str | None:
    """The model, or the deployment, that a path names: Azure's, Google's and those like them."""
    found = _NAMED.search(path.partition("?")[0])
    return unquote(found[1]) if found else None


def estimate_usage(
    dialect: str, path: str, request_body: bytes, content_type: str, response_body: bytes
) -> Usage | None:
    """Usage of a call whose provider did not say, or was cut off before it had: estimated from the text.

    What a stream did say before it was cut, as Anthropic does of the input, is kept; only the output is then estimated,
    and never below what was said. None when there is no text.
    """
    said = read_response(dialect, path, content_type, response_body).usage
    output = tokens_answered(answered(dialect, path, content_type, response_body))
    if said is not None:
        return replace(said, output=max(said.output, output), estimated=True)
    tools = lenient.mapping(lenient.loads(request_body)).get("tools")
    read = tokens_asked(asked(dialect, path, request_body), lenient.compact(tools) if tools else "")
    return Usage(input=read, output=output, estimated=True) if read or output else None


def is_terminal(dialect: str, event: bytes, path: str = "") -> bool:
    """Whether this event, exact bytes, ends its stream: the dialect's last event or line, or an error."""
    reader = READERS.get(spoken(dialect, path))
    return reader is not None and reader.ends(event)


def has_ended(dialect: str, path: str, tail: bytes) -> bool:
    """Whether the last bytes of a stream, already decoded, hold its end: of events, of lines, or of an array."""
    reader = READERS.get(spoken(dialect, path))
    if reader is None:
        return False
    if any(reader.ends(event) for event in Splitter().feed(tail)):
        return True
    if reader in (cohere, ollama):
        return any(reader.ends(line) for line in tail.splitlines())
    return reader is google and b'"finishReason"' in tail and _ARRAY_END.search(tail) is not None
