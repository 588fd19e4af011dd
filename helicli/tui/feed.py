"""Everything the screens ask of the log.

Owns the threads that read it: one for what is on the screen, one for what is looked for, one for sums, one that watches
the log grow. Started before anything is drawn; what comes before there is somebody to take it waits. Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final, TypeVar

from helicli.errors import HelicliError
from helicli.query.growth import Extent, Growth
from helicli.query.reading import Log
from helicli.tui.reader import Post, Reader

T = TypeVar("T")

LOOK_SECONDS: Final = 0.2
"""How often the log is looked at for new calls."""

BUSY_SECONDS: Final = 0.5
"""How often while more calls come than fit on a screen: what goes by unread need not be drawn, and is read beside the
proxy that logs it."""

_SCREENFUL: Final = 40
_ENGINE_LOOKS: Final = 15
_FIRST_ENGINE_LOOK: Final = 2
"""Which of these looks is for the engine too: not the first, since the screen is wanted then."""


class Feed:
    """The log, for the screens. Every answer arrives in the thread that draws."""

    def __init__(self, database: Path, engine: Callable[[], str] | None = None) -> None:
        self.database = database
        self._engine = engine
        self._lock = Lock()
        self._kept: list[Callable[[], None]] = []
        self._post: Post | None = None
        self._stop = Event()
        self._follow: Callable[[Extent], None] | None = None
        self._tell_engine: Callable[[str], None] | None = None
        self._seen: Extent | None = None
        self._watch = Thread(target=self._look, name="helicli-watch", daemon=True)
        self._readers = {name: Reader(name, database, self._deliver) for name in ("rows", "search", "sums")}
        self._watch.start()

    def follow(self, grown: Callable[[Extent], None], engine: Callable[[str], None]) -> None:
        """Have what the log holds told, now and whenever it changes; and the address of the engine, "" for none."""
        self._follow, self._tell_engine = grown, engine
        if self._seen is not None:
            grown(self._seen)

    def listen(self, post: Post) -> None:
        """Have answers handed to `post` from now on, those that waited first."""
        with self._lock:
            self._post = post
            kept, self._kept = self._kept, []
        for each in kept:
            post(each)

    def ask(
        self,
        thread: str,
        group: str,
        work: Callable[[Log], Iterable[T]],
        then: Callable[[T], None],
        failed: Callable[[HelicliError], None],
    ) -> None:
        """Ask in one of the threads `rows`, `search` and `sums`; the last question of a group wins."""
        self._readers[thread].ask(group, work, then, failed)

    def forget(self, thread: str, group: str) -> None:
        """No longer want an answer."""
        self._readers[thread].forget(group)

    @property
    def idle(self) -> bool:
        """Whether nothing is asked."""
        return all(reader.idle for reader in self._readers.values())

    def close(self) -> None:
        """Stop all threads."""
        self._stop.set()
        self._watch.join(timeout=5)
        for reader in self._readers.values():
            reader.close()

    def _deliver(self, done: Callable[[], None]) -> None:
        with self._lock:
            if self._post is None:
                self._kept.append(done)
                return
            post = self._post
        post(done)

    def _look(self) -> None:
        growth = Growth(self.database)
        engine, looks, last = None, 0, 0
        try:
            while True:
                extent = growth.look()
                came = 0
                if extent is not None:
                    came = extent.last - last if last else 0
                    last = extent.last
                    self._deliver(partial(self._grown, extent))
                if self._engine is not None and looks % _ENGINE_LOOKS == _FIRST_ENGINE_LOOK:
                    now = self._engine()
                    if now != engine:
                        engine = now
                        self._deliver(partial(self._found, now))
                looks += 1
                if self._stop.wait(pause(came)):
                    return
        finally:
            growth.close()

    def _grown(self, extent: Extent) -> None:
        self._seen = extent
        if self._follow is not None:
            self._follow(extent)

    def _found(self, engine: str) -> None:
        if self._tell_engine is not None:
            self._tell_engine(engine)


def pause(came: int) -> float:
    """How long the next look is waited for where so many calls have come since the last one."""
    return BUSY_SECONDS if came > _SCREENFUL else LOOK_SECONDS
