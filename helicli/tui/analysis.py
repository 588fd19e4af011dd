"""The question that analytics asks of the log, and its answers as they come.

Owns which stretches of time a window is cut into and the order of the answers: what is quickly known comes first. All
of one question are one state of the log. Runs in a reader's thread; knows no widget.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from helicli.filters import Filter, status_of
from helicli.grouping import By, Value, by, every
from helicli.histogram import Histogram, middle
from helicli.query.groups import snapshot, sums, times
from helicli.query.growth import first_at
from helicli.query.labels import property_names
from helicli.query.reading import Log
from helicli.query.said import asked
from helicli.query.totals import Key, Totals, added_up, joined
from helicli.store.dimensions import FIRST, OVERHEAD
from helicli.tui.axes import begins
from helicli.tui.measures import PERCENTS, RANKINGS, Spent

_MINUTE: Final = 60_000
_HOUR: Final = 3_600_000
_DAY: Final = 86_400_000

STRETCHES: Final = (
    *((f"{each}m", every(each * _MINUTE), each * _MINUTE) for each in (1, 2, 5, 15, 30)),
    *((f"{each}h", every(each * _HOUR), each * _HOUR) for each in (1, 2, 3, 6, 12)),
    *((f"{each}d", every(each * _DAY), each * _DAY) for each in (1, 2, 3)),
    ("week", by("week"), 7 * _DAY),
    ("month", by("month"), 31 * _DAY),
)
"""What a window is cut into: how that is called, what is grouped by, and about how long it is."""

GROUPS_KEPT: Final = 500
"""So many groups are told one by one; the others as one."""

_LEAST: Final = 10 * _MINUTE


class Question(Struct, frozen=True):
    """Which calls, until when, in at most how many stretches, and grouped by what."""

    chosen: Filter
    now_ms: int
    points: int
    group: By
    zone: tzinfo | None = None


class Course(Struct, frozen=True):
    """The window, its stretches, and what the calls of each come to. `every` is what a stretch is called."""

    first: int
    last: int
    every: str
    begins: tuple[int, ...]
    totals: tuple[Totals, ...]
    total: Totals

    @property
    def edges(self) -> tuple[int, ...]:
        """Where stretches begin and end, within the window."""
        return (max(self.begins[0], self.first), *self.begins[1:], self.last)


class Failures(Struct, frozen=True):
    """Calls that failed by kind, the most frequent first; each with the filter that finds them."""

    kinds: tuple[tuple[str, int, str], ...]


class Groups(Struct, frozen=True):
    """What each group comes to, and all that are not told; `names` are those of the log's properties."""

    group: By
    rows: tuple[tuple[Value, Totals], ...]
    others: Totals
    count: int
    names: tuple[str, ...]


class Took(Struct, frozen=True):
    """How long the calls of each stretch took, and all of them."""

    spent: tuple[Spent, ...]
    whole: Spent


Part = Course | Failures | Groups | Took


def answers(log: Log, question: Question) -> Iterator[Part]:
    """The answers to a question."""
    with snapshot(log), asked(log, question.chosen):
        course, stretch = _course(log, question)
        yield course
        yield _groups(log, question)
        yield _took(log, question, course, stretch)
        yield _failures(log, question) if course.total.errors else Failures(())


def _course(log: Log, question: Question) -> tuple[Course, By]:
    chosen = question.chosen
    last = question.now_ms if chosen.until_ms is None else chosen.until_ms
    # A call that just began may be a moment ahead of the clock that was read.
    begun = chosen.since_ms or first_at(log) or last - _LEAST
    first = min(begun, last - _LEAST) if not chosen.since_ms else begun
    name, stretch, step = fitting(last - first, question.points)
    edges = begins(stretch, step, first, last, question.zone)
    totals = [Totals() for _ in edges]
    for (at,), total in sums(log, chosen, (stretch,), question.zone).items():
        index = _index(edges, at)
        totals[index] = joined(totals[index], total)
    return Course(first, last, name, tuple(edges), tuple(totals), added_up(totals)), stretch


