"""Scores as a command gives them.

Owns the one way a command keeps them. It imports no event loop, since every command would wait for that.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from helicli.engine.changing import change
from helicli.scores import Scored
from helicli.store import scores


def keep(database: Path, given: Scored, say: Callable[[str], None]) -> None:
    """Keep scores of a call that has a row. Raises HelicliError."""
    change(database, "score", {"scored": msgspec.to_builtins(given)}, lambda db: scores.must_keep(db, given), say)
