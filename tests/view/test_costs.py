"""The table of costs."""

from __future__ import annotations

from helicli.grouping import by
from helicli.query.totals import Totals
from helicli.view.costs import cost_grid
from helicli.view.figures import lines, objects
from helicli.view.style import Style
from helicli.view.text import cells
from helicli.view.when import When

MODEL = (by("model"),)
GROUPS = {
    ("evil\x1b[2J",): Totals(calls=1, input_tokens=10, output_tokens=5, cost_nano=4_230_000_000),
    ("gpt-4o",): Totals(calls=4102, errors=3, input_tokens=1_900_000, output_tokens=402_000, cost_nano=8_770_000_000),
    (None,): Totals(calls=2, errors=2, unpriced=2),
}


def table(grid, width=100):
    return lines(grid, "table", True, When(), Style(False), width)


def test_the_dearest_first_the_total_last():
    assert table(cost_grid(MODEL, GROUPS)) == [
        "MODEL     CALLS  INPUT  OUTPUT    COST  SHARE",
        "gpt-4o    4,102   1.9M    402k   $8.77  █████████████▌        67%",
        "evil·[2J      1     10       5   $4.23  ██████▌               33%",
        "–             2      0       0       –                         0%",
        "total     4,105   1.9M    402k  $13.00",
    ]


def test_the_share_stands_in_its_column_whatever_it_is():
    groups = {(f"漢字{share}",): Totals(calls=1, cost_nano=share * 10_000_000) for share in range(101)}
    told = table(cost_grid(MODEL, groups), 120)
    assert len({cells(line) for line in told[1:-1]}) == 1


def test_of_nothing_there_is_no_total():
    assert cost_grid(MODEL, {}).total is None


def test_stretches_of_time_stand_in_their_order():
    groups = {(day * 86_400_000, "m"): Totals(calls=1, cost_nano=9 - day) for day in (2, 0, 1)}
    rows = objects(cost_grid((by("day"), by("model")), groups))
    assert [row["day"] for row in rows] == ["1970-01-01", "1970-01-02", "1970-01-03"]


def test_what_it_would_cost_as_another_model():
    grid = cost_grid(MODEL, GROUPS, what_if=dict.fromkeys(GROUPS, 1000000), model="gpt-4o-mini")
    assert "AS GPT-4O-MINI" in table(grid)[0]
    assert all(row["as_usd"] == 0.001 for row in objects(grid))
    assert "$0.0030" in table(grid)[-1]


def test_the_dearest_of_all_stretches_in_their_order():
    groups = {
        (1_000, "a"): Totals(calls=1, cost_nano=1),
        (1_000, "b"): Totals(calls=1, cost_nano=9),
        (90_000_000, "c"): Totals(calls=1, cost_nano=30),
    }
    grid = cost_grid((by("day"), by("user")), groups, top=2)
    assert [row[:2] for row in grid.rows] == [("1970-01-01", "b"), ("1970-01-02", "c")]
    assert grid.total is not None and grid.total[2] == 3
