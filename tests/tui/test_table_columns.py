"""The columns of the table: as wide as the screen, whatever stands in them."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from helicli.errors import UsageError
from helicli.query.calls import by_seq
from helicli.query.reading import opened
from helicli.tui import table_columns
from helicli.tui.table_columns import GAP, USUAL, bar, cells, fit, fitted, head
from tests.query import logs
from tests.view.payloads import HOSTILE, MARKUP


@pytest.mark.parametrize("width", [1, 5, 20, 40, 60, 77, 80, 100, 117, 200, 500])
def test_they_fit(width):
    columns = fitted(USUAL, width)
    assert columns
    taken = sum(wide for _, wide in columns) + GAP * (len(columns) - 1)
    assert taken <= width or len(columns) == 1
    assert taken == width or width < 50
    assert cell_len(head(columns)) == taken


def test_what_is_worth_most_stays():
    assert [each.name for each, _ in fitted(USUAL, 30)] == ["when", "status", "model"]
    assert [each.name for each, _ in fitted(USUAL, 76)] == [
        "when",
        "status",
        "model",
        "latency",
        "cost",
        "user",
        "text",
    ]


@pytest.mark.parametrize("text", [*HOSTILE.values(), MARKUP, "日本語のユーザー", "👩‍👩‍👧‍👦 family", "e\u0301" * 30])
def test_no_text_is_wider_than_its_cell(tmp_path, text):
    words = {name: text.encode(errors="replace").decode() for name in ("user", "name", "model", "finish_reason")}
    path = logs.write(tmp_path / "x.db", logs.call(1, properties={"a": words["user"]}, **words))
    with opened(path) as db:
        call = by_seq(db, [1])[0]
    for names in (USUAL, ("seq", "finish_reason", "prop.a", "properties", "text")):
        columns = fitted(names, 117)
        line = cells(call, text, columns, call.created_at)
        assert [cell_len(part) for part, _ in line[::2]] == [wide for _, wide in columns]
        assert not [sign for part, _ in line for sign in part if ord(sign) < 32 or 127 <= ord(sign) < 160]


def test_a_sign_beside_what_is_sorted_by():
    columns = fitted(USUAL, 117)
    assert "COST▼" in head(columns, "cost", True) and "LATENCY▲" in head(columns, "latency")


def test_fit():
    assert [fit("abcdef", 4), fit("ab", 4), fit("ab", 4, right=True), fit("abc", 0)] == ["abc…", "ab  ", "  ab", ""]
    assert cell_len(fit("日本語", 4)) == 4


def test_a_column_there_is_none_of():
    with pytest.raises(UsageError):
        table_columns.shape("modle")


def test_what_became_of_a_call(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        logs.call(1),
        logs.failed(2),
        logs.failed(3, 500, "provider_error"),
        logs.failed(4, None, "dns"),
    )
    with opened(path) as db:
        assert [table_columns.outcome(call) for call in by_seq(db, [1, 2, 3, 4])] == ["ok", "warn", "bad", "bad"]


def test_a_latency_has_a_bar_where_there_is_room():
    assert [bar(us, 2) for us in (0, 1, 1_240_000, 5_000_000, 9_800_000, 60_000_000)] == [
        "  ", "▏ ", "▏ ", "█ ", "█▉", "██",
    ]  # fmt: skip
    assert [wide for each, wide in fitted(USUAL, 117) if each.name == "latency"] == [11]
    assert [wide for each, wide in fitted(USUAL, 76) if each.name == "latency"] == [8]
