"""Questions, followers and copies while calls are recorded as fast as they can be: nothing is locked, nothing is lost.

Every command is a process of its own, as its user starts it; `tail` tells each call once.

`HELICLI_CHAOS_SECONDS` says for how long; `make test-chaos` makes it a minute.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread

from helicli import paths
from helicli.call import Begin, End, Head, Tags
from helicli.filters import Filter
from helicli.proxy.handoff import Handoff, Journal
from helicli.proxy.ids import new_id
from helicli.query.groups import sums
from helicli.query.reading import opened
from helicli.recorder.work import Recorder
from helicli.store.cell_mark import mark

SECONDS = float(os.environ.get("HELICLI_CHAOS_SECONDS", "4"))
WAL_MAX = 64 * 1024 * 1024
PATIENCE = 120
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


class Asking(Thread):
    """A command, again and again as a process of its own, until it is told to stop."""

    def __init__(self, database: Path, *commands: list[str]) -> None:
        super().__init__(daemon=True)
        self._command = [sys.executable, "-m", "helicli", "--db", str(database)]
        self._asked = commands
        self._enough = Event()
        self.rounds = 0
        self.failed: list[str] = []

    def run(self) -> None:
        for words in cycle(self._asked):
            done = subprocess.run([*self._command, *words], capture_output=True, text=True)
            if done.returncode or "locked" in done.stderr or not (done.stdout or words[0] == "db"):
                self.failed.append(f"{words}: {done.returncode} {done.stderr}")
            self.rounds += 1
            if self._enough.is_set() and self.rounds >= len(self._asked):
                return

    def end(self) -> None:
        """Wait until each command was asked once."""
        self._enough.set()
        self.join()


class Watching:
    """A command that goes on until ^C, its lines in a file."""

    def __init__(self, database: Path, out: Path, *words: str) -> None:
        self._lines = out
        with out.open("wb") as stdout:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "helicli", "--db", str(database), *words], stdout=stdout, stderr=subprocess.PIPE
            )

    def lines(self) -> list[dict[str, object]]:
        """What it has said so far."""
        return [json.loads(line) for line in self._lines.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]

    def end(self) -> str:
        """Send ^C; what it said on stderr."""
        self._process.send_signal(signal.SIGINT)
        _, err = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, err
        return err.decode()


def test_all_at_once(tmp_path):
    database = tmp_path / "x.db"
    paths.journal_dir(database).mkdir()
    context = multiprocessing.get_context("fork")
    written, recorded, writing = context.Value("q", 0), context.Value("q", 0), context.Value("b", 1)
    begun = time.monotonic()
    first = context.Process(
        target=proxy, args=(paths.journal_dir(database), begun + SECONDS, written, recorded), daemon=True
    )
    second = context.Process(target=recorder, args=(database, writing, recorded), daemon=True)
    first.start()
    second.start()
    tail = Watching(database, tmp_path / "tail", "tail", "--json", "-n", "0", "-c", "seq")
    until(second, lambda: recorded.value)
    stats = Watching(database, tmp_path / "stats", "stats", "--watch", "--since", "all", "--format", "jsonl")
    asking = [
        Asking(
            database,
            ["costs", "--since", "all", "--json"],
            ["users", "--since", "all", "--json"],
            ["costs", "--by", "prop.feature", "--since", "all", "--json"],
        ),
        Asking(database, ["db", "backup", str(tmp_path / "copy.db"), "--force"]),
    ]
    for each in asking:
        each.start()
    sizes = [0]
    while first.is_alive():
        first.join(0.05)
        sizes.append(size(paths.beside(database, "-wal")))
    took = time.monotonic() - begun
    during = recorded.value
    for each in asking:
        each.end()
        sizes.append(size(paths.beside(database, "-wal")))
    writing.value = 0
    until(second, lambda: not second.is_alive())
    assert second.exitcode == 0
    wait(lambda: len(tail.lines()) >= written.value)
    wait(lambda: stats.lines() and stats.lines()[-1]["calls"] == written.value)
    told = tail.end() + stats.end()
    speed, most = during / took, max(sizes) / 1e6
    # For whoever asks with -rP.
    sys.stdout.write(f"{speed:,.0f} calls/s for {took:.0f} s, {written.value:,} in all; WAL {most:.0f} MB at most; ")
    sys.stdout.write(f"{' and '.join(str(each.rounds) for each in asking)} rounds of questions and copies\n")
    assert [failed for each in asking for failed in each.failed] == []
    assert "locked" not in told
    assert [line["seq"] for line in tail.lines()] == list(range(1, written.value + 1))
    calls = [line["calls"] for line in stats.lines()]
    assert calls == sorted(calls)
    assert max(sizes) < WAL_MAX
    with opened(database) as db:
        assert db.execute("SELECT count(*), max(seq) FROM calls").fetchone() == (written.value, written.value)
        assert mark(db) >= written.value - 2 * 5_000
        assert sums(db, Filter())[()].calls == sums(db, Filter(), rows_only=True)[()].calls == written.value
    with opened(tmp_path / "copy.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def until(process: BaseProcess, fulfilled: Callable[[], object]) -> None:
    """Wait for something that a process brings about while it lives."""
    while not fulfilled():
        assert process.is_alive(), process.exitcode
        process.join(0.02)


def wait(fulfilled: Callable[[], object]) -> None:
    """Wait for what others write."""
    end = time.monotonic() + PATIENCE
    while not fulfilled():
        assert time.monotonic() < end
        time.sleep(0.05)
