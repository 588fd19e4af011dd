"""Groups as rows, in every format."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest

from helicli.view.figures import Grid, Heading, lines, objects
from helicli.view.style import Style
from helicli.view.text import cells
from helicli.view.when import When

GRID = Grid(
    (
        Heading("user", "USER"),
        Heading("calls", "CALLS", "count"),
        Heading("cost_usd", "COST", "usd"),
        Heading("p95_ms", "P95", "ms"),
        Heading("rate", "RATE", "share"),
        Heading("at", "AT", "instant"),
        Heading("read", "READ", "tokens", "table"),
        Heading("input", "INPUT", "tokens", "data"),
        Heading("share", "SHARE", "bar"),
    ),
    [
        ("ada", 12_345, 1_990_000, 1_240_000, 0.0125, 1_795_269_791_204, 3100, 3100, 0.5),
        ("=evil\x1b[2J,\n", 1, None, None, 0.0, None, 0, 0, 0.0),
    ],
)


def told(form: str, width: int = 120, header: bool = True) -> list[str]:
    return lines(GRID, form, header, When(), Style(False), width)


def test_objects_have_what_is_stored_in_the_unit_of_the_name():
    assert objects(GRID)[0] == {
        "user": "ada", "calls": 12_345, "cost_usd": 0.00199, "p95_ms": 1240.0, "rate": 0.0125,
        "at": "2026-11-21T14:03:11.204Z", "input": 3100, "share": 0.5,
    }  # fmt: skip
    assert [msgspec.json.decode(line) for line in told("jsonl")] == objects(GRID)


def test_plain():
    assert told("plain", header=False) == [
        "ada\t12345\t0.00199\t1240\t0.0125\t2026-11-21T14:03:11.204Z\t3100\t0.5",
        "=evil·[2J,⏎\t1\t\t\t0\t\t0\t0",
    ]
    assert told("plain")[0].startswith("user\tcalls\tcost_usd\t")


def test_csv_can_be_read_and_runs_no_formula():
    rows = list(csv.DictReader(io.StringIO("\n".join(told("csv")))))
    assert [row["user"] for row in rows] == ["ada", "'=evil·[2J,⏎"]
    assert rows[0]["cost_usd"] == "0.00199"


def test_table():
    assert told("table") == [
        "USER          CALLS     COST    P95  RATE  AT                   READ  SHARE",
        "ada          12,345  $0.0020  1.24s  1.2%  2026-11-21 14:03:11  3.1k  ██████████            50%",
        "=evil·[2J,⏎       1        –      –  0.0%  –                       0                         0%",
    ]


@pytest.mark.parametrize("width", range(10, 120))
def test_no_line_is_wider_than_the_terminal(width):
    assert all(cells(line) <= width for line in told("table", width))


def test_the_bar_goes_where_there_is_no_room_for_it():
    assert told("table", 80)[0].endswith("READ")
