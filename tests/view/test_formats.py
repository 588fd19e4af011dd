"""Formats: a cell of csv is read back, and no spreadsheet runs it."""

from __future__ import annotations

import csv
import io

import pytest

from helicli.view.formats import csv_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1", "=cmd|' /C calc'!A0"])
def test_a_spreadsheet_runs_nothing(text):
    read = next(csv.reader(io.StringIO(csv_cell(text))))
    assert read == ["'" + text]
    assert csv_cell("-1.5", is_number=True) == "-1.5"


@pytest.mark.parametrize("text", ["", "plain", 'a"b', "a,b", "a\nb", "ü"])
def test_a_cell_is_read_back(text):
    assert next(csv.reader(io.StringIO(csv_cell(text), newline="")), [""]) == [text]
