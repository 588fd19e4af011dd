"""A log written in bulk: a few calls written as any, and very many that are like them.

Owns the statements that copy calls inside SQLite, with times, users, sessions and properties of their own, and the
counts of the parts they share. The file is nobody's until it is finished: it is built without a journal and without
indexes, so what is interrupted is thrown away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from helicli.store import side_cells
from helicli.store.bodies import uses_of
from helicli.store.calls import CallWriter, NewCall
from helicli.store.cells import BLOCK, CellWriter
from helicli.store.connect import open_writer

QUARTER_MS: Final = 900_000
SESSION_CALLS: Final = 8
_LANES: Final = 8
"""Sessions that go on at the same time."""

_HIT_PERCENT: Final = 12
_COMMIT_EACH, _CELL_BLOCK = 200_000, 100_000
_PROFILES: Final = 4096

_KEPT: Final = (
    *("provider", "model", "requested_model", "path", "status", "error", "error_message", "finish_reason"),
    *("session_path", "session_name", "name", "stream", "reasoning_tokens", "usage_estimated", "usage"),
    *("price_source", "rate", "attempts", "provider_key", "org", "machine"),
)
"""What a copy has of its model as it is."""

_FREE: Final = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_nano")
"""What a call answered from the cache has none of."""

_MIX: Final = "(({0}) * 2654435761 >> 7 & 1048575)"
"""A number below 2^20 that looks like chance."""


Told = Callable[[int], None]


class Label(Struct, frozen=True):
    """A property of the copies: its values, and the share of sessions, in percent, that have it."""

    name: str
    values: tuple[str, ...]
    percent: int


class Slot(Struct, frozen=True):
    """A quarter of an hour: when it begins, and how many calls end in it."""

    start_ms: int
    calls: int


class Bulk:
    """A new database that is being filled. `progress` is told how much of the work is done, from 0 to 1."""

    def __init__(self, path: Path, progress: Callable[[float], None]) -> None:
        self._db = open_writer(path)
        self._progress = progress
        self._models = 0
        self._seq = 0
        for pragma in (
            "journal_mode = off",
            "synchronous = off",
            "secure_delete = off",
            "foreign_keys = off",
            "busy_timeout = 600000",
        ):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        self._db.execute("PRAGMA cache_size = -400000")
        # What is sorted for an index goes to a file, or all of it would stand in memory; two threads sort.
        self._db.execute("PRAGMA temp_store = file")
        self._db.execute("PRAGMA threads = 2").fetchall()
        self._db.create_function("call_id", 2, _call_id, deterministic=True)

    def models(self, calls: Sequence[NewCall], models: int) -> None:
        """Write calls as the recorder does; the others will be like the last `models` of them."""
        self._db.execute("BEGIN")
        writer = CallWriter(self._db)
        for call in calls:
            writer.write(call)
        self._db.execute("COMMIT")
        self._seq = len(calls)
        self._models = models

    def copies(self, slots: Sequence[Slot], users: int, labels: Sequence[Label], written: Told | None = None) -> None:
        """Write a copy for each call of the slots, then everything that hangs on calls; `written` hears now and then
        up to which call all is in the file."""
        total = sum(slot.calls for slot in slots)
        indexes = self._drop_indexes()
        self._db.execute("BEGIN")
        self._prepare(total, users, labels)
        before = 0
        for done in self._fill(slots):
            self._progress(0.3 * done / max(1, total))
            if done - before >= _COMMIT_EACH:
                before = done
                self._commit(written)
                self._db.execute("BEGIN")
        self._count_parts(total)
        self._commit(written)
        for number, statement in enumerate(indexes, 1):
            self._db.execute(statement)
            self._progress(0.3 + 0.25 * number / len(indexes))

    def cells(self, block: int = _CELL_BLOCK) -> None:
        """Take all rows into cells, but for a last block that the recorder would leave too."""
        writer = CellWriter(self._db)
        self._db.execute("BEGIN")
        while writer.advance(self._seq, block):
            done = writer.upto
            self._progress(0.55 + 0.45 * done / self._seq)
        while writer.advance(self._seq, BLOCK):
            pass
        self._db.execute("COMMIT")

    def taken(self, seq: int) -> None:
        """Somebody else has taken the calls up to this one into cells."""
        self._progress(0.55 + 0.45 * seq / max(1, self._seq))

    def merge(self, side: Path) -> None:
        """Take over cells that were made in another file."""
        side_cells.merge(self._db, side)

    def close(self) -> None:
        """Let go of the file, finished or not."""
        self._db.execute("PRAGMA journal_mode = wal").fetchall()
        self._db.close()

    def _commit(self, written: Told | None) -> None:
        self._db.execute("COMMIT")
        if written:
            written(self._seq)

    def _drop_indexes(self) -> list[str]:
        """Drop what can be made again faster than kept up; the statements that make it again."""
        rows = self._db.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            " AND tbl_name IN ('calls', 'properties', 'bodies')"
        ).fetchall()
        for name, _ in rows:
            self._db.execute(f"DROP INDEX {name}")
        return [sql for _, sql in rows]

    def _prepare(self, total: int, users: int, labels: Sequence[Label]) -> None:
        db, first = self._db, self._seq - self._models + 1
        copied = f"SELECT seq - {first} AS at, * FROM calls JOIN bodies USING (seq) WHERE seq >= {first}"
        db.execute(f"CREATE TEMP TABLE models AS {copied}")
        db.execute("CREATE UNIQUE INDEX temp.models_at ON models (at)")
        db.execute("CREATE TEMP TABLE numbers (i INTEGER PRIMARY KEY)")
        self._users = self._words(f"user-{number:04d}" for number in range(users))
        sessions = (total // (SESSION_CALLS * _LANES) + 1) * _LANES
        self._sessions = self._words(f"chat-{number:07d}" for number in range(sessions))
        self._hit, self._miss = (self._word(word) for word in ("hit", "miss"))
        self._user_count = users
        db.execute(
            "CREATE TEMP TABLE profiles (profile INTEGER, name INTEGER, value INTEGER, PRIMARY KEY (profile, name))"
            " WITHOUT ROWID"
        )
        for at, label in enumerate(labels):
            name, values = self._word(label.name), [self._word(value) for value in label.values]
            for profile in range(_PROFILES):
                chance = (profile * 2654435761 + at * 40503) >> 5
                if chance % 100 < label.percent:
                    value = values[(chance >> 9) % len(values)]
                    db.execute("INSERT INTO profiles VALUES (?, ?, ?)", (profile, name, value))

    def _fill(self, slots: Sequence[Slot]) -> Iterator[int]:
        """Copy slot by slot; how many are done, now and then."""
        most = max((slot.calls for slot in slots), default=0)
        self._db.execute(
            "INSERT INTO numbers WITH RECURSIVE up (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM up WHERE i + 1 < ?)"
            " SELECT i FROM up",
            (most,),
        )
        call, body, properties = self._call(), self._body(), self._properties()
        done = told = 0
        for slot in slots:
            if not slot.calls:
                continue
            given = {"first": done, "seq": self._seq + 1, "start": slot.start_ms, "calls": slot.calls}
            self._db.execute(call, given)
            self._db.execute(body, given)
            self._db.execute(properties, given)
            done += slot.calls
            self._seq += slot.calls
            if done - told >= 20_000:
                told = done
                yield done

    @property
    def _model(self) -> str:
        """Which model a copy has: each of them once in so many calls as there are models, in an order that changes."""
        count = self._models
        step = next(step for step in (619, 421, 263, 1) if count % step or step == 1)
        return f"(((:first + i) % {count}) * {step} + (:first + i) / {count} * 7) % {count}"

    @property
    def _session(self) -> str:
        block = SESSION_CALLS * _LANES
        return f"((:first + i) / {block} * {_LANES} + (:first + i) % {_LANES})"

    def _call(self) -> str:
        chance = _MIX.format("(:first + i) * 2 + 1")
        whose = _MIX.format(f"{self._session} + 11")
        hit = f"({chance} % 100 < {_HIT_PERCENT} AND m.status = 200 AND m.error IS NULL)"
        took = "(CASE WHEN hit THEN 900 + chance % 1400 ELSE latency_us * (60 + chance % 97) / 100 * "
        took += "(CASE WHEN chance % 211 = 0 THEN 5 ELSE 1 END) END)"
        user = (
            f"CASE WHEN whose_ % 20 = 0 THEN NULL"
            f" ELSE {self._users} + (whose_ * whose_ >> 20) * {self._user_count} / 1048576 END"
        )
        columns = {
            "seq": ":seq + i",
            "id": "call_id(ended - took / 1000, :first + i)",
            "created_at": "ended - took / 1000",
            "ended_at": "ended",
            "latency_us": "took",
            "ttft_us": "CASE WHEN ttft_us IS NULL THEN NULL ELSE took / (3 + chance % 5) END",
            "overhead_us": "280 + chance % 1900",
            "user": user,
            "session": f"{self._sessions} + session_",
            "cache": f"CASE WHEN hit THEN {self._hit} WHEN status = 200 THEN {self._miss} END",
            "saved_nano": "CASE WHEN hit THEN cost_nano END",
            "saved_us": "CASE WHEN hit THEN latency_us END",
            "cached_from": "CASE WHEN hit THEN model_seq END",
            **{name: f"CASE WHEN hit THEN 0 ELSE {name} END" for name in _FREE},
            **{name: name for name in _KEPT},
        }
        inner = (
            f"SELECT n.i, m.*, m.seq AS model_seq, {chance} AS chance, {hit} AS hit, {self._session} AS session_,"
            f" {whose} AS whose_, :start + (n.i * 2 + 1) * {QUARTER_MS // 2} / :calls AS ended"
            f" FROM numbers n CROSS JOIN models m ON m.at = {self._model} WHERE n.i < :calls"
        )
        outer = f"SELECT *, {took} AS took FROM ({inner})"
        return (
            f"INSERT INTO calls ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM ({outer}) ORDER BY i"
        )

    def _body(self) -> str:
        names = [row[1] for row in self._db.execute("PRAGMA table_info(bodies)") if row[1] != "seq"]
        columns = ", ".join(f"m.{name}" for name in names)
        return (
            f"INSERT INTO bodies (seq, {', '.join(names)}) SELECT :seq + n.i, {columns}"
            f" FROM numbers n CROSS JOIN models m ON m.at = {self._model} WHERE n.i < :calls ORDER BY n.i"
        )

    def _properties(self) -> str:
        profile = _MIX.format(f"{self._session} + 5")
        return (
            "INSERT INTO properties SELECT :seq + n.i, p.name, p.value FROM numbers n CROSS JOIN profiles p"
            f" ON p.profile = {profile} % {_PROFILES} WHERE n.i < :calls ORDER BY n.i, p.name"
        )

    def _count_parts(self, total: int) -> None:
        """Count for every part that it is used by all copies of the models that use it."""
        rounds, rest = divmod(total, self._models)
        self._db.execute("DELETE FROM numbers")
        self._db.executemany("INSERT INTO numbers VALUES (?)", [(number,) for number in range(rest)])
        query = f"SELECT {self._model} FROM numbers"
        more = {row[0] for row in self._db.execute(query, {"first": rounds * self._models})}
        parts: Counter[int] = Counter()
        chains: Counter[int] = Counter()
        rows = self._db.execute("SELECT at, request_headers, request, response_headers, response FROM models")
        for at, *stored in rows.fetchall():
            times = rounds + (at in more)
            uses = uses_of(*stored)
            for part in uses.parts:
                parts[part] += times
            for chain in uses.chains:
                chains[chain] += times
        for table, counts in (("parts", parts), ("chains", chains)):
            statement = f"UPDATE {table} SET uses = uses + ? WHERE id = ?"
            self._db.executemany(statement, [(count, number) for number, count in counts.items()])

    def _words(self, words: Iterator[str]) -> int:
        """Write words that are new and follow one another; the id of the first."""
        first = int(self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM words").fetchone()[0])
        self._db.executemany("INSERT INTO words (id, word) VALUES (?, ?)", enumerate(words, first))
        return first

    def _word(self, word: str) -> int:
        self._db.execute("INSERT OR IGNORE INTO words (word) VALUES (?)", (word,))
        return int(self._db.execute("SELECT id FROM words WHERE word = ?", (word,)).fetchone()[0])


def _call_id(millis: int, number: int) -> bytes:
    """A UUIDv7 that is the same for the same instant and number."""
    noise = number * 0x9E3779B97F4A7C15 & (1 << 62) - 1
    return (millis << 80 | 0x7 << 76 | (number & 0xFFF) << 64 | 0b10 << 62 | noise).to_bytes(16, "big")