def fitting(length: int, points: int) -> tuple[str, By, int]:
    """The finest stretch of which no more than so many make up a window."""
    return next((each for each in STRETCHES if length / each[2] <= max(1, points - 1)), STRETCHES[-1])


def _index(edges: list[int], at: Value) -> int:
    assert isinstance(at, int)
    return max(0, bisect_right(edges, at) - 1)


def _failures(log: Log, question: Question) -> Failures:
    found: dict[str, int] = {}
    answered: set[str] = set()
    statuses: set[str] = set()
    # Told in the filter too: where rows must be read, those that failed are found by index.
    chosen = question.chosen.both(status_of(["error"]))
    groups = sums(log, chosen, (by("status"), by("error")), question.zone, only=("calls", "errors"))
    for (status, error), total in groups.items():
        if not total.errors:
            continue
        is_status = isinstance(status, int) and status >= 400
        kind = str(status) if is_status else str(error)
        found[kind] = found.get(kind, 0) + total.errors
        if is_status:
            statuses.add(kind)
            answered.add(str(error))
    kinds = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return Failures(tuple((kind, many, _kind_filter(kind, statuses, answered)) for kind, many in kinds))


def _kind_filter(kind: str, statuses: set[str], answered: set[str]) -> str:
    if kind in statuses:
        return f"status:{kind}"
    # The same word may stand in calls that are told by their status.
    return f"error:{kind} -status:4xx,5xx" if kind in answered else f"error:{kind}"


def _groups(log: Log, question: Question) -> Groups:
    found = sums(log, question.chosen, (question.group,), question.zone)
    rows = sorted(found.items(), key=lambda item: (-item[1].cost_nano, -item[1].calls, str(item[0][0] or "")))
    kept = _kept(rows)
    others = added_up(total for key, total in rows if key not in kept)
    told = tuple((key[0], total) for key, total in rows if key in kept)
    return Groups(question.group, told, others, len(rows), tuple(property_names(log)))


def _kept(rows: list[tuple[Key, Totals]]) -> set[Key]:
    """The largest groups by each of the figures they may be ordered by."""
    if len(rows) <= GROUPS_KEPT:
        return {key for key, _ in rows}
    kept: set[Key] = set()
    for ranking in RANKINGS:
        largest = sorted(rows, key=lambda item, of=ranking.of: -of(item[1]))  # type: ignore[misc]
        kept.update(key for key, _ in largest[: GROUPS_KEPT // len(RANKINGS)])
    return kept


def _took(log: Log, question: Question, course: Course, stretch: By) -> Took:
    found: list[Histogram] = [{} for _ in course.begins]
    edges = list(course.begins)
    whole: Counter[int] = Counter()
    for (at,), took in times(log, question.chosen, (stretch,), question.zone, only=("latency", "ttft")).items():
        index = _index(edges, at)
        found[index] = dict(Counter(found[index]) + Counter(took.buckets)) if found[index] else took.buckets
        whole.update(took.buckets)
    return Took(tuple(map(spent, found)), spent(whole))


def spent(buckets: Mapping[int, int]) -> Spent:
    """The percentiles of a histogram of times, all in one go."""
    order = sorted(buckets.items())
    begin = bisect_left(order, (FIRST, 0))
    return Spent(_percentiles(order[:begin], 0), _percentiles(order[begin : bisect_left(order, (OVERHEAD, 0))], FIRST))


def _percentiles(order: list[tuple[int, int]], shift: int) -> tuple[int | None, ...]:
    total = sum(many for _, many in order)
    found: list[int | None] = []
    at, seen = -1, 0
    for percent in PERCENTS:
        rank = max(1, -(-total * percent // 100))
        while seen < rank and at + 1 < len(order):
            at += 1
            seen += order[at][1]
        found.append(middle(order[at][0] - shift) if total else None)
    return tuple(found)


def within(chosen: Filter, since_ms: int, until_ms: int) -> Filter:
    """The same calls of another time."""
    return replace(chosen, since_ms=since_ms, until_ms=until_ms)
