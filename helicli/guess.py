"""What may have been meant by a word that names nothing.

Owns the one measure of likeness. A guess is only ever told; nothing acts on one.
"""

from __future__ import annotations

from collections.abc import Iterable


def guess(word: str, known: Iterable[str]) -> str:
    """The known word nearest to one, in any case; empty where none is near."""
    from difflib import get_close_matches

    spelled = {each.lower(): each for each in reversed(list(known))}
    near = get_close_matches(word.lower(), spelled, 1)
    return spelled[near[0]] if near else ""
