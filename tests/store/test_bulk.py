"""Copies of calls: how many, when, and of whom."""

from __future__ import annotations

from contextlib import closing

from helicli.store.bulk import QUARTER_MS, SESSION_CALLS, Bulk, Label, Slot
from helicli.store.connect import open_reader
from tests.query import logs

SLOTS = [Slot(logs.T0 - logs.T0 % QUARTER_MS + at * QUARTER_MS, calls) for at, calls in enumerate((300, 0, 500))]
LABELS = [Label("all", ("x", "y"), 100), Label("some", ("z",), 25)]


def test_copies(tmp_path):
    bulk = Bulk(tmp_path / "x.db", lambda share: None)
    bulk.models([logs.call(n, cost_nano=n, session_name=f"n{n}") for n in range(1, 8)], 5)
    bulk.copies(SLOTS, 10, LABELS)
    bulk.cells(100)
    bulk.close()
    with closing(open_reader(tmp_path / "x.db")) as db:
        ask = lambda query: db.execute(query).fetchall()  # noqa: E731
        assert ask("SELECT count(*) FROM calls") == [(807,)]
        copies = "FROM calls WHERE seq > 7"
        assert ask(f"SELECT ended_at / {QUARTER_MS}, count(*) {copies} GROUP BY 1") == [
            (slot.start_ms // QUARTER_MS, slot.calls) for slot in SLOTS if slot.calls
        ]
        # Every model as often as the others; what the cache answered cost nothing.
        assert ask(f"SELECT session_name, count(*) {copies} GROUP BY 1") == [(n, 160) for n, _ in ask(
            f"SELECT session_name, 0 {copies} GROUP BY 1")]  # fmt: skip
        assert ask(f"SELECT DISTINCT cost_nano {copies} AND saved_nano IS NOT NULL") == [(0,)]
        assert ask(f"SELECT max(n) FROM (SELECT count(*) AS n {copies} GROUP BY session)") == [(SESSION_CALLS,)]
        assert ask(
            f"SELECT count(*) FROM (SELECT session {copies} GROUP BY session HAVING count(DISTINCT user) > 1)"
        ) == [(0,)]
        assert ask("SELECT count(DISTINCT seq) FROM properties p JOIN words w ON w.id = p.name WHERE word = 'all'") == [
            (800,)
        ]
        some = ask("SELECT count(*) FROM properties p JOIN words w ON w.id = p.name WHERE word = 'some'")[0][0]
        assert 80 < some < 400
        assert ask("SELECT upto FROM cell_mark") == [(800,)]
        assert ask("PRAGMA journal_mode") == [("wal",)]
        indexes = {row[0] for row in ask("SELECT name FROM sqlite_master WHERE type = 'index'")}
        assert {"calls_user", "calls_created_at", "properties_value"} <= indexes
