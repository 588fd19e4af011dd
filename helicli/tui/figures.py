"""The figures that analytics shows, as they come from the log and grow old.

Owns when the log is asked: at once for something else; where it has changed at most every two seconds, and never for
more than a tenth of the time. Knows no widget; `changed` is called in the thread that draws.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from helicli.errors import HelicliError
from helicli.query.growth import Extent
from helicli.tui.analysis import Course, Failures, Groups, Part, Question, Took, answers
from helicli.tui.feed import Feed

PAUSE: Final = 2.0
"""So many seconds pass between two questions, and ten times as many as the answer took."""


class Figures:
    """The answer to a question, which is asked again as the log grows."""

    def __init__(
        self,
        feed: Feed,
        question: Callable[[], Question | None],
        changed: Callable[[], None],
        clock: Callable[[], float],
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._feed = feed
        self._question = question
        self._changed = changed
        self._clock = clock
        self._later = later
        self.course: Course | None = None
        self.took: Took | None = None
        self.groups: Groups | None = None
        self.failures: Failures | None = None
        self.trouble: HelicliError | None = None
        self.holds = False
        self._parts: list[Part] = []
        self._asked: Question | None = None
        self._asked_at = 0.0
        self._took_seconds = 0.0
        self._asking = self._waiting = self._stale = False

    @property
    def asking(self) -> bool:
        """Whether an answer is to come."""
        return self._asking

    def ask(self) -> None:
        """Ask something else: what is shown is not the answer."""
        self.course = self.took = self.groups = self.failures = None
        self._send()
        self._changed()

    def refine(self) -> None:
        """Ask for the same in another way; what is shown stays until the answer is whole."""
        if self.course is not None or self._asking:
            self._send()

    def grow(self, extent: Extent) -> None:
        """Take that the log has changed."""
        if extent.trouble is not None:
            self.trouble = extent.trouble
            self._changed()
            return
        if self.trouble is not None:
            self.trouble = None
            self.ask()
            return
        self._stale = True
        self.catch_up()

    def hold(self, holds: bool) -> None:
        """Ask no more by itself, or go on."""
        self.holds = holds
        self.catch_up()

    def age(self, now_ms: int) -> None:
        """Take that time has passed: a window that ends now is another after a while."""
        course = self.course
        if course is not None and self._asked is not None and self._asked.chosen.until_ms is None:
            step = (course.last - course.first) // max(1, len(course.begins))
            if now_ms - self._asked.now_ms >= max(60_000, step):
                self._stale = True
                self.catch_up()

    def catch_up(self) -> None:
        """Ask again where the log has changed, as soon as that may be."""
        if not self._stale or self.holds or self._asking or self._waiting:
            return
        wait = self._asked_at + max(PAUSE, 10 * self._took_seconds) - self._clock()
        if wait <= 0:
            self._send()
        else:
            self._waiting = True
            self._later(wait, self._due)

    def _due(self) -> None:
        self._waiting = False
        self.catch_up()

    def _send(self) -> None:
        question = self._question()
        if question is None:
            return
        self._asked, self._asking, self._stale, self._parts = question, True, False, []
        self._asked_at = self._clock()
        self._feed.ask("sums", "analytics", lambda log: answers(log, question), self._answer, self._failed)

    def _answer(self, part: Part) -> None:
        self.trouble = None
        self._parts.append(part)
        done = isinstance(part, Failures)
        # A first answer is shown as it comes, one that replaces another at once: no panel tells of another time.
        if done or self.course is None or self.course is self._parts[0]:
            for each in self._parts:
                self._take(each)
        if done:
            self._asking = False
            self._took_seconds = self._clock() - self._asked_at
            self.catch_up()
        self._changed()

    def _take(self, part: Part) -> None:
        if isinstance(part, Course):
            self.course = part
        elif isinstance(part, Took):
            self.took = part
        elif isinstance(part, Groups):
            self.groups = part
        else:
            self.failures = part

    def _failed(self, error: HelicliError) -> None:
        self._asking, self.trouble = False, error
        self._changed()
