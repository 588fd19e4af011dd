"""A call as a conversation, for people to read.

Owns the choice of who tells it: a dialect's module with the functions of `Teller`, and a line in `TELLERS`. Reads
bodies whole, so it is for one call at a time, never for the road. No function here raises, whatever the bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from helicli.providers import anthropic_talk, cohere_talk, google_talk, ollama_talk, openai_talk
from helicli.providers.dialects import spoken
from helicli.providers.facts import Message
from helicli.providers.sse import is_stream

__all__ = ["Message", "answered", "asked", "conversation"]


class Teller(Protocol):
    """What the module of a dialect has."""

    def asked(self, request: bytes) -> list[Message]: ...

    def answered_json(self, response: bytes) -> list[Message]: ...

    def answered_stream(self, response: bytes) -> list[Message]: ...


TELLERS: Final[Mapping[str, Teller]] = {
    "openai": openai_talk,
    "anthropic": anthropic_talk,
    "google": google_talk,
    "cohere": cohere_talk,
    "ollama": ollama_talk,
}


def conversation(dialect: str, path: str, request: bytes, content_type: str, response: bytes) -> list[Message]:
    """What was asked, then what was answered, as far as it came. `content_type` is the response's."""
    return [*asked(dialect, path, request), *answered(dialect, path, content_type, response)]


def asked(dialect: str, path: str, request: bytes) -> list[Message]:
    """The turns in a request body."""
    teller = TELLERS.get(spoken(dialect, path))
    return teller.asked(request) if teller else []


def answered(dialect: str, path: str, content_type: str, response: bytes) -> list[Message]:
    """The turns in a response body, put together from the pieces when it is a stream. An error is no turn."""
    teller = TELLERS.get(spoken(dialect, path))
    if teller is None:
        return []
    return teller.answered_stream(response) if is_stream(content_type, response) else teller.answered_json(response)
