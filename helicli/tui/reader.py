"""Questions to the log, answered in a thread of their own.

Owns the connection and the rule that the last question of a group wins: one that waits is dropped, one that is being
answered is stopped. Answers are handed to `post`, which brings them to whoever shows them; an answer that was overtaken
is never given. No question is asked by the thread that draws.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import Any, TypeVar

from helicli.errors import DatabaseError, HelicliError, NotFoundError
from helicli.query.reading import Log, told
from helicli.store.connect import open_reader

T = TypeVar("T")
Post = Callable[[Callable[[], None]], object]
"""Has something done by the thread that draws."""


class _Question:
    __slots__ = ("failed", "group", "overtaken", "then", "work")

    def __init__(
        self,
        group: str,
        work: Callable[[Log], Iterable[Any]],
        then: Callable[[Any], None],
        failed: Callable[[HelicliError], None],
    ) -> None:
        self.group = group
        self.work = work
        self.then = then
        self.failed = failed
        self.overtaken = False


class Reader:
    """One thread with one connection. Questions are answered in the order in which their groups were first asked."""

    def __init__(self, name: str, database: Path, post: Post) -> None:
        self._database = database
        self._post = post
        self._waiting: OrderedDict[str, _Question] = OrderedDict()
        self._last: dict[str, _Question] = {}
        self._running: _Question | None = None
        self._changed = Condition()
        self._closed = False
        self._log: Log | None = None
        self._file: tuple[int, int] | None = None
        self._thread = Thread(target=self._run, name=f"helicli-{name}", daemon=True)
        self._thread.start()

    def ask(
        self,
        group: str,
        work: Callable[[Log], Iterable[T]],
        then: Callable[[T], None],
        failed: Callable[[HelicliError], None],
    ) -> None:
        """Have `work` done on the log; `then` is called with each thing it gives, `failed` with what went wrong."""
        question = _Question(group, work, then, failed)
        with self._changed:
            self._drop(group)
            self._last[group] = question
            self._waiting[group] = question
            self._changed.notify_all()

    def forget(self, group: str) -> None:
        """No longer want the answer of a group."""
        with self._changed:
            self._drop(group)

    def close(self) -> None:
        """Stop, and let the file go."""
        with self._changed:
            self._closed = True
            for group in list(self._last):
                self._drop(group)
            self._changed.notify_all()
        self._thread.join(timeout=5)

    @property
    def idle(self) -> bool:
        """Whether nothing is asked."""
        with self._changed:
            return not self._waiting and self._running is None

    def _drop(self, group: str) -> None:
        known = self._last.pop(group, None)
        if known is None:
            return
        known.overtaken = True
        self._waiting.pop(group, None)
        if known is self._running and self._log is not None:
            with suppress(Exception):
                # It may be closing just now.
                self._log.interrupt()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if self._closed:
                    break
                _, question = self._waiting.popitem(last=False)
                self._running = question
            self._answer(question)
            with self._changed:
                self._running = None
        self._let_go()

    def _answer(self, question: _Question) -> None:
        try:
            with told(self._database):
                for given in question.work(self._opened()):
                    if question.overtaken:
                        return
                    self._give(question, question.then, given)
        except HelicliError as error:
            if question.overtaken:
                return
            if isinstance(error, DatabaseError):
                self._let_go()
            self._give(question, question.failed, error)

    def _give(self, question: _Question, to: Callable[[Any], None], what: Any) -> None:
        def deliver() -> None:
            if not question.overtaken:
                to(what)

        self._post(deliver)

    def _opened(self) -> Log:
        """The log that is there now. Raises NotFoundError, DatabaseError."""
        try:
            status = self._database.stat()
        except OSError:
            self._let_go()
            raise NotFoundError(f"no database at {self._database}", "helicli serve") from None
        found = (status.st_dev, status.st_ino)
        if self._log is None or found != self._file:
            self._let_go()
            self._log, self._file = open_reader(self._database), found
        return self._log

    def _let_go(self) -> None:
        if self._log is not None:
            with suppress(Exception):
                self._log.close()
        self._log = self._file = None
