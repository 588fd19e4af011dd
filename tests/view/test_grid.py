"""Rows of any table in each format."""

from __future__ import annotations

import json

import pytest

from helicli.view.grid import grid
from helicli.view.style import Style

NAMES = ("name", "n")
ROWS = [("a\tb\x1b[2J", 1), (None, None), (b"\x01\xff", 2.5)]


def lines(form, rows=ROWS, header=False, width=60):
    return list(grid(NAMES, rows, form, header=header, width=width, style=Style(False)))


def test_plain():
    assert lines("plain") == ["a b·[2J\t1", "\t", "01ff\t2.5"]


def test_csv():
    assert lines("csv", [("=1+1", -1), ('q"', None)], header=True) == ["name,n", "'=1+1,-1", '"q""",']


def test_json():
    assert json.loads("".join(lines("json")))[2] == {"name": "01ff", "n": 2.5}
    assert lines("json", []) == ["[]"]
    assert len(lines("jsonl")) == 3


@pytest.mark.parametrize("width", [60, 12, 3])
def test_table(width):
    assert all(len(line) <= width for line in lines("table", header=True, width=width))


def test_a_table_is_aligned():
    assert lines("table", header=True) == ["NAME       N", "a b·[2J    1", "–          –", "01ff     2.5"]
