"""What reached the fake upstream, and what became of it.

Owns the list of requests, written by the server's thread and read by a test's. Whoever reads gets a copy of the list,
never the list. Nothing here knows HTTP.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from helicli.call import Headers


@dataclass(eq=False)
class Seen:
    """One request: `path` with the query exactly as on the request line, header names in lower case.

    `received_at` and `aborted_at` are of `time.monotonic`. `aborted_at` is set the moment the client closed the
    connection before its answer was complete, `finished` once all of an answer was written.
    """

    method: str
    path: str
    headers: Headers
    body: bytes = b""
    received_at: float = field(default_factory=time.monotonic)
    aborted_at: float | None = None
    finished: bool = False

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header, by its name in lower case."""
        return next((value for key, value in self.headers if key == name), None)

    def __str__(self) -> str:
        fate = "finished" if self.finished else "unfinished" if self.aborted_at is None else "aborted"
        return f"{self.method} {self.path} ({fate})"


class Log:
    """Requests in the order in which their bodies were complete; every change wakes those who wait.

    Without `keep` nothing is listed: a server that runs for days must not grow.
    """

    def __init__(self, *, keep: bool = True) -> None:
        self._keep = keep
        self._changed = threading.Condition()
        self._seen: list[Seen] = []

    def all(self) -> list[Seen]:
        """A copy of the list."""
        with self._changed:
            return self._seen.copy()

    def add(self, seen: Seen) -> None:
        """Show a request."""
        with self._changed:
            if self._keep:
                self._seen.append(seen)
            self._changed.notify_all()

    def finish(self, seen: Seen) -> None:
        """Its answer is written."""
        with self._changed:
            seen.finished = True
            self._changed.notify_all()

    def abort(self, seen: Seen) -> None:
        """Its client has left."""
        with self._changed:
            seen.finished, seen.aborted_at = False, time.monotonic()
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget all requests."""
        with self._changed:
            self._seen.clear()

    def wait_for(self, predicate: Callable[[list[Seen]], bool], timeout: float) -> None:
        """Return once `predicate` is true of the list; TimeoutError tells what was seen instead."""
        with self._changed:
            if not self._changed.wait_for(lambda: predicate(self._seen.copy()), timeout):
                shown = ", ".join(map(str, self._seen)) or "nothing"
                raise TimeoutError(f"not within {timeout:g} s; the upstream saw {shown}")
