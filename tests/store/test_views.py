"""Views: words, dollars and instants as text; they tell what the commands tell."""

from __future__ import annotations

import pytest

from helicli.filters import Filter
from helicli.grouping import by
from helicli.query.groups import sums
from helicli.query.reading import opened
from tests.query import logs

DAY = 86_400_000
SUMMED = ("calls", "errors", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "unpriced")


@pytest.fixture
def db(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        logs.call(1, session="chat-1", user="ada", session_name="Chat"),
        logs.call(2, at=logs.T0 + 60_000, session="chat-1", user="ada", cost_nano=None),
        logs.call(3, at=logs.T0 + DAY, session="chat-2", model="gpt-4o-mini", requested_model="gpt-4o-mini"),
        logs.failed(4, at=logs.T0 + DAY, model=None),
    )
    with opened(path) as db:
        yield db


def rows(db, statement: str) -> list[dict[str, object]]:
    found = db.execute(statement)
    names = [each[0] for each in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def test_costs_by_day_and_model_are_those_of_costs(db):
    told = rows(db, "SELECT * FROM costs_daily ORDER BY day, provider, model")
    assert [(row["day"], row["model"], row["calls"]) for row in told] == [
        ("2026-11-21", "gpt-4o", 2), ("2026-11-22", "gpt-4o", 1), ("2026-11-22", "gpt-4o-mini", 1),
    ]  # fmt: skip
    totals = sums(db, Filter(), (by("day"), by("provider"), by("model")))
    assert {(row["provider"], row["model"]): 0 for row in told} == {(key[1], key[2]): 0 for key in totals}
    for name in SUMMED:
        whole = sum(getattr(total, name) for total in totals.values())
        assert sum(row[name] or 0 for row in told) == whole
    assert sum(row["cost_usd"] for row in told) == pytest.approx(2 * 0.00199)
    assert told[0]["unpriced"] == 1


def test_a_price_that_is_not_known_is_not_0(db):
    assert rows(db, "SELECT seq, cost_usd FROM requests WHERE seq = 2") == [{"seq": 2, "cost_usd": None}]


def test_sessions(db):
    told = rows(db, "SELECT * FROM sessions ORDER BY session")
    assert [(row["session"], row["calls"], row["user"], row["session_name"]) for row in told] == [
        ("chat-1", 2, "ada", "Chat"), ("chat-2", 1, None, None),
    ]  # fmt: skip
    assert (told[0]["first_at"], told[0]["last_at"]) == ("2026-11-21T14:03:11.204Z", "2026-11-21T14:04:12.444Z")
    assert told[0]["length_ms"] == 61_240
    assert (told[0]["cost_usd"], told[0]["unpriced"]) == (0.00199, 1)


def test_attempts_of_all_calls_share_their_money(tmp_path):
    """A call that was asked once is an attempt itself; what a failed one cost is its own model's."""
    fell = logs.tried(logs.call(1, attempts=2, fallback_index=1, model="gpt-4o-mini-2024-07-18"))
    path = logs.write(tmp_path / "x.db", fell, logs.call(2), logs.call(3, attempts=0, cost_nano=0))
    with opened(path) as db:
        told = rows(db, "SELECT * FROM attempts ORDER BY seq, number")
        assert [(row["seq"], row["number"], row["model"], row["status"]) for row in told] == [
            (1, 0, "gpt-4o", 429), (1, 1, "gpt-4o-mini", 200), (2, 0, "gpt-4o", 200),
        ]  # fmt: skip
        money = [rows(db, f"SELECT sum(cost_usd) AS it FROM {view}")[0]["it"] for view in ("attempts", "requests")]
        assert money[0] == pytest.approx(money[1]) and money[0] > 0
        assert told[1]["latency_ms"] == 420 and told[2]["input_tokens"] == 412
