"""The values that readers hand back: facts of a request, facts of a response, messages.

Owns their shapes only. A field is None where the bytes did not say; nothing here is ever guessed.
"""

from __future__ import annotations

from msgspec import Struct

from helicli.call import Usage


class RequestFacts(Struct, frozen=True):
    """What a request body says. `user` is the end user the caller named in the provider's own field."""

    model: str | None = None
    stream: bool = False
    user: str | None = None


class ResponseFacts(Struct, frozen=True):
    """What a response body says.

    `complete` is False when a stream lacks its terminal event or a JSON body does not parse. `mode` is how the call was
    served where that has a price of its own, such as batch, flex, priority or fast; "" is the standard.
    """

    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    error_message: str | None = None
    complete: bool = True
    mode: str = ""


class Message(Struct, frozen=True):
    """One turn of a conversation. A tool call is shown as `name {"arg": 1}`, an image as `[image]`.

    `role` is system, developer, user, assistant, tool or reasoning, or what the caller wrote.
    """

    role: str
    text: str
    tool_calls: list[str] = []
