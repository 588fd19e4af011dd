"""Stored prompts as commands change them.

Owns the one way a command changes them. What it returns says what became of each; where an engine runs that is in use
when it returns. It imports no event loop, since every command would wait for that.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from helicli.engine.changing import change as change_stored
from helicli.store import prompts
from helicli.store.prompts import Change, Kept


def change(database: Path, wanted: Change, say: Callable[[str], None]) -> tuple[bool, list[Kept]]:
    """Change the stored prompts; whether an engine runs, and what became of each prompt. Raises HelicliError."""
    live, kept = change_stored(
        database, "prompts.change", msgspec.to_builtins(wanted), lambda db: prompts.change(db, wanted), say
    )
    return live, msgspec.convert(kept, list[Kept])
