"""The log, open for a question that may take long.

Owns that ^C ends it at once, and that a terminal is told that it goes on; the line is gone when the answer comes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from helicli.cli.options import Invocation
from helicli.query.reading import Log, interruptible, opened

_AFTER_SECONDS: Final = 1.0
_EACH_SECONDS: Final = 0.5


@contextmanager
def log(run: Invocation, clock: Callable[[], float] = time.monotonic) -> Iterator[Log]:
    """The log of a command. Raises NotFoundError, DatabaseError, and KeyboardInterrupt out of a running statement."""
    begun = clock()
    last: float | None = None

    def tell() -> None:
        nonlocal last
        now = clock()
        if now - begun >= _AFTER_SECONDS and (last is None or now - last >= _EACH_SECONDS):
            run.out.passing(f"adding up calls … {now - begun:.0f} s · ^C to stop")
            last = now

    with opened(run.database) as db:
        try:
            with interruptible(db, tell):
                yield db
        finally:
            if last is not None:
                run.out.passing("")
