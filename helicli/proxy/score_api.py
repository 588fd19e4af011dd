"""Helicone's ways to score a call: `POST /v1/request/ID/score` and `…/feedback`, and `POST /v1/feedback`.

Owns these paths and the shape of their answers. A score goes into the journal like everything that is written, so it is
kept when the answer says so, whether its call has a row, has just ended or still runs; nobody waits for the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from helicli import headers as h
from helicli import journal
from helicli.errors import HelicliError, UsageError
from helicli.journal import Kind
from helicli.proxy.journal import Journal, Pressure
from helicli.scores import FEEDBACK, Scored, scored

LEADS: Final = ("/v1/request/", "/v1/feedback")
_ID: Final = h.ANSWER_ID.decode()
_WAYS: Final = ("score", "feedback")


def is_asked(method: str, target: str) -> bool:
    """Whether a request scores a call."""
    return method == "POST" and target.startswith(LEADS) and bool(_place(target))


def answer(kept_in: Journal, target: str, body: bytes, at: int) -> tuple[int, bytes]:
    """Status and body of the answer to what `is_asked`."""
    try:
        given = _scored(_place(target), _object(body), at)
    except HelicliError as error:
        return _told(400, f"{error.message}; {error.fix}")
    if kept_in.pressure >= Pressure.NO_CALLS:
        return _told(503, "the journal is full: nothing can be kept; helicli doctor")
    if not kept_in.append(0, Kind.SCORE, journal.encode(given)):
        return _told(503, "the journal cannot be written: nothing can be kept; helicli doctor")
    return _told(200)


def _place(target: str) -> tuple[str, ...]:
    """`(score, ID)`, `(feedback, ID)` or `(feedback,)`; empty for any other path."""
    words = target.partition("?")[0].strip("/").split("/")
    if words == ["v1", "feedback"]:
        return ("feedback",)
    if len(words) == 4 and words[:2] == ["v1", "request"] and words[3] in _WAYS:
        return (words[3], unquote(words[2]))
    return ()


def _scored(place: tuple[str, ...], given: Mapping[str, Any], at: int) -> Scored:
    if place[0] == "score":
        scores = given.get("scores")
        if not isinstance(scores, dict):
            raise UsageError("scores are missing", 'send {"scores": {"helpful": 0.8}}')
        return scored(place[1], scores, at)
    ref = place[1] if len(place) > 1 else given.get(_ID)
    rating = given.get("rating")
    if not isinstance(ref, str) or not isinstance(rating, bool):
        raise UsageError("feedback is the id of a call and a rating", f'send {{"{_ID}": "…", "rating": true}}')
    return scored(ref, {FEEDBACK: rating}, at)


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UsageError("the body is no JSON object", "send JSON", str(error)) from None


def _told(status: int, error: str | None = None) -> tuple[int, bytes]:
    return status, msgspec.json.encode({"data": None, "error": error})
