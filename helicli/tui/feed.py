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


class Feed:
    """The log, for the screens. Every answer arrives in the thread that draws."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self._lock = Lock()
        self._kept: list[Callable[[], None]] = []
        self._post: Post | None = None
        self._stop = Event()
        self._follow: Callable[[Extent], None] | None = None
        self._seen: Extent | None = None
        self._watch = Thread(target=self._look, name="helicli-watch", daemon=True)
        self._readers = {name: Reader(name, database, self._deliver) for name in ("rows", "search", "sums")}
        self._watch.start()

    def follow(self, then: Callable[[Extent], None]) -> None:
        """Have `then` called with what the log holds, now and whenever that has changed."""
        self._follow = then
        if self._seen is not None:
            then(self._seen)

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
        try:
            while True:
                extent = growth.look()
                if extent is not None:
                    self._deliver(partial(self._grown, extent))
                if self._stop.wait(LOOK_SECONDS):
                    return
        finally:
            growth.close()

    def _grown(self, extent: Extent) -> None:
        self._seen = extent
        if self._follow is not None:
            self._follow(extent)
