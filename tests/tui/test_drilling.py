"""From a figure to its calls: exactly those that it counts."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from helicli.filters import Filter
from helicli.grouping import by
from helicli.query.groups import sums
from helicli.query.reading import opened
from helicli.query.totals import Totals
from helicli.tui import drilling
from helicli.tui.analysis import Course, Failures, Groups, Question, answers
from helicli.tui.asking import chosen
from helicli.tui.grouped import group_rows, kind_rows
from helicli.tui.looking import Look
from helicli.tui.measures import BY_NAME, RANKINGS
from helicli.tui.setup import Setup
from tests.tui.scene import NOW

NOW_MS = round(NOW.timestamp() * 1000)
DAY = 86_400_000
LOOKS = [
    Look("", "all"),
    Look("", "7d"),
    Look("user:user-00* OR model:gpt-4o*", "30d"),
    Look("-cache:hit", "24h", NOW_MS - 9 * DAY, NOW_MS - 2 * DAY),
]


def answer(setup: Setup, look: Look, word: str = "model") -> tuple[Course, Groups, Failures]:
    with opened(setup.database) as log:
        found = list(answers(log, Question(look.chosen(setup), NOW_MS, 40, by(word), UTC)))
    course, groups, failures = found[0], found[1], found[3]
    assert isinstance(course, Course) and isinstance(groups, Groups) and isinstance(failures, Failures)
    return course, groups, failures


def found(setup: Setup, drilled: tuple[str, str] | None) -> Totals:
    """What the calls come to that the table shows then."""
    assert drilled is not None
    with opened(setup.database) as log:
        return sums(log, chosen(setup, *drilled), (), UTC).get((), Totals())


@pytest.fixture
def setup(demo_log):
    return Setup(database=demo_log, now=lambda: NOW)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.typed + look.since)
def test_behind_a_stretch_of_time_are_the_calls_that_it_counts(setup, look):
    course, _, _ = answer(setup, look)
    for at, total in enumerate(course.totals):
        drilled = drilling.of_measure(setup, look, course, BY_NAME["calls"], at)
        assert found(setup, drilled).calls == total.calls
    whole = found(setup, drilling.of_measure(setup, look, course, BY_NAME["cost"], -1))
    assert (whole.calls, whole.cost_nano) == (course.total.calls, course.total.cost_nano)


def test_behind_a_rate_are_the_calls_that_make_it(setup):
    look = Look("", "30d")
    course, _, _ = answer(setup, look)
    for name, count in (("errors", course.total.errors), ("cache", course.total.hits)):
        assert found(setup, drilling.of_measure(setup, look, course, BY_NAME[name], -1)).calls == count
    first = found(setup, drilling.of_measure(setup, look, course, BY_NAME["first"], -1))
    assert 0 < first.calls < course.total.calls


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.typed + look.since)
@pytest.mark.parametrize("word", ["model", "user", "prompt", "name", "prop.feature", "prop.experiment"])
def test_behind_a_group_are_its_calls(setup, look, word):
    _, groups, _ = answer(setup, look, word)
    for row, (_, total) in zip(group_rows(groups, RANKINGS[1])[:12], by_calls(groups), strict=False):
        drilled = drilling.of_row(setup, look, by(word), row.key)
        assert found(setup, drilled).calls == total.calls, row


def by_calls(groups: Groups):
    return sorted(groups.rows, key=lambda item: (-item[1].calls, str(item[0] or "")))


def test_behind_a_kind_of_failure_are_its_calls(setup):
    look = Look("", "all")
    _, _, failures = answer(setup, look)
    assert failures.kinds
    for row in kind_rows(failures):
        assert found(setup, drilling.of_row(setup, look, by("model"), row.key)).calls == row.amount


def test_behind_all_others_is_nothing_to_be_shown(setup):
    assert drilling.of_row(setup, Look(), by("model"), None) is None


def test_commands_tell_the_same():
    setup = Setup(database=Path("x.db"), program="helicli --db x.db", now=lambda: NOW)
    look = Look("user:ada status:error", "7d")
    course = Course(0, DAY, "3h", (0,), (Totals(),), Totals())
    told = drilling.commands(setup, look, by("prop.feature"), course)
    assert [(letter, command) for letter, _, command in told] == [
        ("s", "helicli --db x.db stats 'user:ada status:error' --since 7d"),
        ("o", "helicli --db x.db stats 'user:ada status:error' --since 7d --every 3h"),
        ("g", "helicli --db x.db costs 'user:ada status:error' --since 7d --by prop.feature"),
        ("c", "helicli --db x.db filter 'user:ada status:error' --since 7d"),
    ]
    week = Course(0, DAY, "week", (0,), (Totals(),), Totals())
    assert drilling.commands(setup, Look(), by("model"), week)[1][2] == "helicli --db x.db stats --since 24h --by week"
    assert Filter().text == ""
