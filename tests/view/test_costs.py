"""The table of costs."""

from __future__ import annotations

from helicli.query.costs import ModelCost
from helicli.view.costs import cost_table
from helicli.view.text import cells

COSTS = [
    ModelCost("gpt-4o", 4102, 3, 1_900_000, 402_000, 8_770_000_000),
    ModelCost("evil\x1b[2J", 1, 0, 10, 5, 4_230_000_000),
    ModelCost(None, 2, 2, 0, 0, None),
]


def test_table():
    assert cost_table(COSTS, 100) == [
        "MODEL     CALLS  ERRORS  INPUT  OUTPUT    COST  SHARE",
        "gpt-4o    4,102       3   1.9M    402k   $8.77  █████████████▌        67%",
        "evil·[2J      1       0     10       5   $4.23  ██████▌               33%",
        "–             2       2      0       0       –                         0%",
        "total     4,105       5   1.9M    402k  $13.00",
    ]


def test_the_share_stands_in_its_column_whatever_it_is():
    costs = [ModelCost("漢字", 1, 0, 1, 1, share * 10_000_000) for share in range(101)]
    lines = cost_table(costs, 100)
    assert {cells(line) for line in lines[1:-1]} == {cells(lines[1])}


def test_nothing_at_all():
    assert cost_table([], 80) == [
        "MODEL  CALLS  ERRORS  INPUT  OUTPUT  COST  SHARE",
        "total      0       0      0       0    $0",
    ]


def test_a_narrow_terminal_has_shorter_bars_then_shorter_names():
    costs = [ModelCost("claude-sonnet-4-20250514", 16, 1, 4000, 612, 15_800_000), *COSTS]
    for width in (100, 80, 70, 63):
        lines = cost_table(costs, width)
        assert max(map(cells, lines)) <= width
        assert lines[1].endswith("%") and "█" in lines[2]
    assert "claude-sonnet-4-20250514" in cost_table(costs, 75)[1]
    assert "claude-sonn…" in cost_table(costs, 63)[1]
