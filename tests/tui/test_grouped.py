"""The lists of analytics as rows: their order, their names, what is behind them."""

from __future__ import annotations

from helicli.grouping import By, by
from helicli.query.totals import Totals
from helicli.tui.analysis import Failures, Groups
from helicli.tui.grouped import HEADS, GroupKey, KindKey, group_rows, group_title, kind_rows, told_errors
from helicli.tui.measures import RANKINGS

COST, CALLS, ERRORS, TOKENS = RANKINGS
GROUPS = Groups(
    by("user"),
    (
        ("ada", Totals(calls=2, cost_nano=3_000_000_000)),
        (None, Totals(calls=7, errors=1, cost_nano=1_000_000_000, input_tokens=5)),
        ("\x1b[2J[red]", Totals(calls=1, unpriced=1)),
        ("", Totals(calls=1, unpriced=1)),
    ),
    Totals(calls=40, cost_nano=9_000_000_000),
    104,
    (),
)


def test_groups_stand_in_the_order_of_a_figure_and_the_others_last():
    rows = group_rows(GROUPS, COST)
    assert [(row.name, row.text) for row in rows] == [("ada", "$3.00"), ("(none)", "$1.00"), ("100 others", "$9.00")]
    assert [row.key for row in rows] == [GroupKey("ada"), GroupKey(None), None]
    assert [row.name for row in group_rows(GROUPS, CALLS)] == ["(none)", "ada", "(empty)", "·[2J[red]", "100 others"]
    assert [row.name for row in group_rows(GROUPS, ERRORS)] == ["(none)", "100 others"]
    assert [row.text for row in group_rows(GROUPS, TOKENS)] == ["5", "0"]


def test_all_figures_of_a_group_stand_beside_it():
    row = group_rows(GROUPS, COST)[1]
    assert dict(zip(HEADS, row.more, strict=True)) == {
        "CALLS": "7", "COST": "$1.00", "ERRORS": "14.3%", "CACHE": "–", "TOKENS": "5"
    }  # fmt: skip
    assert group_rows(GROUPS, CALLS)[2].more[1] == "–"


def test_kinds_of_failure_are_told_in_words():
    rows = kind_rows(
        Failures((("429", 3, "status:429"), ("client_left", 1, "error:client_left"), ("599", 1, "status:599")))
    )
    assert [row.name for row in rows] == ["429 too many requests", "client left", "599"]
    assert rows[0].key == KindKey("status:429") and rows[0].text == "3"


def test_titles():
    assert group_title(by("prompt_version")) == "prompt version"
    assert group_title(By(label="feature\x07")) == "feature·"
    assert told_errors(Totals(calls=8, errors=2)) == "2  25.0%"
