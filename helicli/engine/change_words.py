"""What supervisor, proxy and recorder say of things that commands change: limits, prompts, scores.

Owns these words. The recorder stores, then the proxy reads again what it needs; an answer has its question's number.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from helicli.scores import Scored
from helicli.store.limits import StoredLimit
from helicli.store.prompts import Change, Kept


class KeepLimit(Struct, frozen=True, tag_field="word", tag="keep_limit"):
    """Asks the recorder to store a limit; answered by `LimitKept`."""

    number: int
    limit: StoredLimit


class DropLimit(Struct, frozen=True, tag_field="word", tag="drop_limit"):
    """Asks the recorder to drop a stored limit; answered by `LimitKept`."""

    number: int
    name: str


class LimitKept(Struct, frozen=True, tag_field="word", tag="limit_kept"):
    """The limits are stored as they were asked to be, or there is an error: message, fix, cause and code."""

    number: int
    error: dict[str, Any] | None = None


class ReadLimits(Struct, frozen=True, tag_field="word", tag="read_limits"):
    """Asks the proxy to read the stored limits again; answered by `LimitsRead`."""

    number: int


class LimitsRead(Struct, frozen=True, tag_field="word", tag="limits_read"):
    """The stored limits hold."""

    number: int


class ChangePrompts(Struct, frozen=True, tag_field="word", tag="change_prompts"):
    """Asks the recorder to change the stored prompts; answered by `PromptsKept`."""

    number: int
    change: Change


class PromptsKept(Struct, frozen=True, tag_field="word", tag="prompts_kept"):
    """What became of each prompt, or there is an error: message, fix, cause and code."""

    number: int
    kept: list[Kept] = []
    error: dict[str, Any] | None = None


class KeepScores(Struct, frozen=True, tag_field="word", tag="keep_scores"):
    """Asks the recorder to keep scores of a call that has a row; answered by `ScoresKept`."""

    number: int
    scored: Scored


class ScoresKept(Struct, frozen=True, tag_field="word", tag="scores_kept"):
    """The scores are kept, or there is an error: message, fix, cause and code."""

    number: int
    error: dict[str, Any] | None = None


class ReadPrompts(Struct, frozen=True, tag_field="word", tag="read_prompts"):
    """Asks the proxy to read the stored prompts again; answered by `PromptsRead`."""

    number: int


class PromptsRead(Struct, frozen=True, tag_field="word", tag="prompts_read"):
    """The stored prompts are in use."""

    number: int
