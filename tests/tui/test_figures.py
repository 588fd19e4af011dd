"""When the log is asked: at once for something else, seldom for what has grown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from helicli.errors import DatabaseError, NotFoundError
from helicli.filters import Filter
from helicli.grouping import by
from helicli.query.growth import Extent
from helicli.query.totals import Totals
from helicli.tui.analysis import Course, Failures, Groups, Question, Spent, Took
from helicli.tui.figures import PAUSE, Figures

QUESTION = Question(Filter(), 1_000_000, 60, by("model"))


class World:
    """A feed that answers when it is told to, a clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked: list[tuple[Callable[[Any], None], Callable[[Any], None]]] = []
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.changes = 0
        self.question: Question | None = QUESTION
        self.figures = Figures(
            self,  # type: ignore[arg-type]
            lambda: self.question,
            self._changed,
            lambda: self.now,
            lambda wait, then: self.later.append((wait, then)),
        )

    def ask(self, thread, group, work, then, failed) -> None:
        assert (thread, group) == ("sums", "analytics")
        self.asked.append((then, failed))

    def _changed(self) -> None:
        self.changes += 1

    def answer(self, calls: int, seconds: float = 0.0, parts: int = 4) -> None:
        total = Totals(calls=calls)
        given = (
            Course(0, 60_000, "1m", (0,), (total,), total),
            Groups(by("model"), (), Totals(), 0, ()),
            Took((Spent(),), Spent()),
            Failures(()),
        )
        self.now += seconds
        for part in given[:parts]:
            self.asked[-1][0](part)

    @property
    def calls(self) -> int | None:
        course = self.figures.course
        return course.total.calls if course is not None else None


@pytest.fixture
def world():
    return World()


def grow(world: World) -> None:
    world.figures.grow(Extent(1, 2, 3))


def test_a_first_answer_is_shown_as_it_comes(world):
    world.figures.ask()
    world.answer(5, parts=1)
    assert (world.calls, world.figures.groups, world.figures.asking) == (5, None, True)
    world.answer(5)
    assert world.figures.failures is not None and not world.figures.asking


def test_an_answer_in_the_place_of_another_is_shown_when_it_is_whole(world):
    world.figures.ask()
    world.answer(5)
    world.now += 10
    grow(world)
    world.answer(6, parts=3)
    assert world.calls == 5
    world.answer(6)
    assert world.calls == 6


def test_a_log_that_grows_is_asked_every_two_seconds_at_most(world):
    world.figures.ask()
    world.answer(5)
    for _ in range(20):
        grow(world)
    assert len(world.asked) == 1 and len(world.later) == 1
    wait, due = world.later.pop()
    assert wait == pytest.approx(PAUSE)
    world.now += wait
    due()
    assert len(world.asked) == 2
    world.answer(6)
    assert not world.later


def test_a_slow_answer_is_asked_for_a_tenth_of_the_time(world):
    world.figures.ask()
    world.answer(5, seconds=3.0)
    grow(world)
    assert world.later[0][0] == pytest.approx(27.0)


def test_what_grew_while_it_was_asked_is_asked_after(world):
    world.figures.ask()
    grow(world)
    assert len(world.asked) == 1
    world.answer(5)
    assert len(world.later) == 1


def test_nothing_is_asked_while_it_is_held(world):
    world.figures.ask()
    world.answer(5)
    world.now += 60
    world.figures.hold(True)
    grow(world)
    assert len(world.asked) == 1 and not world.later
    world.figures.hold(False)
    assert len(world.asked) == 2


def test_something_else_is_asked_at_once_and_shows_nothing_old(world):
    world.figures.ask()
    world.answer(5)
    world.figures.ask()
    assert world.calls is None and len(world.asked) == 2


def test_the_same_in_another_way_keeps_what_is_shown(world):
    world.figures.refine()
    assert not world.asked
    world.figures.ask()
    world.answer(5)
    world.figures.refine()
    assert world.calls == 5 and len(world.asked) == 2


def test_a_window_that_ends_now_grows_old(world):
    world.figures.ask()
    world.answer(5)
    world.now += 100
    world.figures.age(QUESTION.now_ms + 30_000)
    assert len(world.asked) == 1
    world.figures.age(QUESTION.now_ms + 60_000)
    assert len(world.asked) == 2


def test_trouble_is_told_and_gone_when_the_log_is_there(world):
    world.figures.ask()
    world.asked[-1][1](DatabaseError("cannot read x.db", "helicli db check"))
    assert world.figures.trouble is not None and not world.figures.asking
    grow(world)
    assert world.figures.trouble is None and len(world.asked) == 2
    world.figures.grow(Extent(trouble=NotFoundError("no database at x.db", "helicli serve")))
    assert isinstance(world.figures.trouble, NotFoundError)


def test_a_filter_that_cannot_be_read_asks_nothing(world):
    world.question = None
    world.figures.ask()
    assert not world.asked and not world.figures.asking
