"""What the app is started with.

Owns the one value that the composition root hands over; nothing below reads settings, the environment or the clock of
the machine by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final

from msgspec import Struct

SYMBOLS: Final = ("braille", "block", "ascii")
"""What graphs and frames are drawn with: from the finest to what every terminal has."""

SCREENS: Final = ("requests", "analytics")
"""The screens that can be shown first."""


def _now() -> datetime:
    return datetime.now(UTC)


class Setup(Struct, frozen=True, kw_only=True):
    """Where the log is, what is shown first, and how it looks."""

    database: Path
    home: Mapping[str, str] = {}
    filter: str = ""
    since: str = "all"
    screen: str = "requests"
    theme: str = "helicli"
    color: bool = True
    symbols: str = "braille"
    columns: tuple[str, ...] = ()
    keys: Mapping[str, str] = {}
    saved: dict[str, str] = {}
    zone: tzinfo | None = UTC
    now: Callable[[], datetime] = _now
    program: str = "helicli"
    """How the command is called in what is copied: with --db where the user named one."""

    save: Callable[[str, str], str] | None = None
    """Keeps a filter under a name and says so; None where that cannot be done."""

    history: Path | None = None
    engine: Callable[[], str] | None = None
    """The address of the engine that works on the log, empty where none does."""

    pager: tuple[str, ...] = ()
    editor: tuple[str, ...] = ()

    @property
    def ascii(self) -> bool:
        """Whether nothing but ASCII may be drawn."""
        return self.symbols == "ascii"
