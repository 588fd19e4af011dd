"""A word on how far long work has come, on stderr.

Owns when it is said: to a terminal only, after a second, and gone when the work is done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from helicli.cli.output import Output
from helicli.view.text import bar, left

_AFTER_SECONDS: Final = 1.0
_EACH_SECONDS: Final = 0.1
_BAR: Final = 20


class Progress:
    """Told the share that is done, by calling it; a context that takes its line away at the end."""

    def __init__(self, out: Output, doing: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out
        self._doing = doing
        self._clock = clock
        self._begun = self._last = clock()
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __call__(self, share: float) -> None:
        """Say how far it is."""
        now = self._clock()
        if now - self._begun >= _AFTER_SECONDS and (not self._shown or now - self._last >= _EACH_SECONDS):
            self._last = now
            self._shown = self._out.passing(f"{self._doing}  {left(bar(share, _BAR), _BAR)} {share:.0%}") or self._shown

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._out.passing("")
