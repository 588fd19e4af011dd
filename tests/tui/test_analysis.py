"""What analytics asks: beside the questions of the commands, and beside the calls themselves."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from helicli.filters import Filter, parse
from helicli.grouping import By, by
from helicli.histogram import bucket
from helicli.query import said
from helicli.query.calls import by_seq
from helicli.query.groups import sums
from helicli.query.reading import opened
from helicli.query.stats import stats
from helicli.query.totals import Times, Totals
from helicli.store.connect import open_writer
from helicli.store.dimensions import FIRST
from helicli.tui.analysis import STRETCHES, Course, Failures, Groups, Question, Took, answers, fitting, spent
from tests.tui.scene import UNTIL_MS

DAY = 86_400_000
NOW = UNTIL_MS + 60_000
BERLIN = ZoneInfo("Europe/Berlin")


def ask(path, question: Question) -> tuple[Course, Groups, Took, Failures]:
    with opened(path) as log:
        course, groups, took, failures = answers(log, question)
    assert isinstance(course, Course) and isinstance(groups, Groups)
    assert isinstance(took, Took) and isinstance(failures, Failures)
    return course, groups, took, failures


def asking(text: str = "", since: int | None = None, points: int = 66, group: By | None = None, **given) -> Question:
    chosen = Filter(term=parse(text).term if text else None, since_ms=since)
    return replace(Question(chosen, NOW, points, group or by("model"), UTC), **given)


FILTERS = ["", "status:error", "model:gpt-4o*", "user:user-00*", "latency:>2s", '"order"', "prop.feature:search"]


@pytest.mark.parametrize("zone", [UTC, BERLIN], ids=str)
@pytest.mark.parametrize("text", FILTERS)
@pytest.mark.parametrize("days", [1, 7, 30, None])
def test_the_figures_are_those_of_the_calls(demo_log, all_calls, text, days, zone):
    since = NOW - days * DAY if days else None
    course, groups, took, failures = ask(demo_log, asking(text, since, zone=zone))
    chosen = Filter(term=parse(text).term if text else None, since_ms=since)
    calls = [each for each, words in all_calls if chosen.matches(each, words)]
    assert course.total.calls == len(calls) == sum(total.calls for total in course.totals)
    assert course.total.errors == sum(each.failed for each in calls) == sum(many for _, many, _ in failures.kinds)
    assert course.total.cost_nano == sum(each.cost_nano or 0 for each in calls)
    assert sum(total.calls for _, total in groups.rows) + groups.others.calls == len(calls)
    edges = (*course.begins, course.last)
    for at, total in enumerate(course.totals):
        within = [each for each in calls if edges[at] <= each.created_at < edges[at + 1]]
        if at < len(course.totals) - 1:
            assert total.calls == len(within)
        assert took.spent[at] == _spent(within) or at == len(course.totals) - 1
    assert took.whole == _spent(calls)
    for _, many, found in failures.kinds:
        narrowed = Filter(term=parse(found).term)
        assert sum(narrowed.matches(each) for each in calls if each.failed) == many


@pytest.fixture(scope="module")
def all_calls(demo_log):
    """Every call, with what was said in it."""
    with opened(demo_log) as log:
        seqs = [row[0] for row in log.execute("SELECT seq FROM calls")]
        return [(each, said.text(log, each.seq)) for each in by_seq(log, seqs)]


def _spent(calls):
    counts: dict[int, int] = {}
    for call in calls:
        for shift, micros in ((0, call.latency_us), (FIRST, call.ttft_us)):
            if micros is not None:
                number = shift + bucket(micros)
                counts[number] = counts.get(number, 0) + 1
    return spent(counts)


def test_percentiles_are_those_of_the_commands(demo_log):
    with opened(demo_log) as log:
        found = stats(log, Filter(), by("day"), UTC)
    _, _, took, _ = ask(demo_log, asking())
    assert took.whole.latency == tuple(found.times.latency(percent) for percent in (50, 95, 99))
    assert took.whole.first_token == tuple(found.times.first_token(percent) for percent in (50, 95, 99))
    assert spent({}).latency == (None, None, None)
    assert spent({5: 1}).latency == tuple(Times({5: 1}).latency(percent) for percent in (50, 95, 99))


def test_a_window_is_cut_into_as_many_stretches_as_can_be_told_apart():
    for points in (8, 33, 66, 230):
        for length in (600_000, 3_600_000, DAY, 7 * DAY, 90 * DAY):
            name, _, step = fitting(length, points)
            assert length / step <= points
            finer = [each for each in STRETCHES if each[2] < step]
            assert not finer or length / finer[-1][2] > points - 1, name
    assert fitting(5_000 * DAY, 8)[0] == "month"


@pytest.mark.parametrize("word", ["user", "prompt", "name", "prop.feature"])
def test_groups_are_those_of_costs(demo_log, word):
    _, groups, _, _ = ask(demo_log, asking(group=by(word)))
    with opened(demo_log) as log:
        found = sums(log, Filter(), (by(word),), UTC)
    assert groups.count == len(found)
    assert {value: total.cost_nano for value, total in groups.rows} == {
        key[0]: found[key].cost_nano for key in found if key[0] in dict(groups.rows)
    }
    assert "feature" in groups.names
    costs = [total.cost_nano for _, total in groups.rows]
    assert costs == sorted(costs, reverse=True)


def test_of_very_many_groups_the_largest_are_kept(demo_log, monkeypatch):
    monkeypatch.setattr("helicli.tui.analysis.GROUPS_KEPT", 8)
    _, groups, _, _ = ask(demo_log, asking(group=by("user")))
    assert len(groups.rows) <= 8 < groups.count
    with opened(demo_log) as log:
        found = sums(log, Filter(), (by("user"),), UTC)
    dearest = max(found, key=lambda key: found[key].cost_nano)
    assert groups.rows[0][0] == dearest[0]
    assert groups.others.calls == 2_400 - sum(total.calls for _, total in groups.rows)


def test_a_log_without_calls(tmp_path):
    open_writer(tmp_path / "empty.db").close()
    course, groups, took, failures = ask(tmp_path / "empty.db", asking())
    assert course.total == Totals() and course.begins and not groups.rows and not failures.kinds
    assert took.whole.latency == (None, None, None)
