"""Questions, a follower and a copy while calls are recorded as fast as they can be: nothing is locked, nothing is lost.

`HELICLI_CHAOS_SECONDS` says for how long; `make test-chaos` makes it a minute.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from pathlib import Path

from helicli import paths
from helicli.call import Begin, End, Head, Tags
from helicli.filters import Filter
from helicli.proxy.handoff import Handoff, Journal
from helicli.proxy.ids import new_id
from helicli.query.follow import Follower
from helicli.query.groups import sums
from helicli.query.reading import opened
from helicli.recorder.work import Recorder
from helicli.store.cells import mark
from tests.cli.conftest import Console

SECONDS = float(os.environ.get("HELICLI_CHAOS_SECONDS", "4"))
WAL_MAX = 64 * 1024 * 1024
AHEAD = 2_000
"""So many calls may wait in the journal, so that the recorder never rests and the test ends."""

BODY = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}).encode()
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
ANSWER = json.dumps({"model": "gpt-4o", "choices": [], "usage": USAGE}).encode()
HEADERS = [(b"content-type", b"application/json")]


def proxy(folder: Path, until: float, written, recorded) -> None:
    """Append calls until it is time."""
    journal = Journal(folder, 1, 1 << 40)
    while time.monotonic() < until:
        if written.value - recorded.value > AHEAD:
            time.sleep(0.001)
            continue
        at = round(time.time() * 1000)
        tags = Tags(user=f"user-{written.value % 50}", properties={"feature": f"f{written.value % 7}"})
        begin = Begin(new_id(at), at, "openai", "openai", "POST", "/v1/chat/completions", "abcd1234", HEADERS, tags)
        handoff = Handoff(journal, begin, [])
        handoff.request(BODY)
        handoff.end(End(at, 800_000, None, 300, 200, None, None, 1), Head(200, HEADERS), ANSWER)
        written.value += 1


def recorder(database: Path, writing, recorded) -> None:
    """Record until the writer has gone and nothing is left."""
    work = Recorder(database, paths.journal_dir(database), "test")
    while True:
        gone = not writing.value
        worked = work.step()
        recorded.value = work.rows_written
        assert work.state == "ok", work.message
        if not worked and gone:
            break
    work.close()


def test_all_at_once(tmp_path):
    database = tmp_path / "x.db"
    paths.journal_dir(database).mkdir()
    context = multiprocessing.get_context("fork")
    written, recorded, writing = context.Value("q", 0), context.Value("q", 0), context.Value("b", 1)
    until = time.monotonic() + SECONDS
    first = context.Process(target=proxy, args=(paths.journal_dir(database), until, written, recorded), daemon=True)
    second = context.Process(target=recorder, args=(database, writing, recorded), daemon=True)
    first.start()
    second.start()
    follower, seen, largest, rounds = Follower(database, Filter()), 0, 0, 0
    console = Console(database)
    commands = (
        ["costs", "--since", "all", "--json"],
        ["stats", "--since", "all", "--json"],
        ["users", "--since", "all", "--json"],
        ["costs", "--by", "prop.feature", "--since", "all", "--json"],
        ["db", "backup", str(tmp_path / "copy.db"), "--force"],
    )
    follower.begin(None)
    while first.is_alive() or second.is_alive():
        if not first.is_alive():
            writing.value = 0
        seen += len(follower.poll())
        wal = paths.beside(database, "-wal")
        largest = max(largest, wal.stat().st_size if wal.exists() else 0)
        if recorded.value:
            result = console(*commands[rounds % len(commands)])
            assert result.code == 0, result.err
            assert "locked" not in result.err
            rounds += 1
    first.join()
    second.join()
    while calls := follower.poll():
        seen += len(calls)
    follower.close()
    assert second.exitcode == 0
    assert rounds >= len(commands)
    assert largest < WAL_MAX
    with opened(database) as db:
        assert db.execute("SELECT count(*), max(seq) FROM calls").fetchone() == (written.value, written.value)
        assert mark(db) >= written.value - 2 * 5_000
        assert sums(db, Filter())[()].calls == written.value
    assert seen == written.value
