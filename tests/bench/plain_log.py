"""A log of any size made by plain SQL, for benches of questions: no bodies, rows as the recorder's.

`python tests/bench/plain_log.py 1000000 /tmp/x.db`. Calls over 90 days by 2,000 users; one call in 60 fails.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path

from helicli.store.connect import open_writer

USERS, SESSIONS, NAMES, FEATURES = 2_000, 100_000, 12, 11
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-sonnet-4", "o4-mini", "gemini-2.5-pro", "gpt-3.5-turbo")
END_MS = 1_795_269_791_204
SPAN_MS = 90 * 86_400_000
WORDS = ("openai", "refused_limit", "hit", "miss", "local", "/v1/chat/completions", "feature", "environment")

# A cheap number that looks random and is the same every time: of the row, and of which column it is.
_NOISE = "((s.n * 2654435761 + {0} * 40503) % 4294967296 / 7 % {1})"


def noise(column: int, size: int) -> str:
    return _NOISE.format(column, size)


def build(path: Path, calls: int) -> None:
    """Make the log; a file that is there is added to."""
    with closing(open_writer(path)) as db:
        db.execute("PRAGMA synchronous = off")
        indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        indexes = [(name, sql) for name, sql in indexes if name.startswith(("calls_", "properties_"))]
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        db.execute("BEGIN")
        words = [*WORDS, *MODELS, *(f"user-{n}" for n in range(USERS)), *(f"session-{n}" for n in range(SESSIONS))]
        words += [f"name-{n}" for n in range(NAMES)] + [f"value-{n}" for n in range(FEATURES)]
        db.executemany("INSERT INTO words (word) VALUES (?)", ((word,) for word in words))
        at = {word: number for number, word in db.execute("SELECT id, word FROM words")}
        model = f"{at[MODELS[0]]} + min({noise(1, 6)}, {noise(2, 6)})"
        failed = f"{noise(3, 60)} = 0"
        db.execute(
            "INSERT INTO calls (id, created_at, ended_at, provider, model, requested_model, path, status, error, user,"
            " session, name, stream, latency_us, overhead_us, input_tokens, output_tokens, cache_read_tokens,"
            " cache_write_tokens, reasoning_tokens, cost_nano, cache, org, attempts)"
            f" WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {calls})"
            f" SELECT CAST(printf('%016d', s.n) AS BLOB), {END_MS - SPAN_MS} + s.n * {SPAN_MS} / {calls},"
            f" {END_MS - SPAN_MS} + s.n * {SPAN_MS} / {calls} + 900, {at['openai']}, {model}, {model}, {at[WORDS[5]]},"
            f" iif({failed}, 429, 200), iif({failed}, {at['refused_limit']}, NULL),"
            f" {at['user-0']} + min({noise(4, USERS)}, {noise(5, USERS)}), {at['session-0']} + {noise(6, SESSIONS)},"
            f" {at['name-0']} + {noise(7, NAMES)}, {noise(8, 2)}, 100000 + {noise(9, 9_000_000)}, 900,"
            f" {noise(10, 4000)}, {noise(11, 900)}, 0, 0, 0, {noise(12, 20_000_000)},"
            f" iif({noise(13, 5)} = 0, {at['hit']}, {at['miss']}), {at['local']}, 1 FROM s"
        )
        db.execute(
            f"INSERT INTO properties SELECT seq, {at['feature']}, {at['value-0']} + seq * 40503 % {FEATURES} FROM calls"
        )
        db.execute("COMMIT")
        for _, sql in indexes:
            db.execute(sql)


if __name__ == "__main__":
    begun = time.perf_counter()
    build(Path(sys.argv[2]), int(sys.argv[1]))
    sys.stdout.write(
        f"{sys.argv[2]}: {time.perf_counter() - begun:.0f} s, {Path(sys.argv[2]).stat().st_size / 1e6:.0f} MB\n"
    )
