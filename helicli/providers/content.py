"""What an event of a stream brings: nothing yet, something said, or an error.

Owns the preambles of all dialects, so that an answer that has only begun can still be thrown away. Told by the shape of
an event and not by its provider; what is not known counts as something said. No function here raises.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final

from helicli.providers import lenient


class Weight(Enum):
    """What an event is worth."""

    PREAMBLE = "nothing has been said yet"
    CONTENT = "something was said, or the stream has ended"
    ERROR = "the provider gives up"


_PREAMBLES: Final = frozenset(
    (
        "message_start",
        "ping",
        "content_block_start",
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "message-start",
        "content-start",
        "stream-start",
    )
)
"""Types of events of Anthropic, of the Responses API and of Cohere, whose next one brings the first of what is said."""

_STATUSES: Final = {
    "overloaded_error": 529,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "tokens": 429,
    "requests": 429,
    "insufficient_quota": 429,
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "timeout_error": 504,
}


def weigh(data: bytes) -> Weight:
    """What the data of an event brings."""
    event = lenient.loads(data)
    if not isinstance(event, dict):
        return Weight.CONTENT
    kind = event.get("type")
    if event.get("error") or kind in ("error", "response.failed"):
        return Weight.ERROR
    if kind in _PREAMBLES:
        return Weight.PREAMBLE
    if isinstance(event.get("choices"), list):
        said = any(map(_says, event["choices"])) or (not event["choices"] and event.get("usage"))
    elif "done" in event:
        message = lenient.mapping(event.get("message"))
        said = event["done"] or event.get("response") or any(_filled(message))
    else:
        said = True
    return Weight.CONTENT if said else Weight.PREAMBLE


def status_of(data: bytes) -> int:
    """The status an error would have had that a stream tells within a good one."""
    event = lenient.mapping(lenient.loads(data))
    error = event.get("error") or lenient.mapping(event.get("response")).get("error") or event
    told = lenient.mapping(error)
    code = told.get("code")
    if isinstance(code, int) and 400 <= code <= 599:
        return code
    return next((_STATUSES[word] for word in (str(told.get("type")), str(code)) if word in _STATUSES), 500)


def is_unknown_model(body: bytes) -> bool:
    """Whether the body of a 404 says that there is no such model, and not that there is no such path."""
    return b"model" in body and (b"not_found" in body or b"not found" in body or b"NOT_FOUND" in body)


def _says(choice: Any) -> bool:
    told = lenient.mapping(choice)
    return bool(told.get("finish_reason") or told.get("text") or any(_filled(lenient.mapping(told.get("delta")))))


def _filled(message: dict[str, Any]) -> list[Any]:
    return [value for name, value in message.items() if name != "role" and value]
