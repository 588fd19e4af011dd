"""The figures of analytics: what each counts, and that nothing is not the same as not known."""

from __future__ import annotations

import pytest

from helicli.filters import parse
from helicli.query.totals import Totals
from helicli.tui.axes import COUNT, SHARE, TIME, USD
from helicli.tui.measures import BY_NAME, MEASURES, RANKINGS, Spent, figure

TOTAL = Totals(
    calls=200,
    errors=3,
    input_tokens=100,
    output_tokens=50,
    cache_read_tokens=25,
    cost_nano=2_000_000_000,
    hits=1,
    misses=3,
)
SPENT = Spent((1, 2, 3), (4, None, 6))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("calls", ("200",)),
        ("cost", ("$2.00",)),
        ("errors", ("1.5%",)),
        ("cache", ("25.0%",)),
        ("tokens", ("175",)),
        ("latency", ("0.00ms", "0.00ms", "0.00ms")),
        ("first", ("0.00ms", "–", "0.01ms")),
    ],
)
def test_what_some_calls_come_to(name, told):
    assert BY_NAME[name].figures(TOTAL, SPENT) == told


def test_a_rate_of_no_calls_is_not_known():
    for name in ("errors", "cache", "latency", "first"):
        assert set(BY_NAME[name].figures(Totals(), Spent())) == {"–"}
    assert BY_NAME["calls"].figures(Totals(), Spent()) == ("0",)


def test_rates_are_told_without_a_stretch():
    assert [each.name for each in MEASURES if each.is_rate] == ["latency", "errors", "first", "cache"]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda each: each.name)
def test_what_narrows_a_filter_can_be_read(measure):
    assert parse(measure.narrowing).text == measure.narrowing if measure.narrowing else True


def test_groups_are_ordered_by_what_they_come_to():
    assert {each.name: each.of(TOTAL) for each in RANKINGS} == {
        "cost": 2_000_000_000, "calls": 200, "errors": 3, "tokens": 175
    }  # fmt: skip


def test_figures_for_people():
    assert figure(99_999, COUNT) == "99,999"
    assert figure(1_234_567, COUNT) == "1.2M"
    assert figure(1_990_000, USD) == "$0.0020"
    assert figure(1_240_000, TIME) == "1.24s"
    assert figure(150, SHARE) == "1.5%"
    assert figure(None, SHARE) == "–"
