"""The name that a model has in lists and groups.

Owns the choice between what was asked for and what answered: lists show the shorter. Pure.
"""

from __future__ import annotations

import re
from typing import Final

_DAY: Final = re.compile(r"(?<=.)-(\d{8}|\d{4}-\d\d-\d\d)$")


def undated(model: str) -> str:
    """A model's name without the day it was made: `gpt-4o` for `gpt-4o-2024-08-06`."""
    return _DAY.sub("", model)


def listed(asked: str | None, answered: str | None, *, fell: bool = False) -> str | None:
    """The shorter of the name that was asked for and the name that answered.

    Where a fallback has answered, or one of a list of models, what was asked for says nothing of who that was: it has
    the name by which it would have been asked for itself.
    """
    if answered and (fell or (asked and "," in asked)):
        return undated(answered)
    return min((name for name in (asked, answered) if name), key=len, default=None)
