"""The recorder bench: a journal written by the proxy's own writing end, read to its end by the recorder alone.

Owns the clock from the first step to the last commit and deletion. Nothing else runs; every call must be a row, else
exit code 1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import machine
from samples import Sample, Texts, agent, chats

from helicli.call import Begin, End, Head, Tags
from helicli.proxy.handoff import Handoff
from helicli.proxy.ids import new_id
from helicli.proxy.journal import Journal
from helicli.recorder.work import Recorder
from helicli.store.connect import open_reader

FIGURE = 4000
"""Calls a second that must be reached."""

START_MS = 1_763_700_000_000


def write_journal(folder: Path, calls: Iterable[Sample]) -> None:
    """Append the calls as a proxy does."""
    journal = Journal(folder, 1, 1 << 40)
    for count, call in enumerate(calls, 1):
        at = START_MS + count
        tags = Tags(user=f"user-{count % 50}", session=call.session, properties={"environment": "production"})
        begin = Begin(
            new_id(at), at, call.provider, call.provider, "POST", call.path, "abcd1234", call.request_headers, tags
        )
        handoff = Handoff(journal, begin, [])
        handoff.request(call.request)
        end = End(at + 800, 800_000, None, 300, 200, None, None, 1)
        handoff.end(end, Head(200, call.response_headers), call.response)


def run(folder: Path, calls: Iterable[Sample]) -> tuple[int, float]:
    """(rows found, seconds) of one journal in an empty folder."""
    (folder / "db.calls").mkdir()
    # A process of its own leaves as a proxy does, and its memory is not the recorder's.
    proxy = multiprocessing.get_context("fork").Process(target=write_journal, args=(folder / "db.calls", calls))
    proxy.start()
    proxy.join()
    recorder = Recorder(folder / "db", folder / "db.calls", "bench")
    started = time.perf_counter()
    while recorder.step():
        pass
    seconds = time.perf_counter() - started
    recorder.close()
    db = open_reader(folder / "db")
    rows = db.execute("SELECT count(*) FROM calls").fetchone()[0]
    db.close()
    return rows, seconds


def main() -> int:
    parser = argparse.ArgumentParser(description="How many calls a second the recorder writes, alone.")
    parser.add_argument("--calls", type=int, default=20_000, metavar="N", help="how many chats (default: 20,000)")
    parser.add_argument("--agents", type=int, default=4, metavar="N", help="how many conversations (default: 4)")
    options = parser.parse_args()
    for name, value in machine.describe(Path(__file__).parents[2]).items():
        sys.stdout.write(f"{name:9} {value}\n")
    lost = False
    for name, written, calls in (
        ("chats of 2 KB + 1 KB", options.calls, chats(Texts(1, 0), options.calls)),
        ("agents of 50 turns", 50 * options.agents, (c for n in range(options.agents) for c in agent(Texts(n, 1)))),
    ):
        with tempfile.TemporaryDirectory(prefix="helicli-recorder-") as folder:
            rows, seconds = run(Path(folder), calls)
        sys.stdout.write(
            f"{name:20} {written:,} calls, {rows:,} rows in {seconds:.2f} s: {written / seconds:,.0f} calls/s, "
            f"{seconds / written * 1e6:,.0f} µs a call\n"
        )
        lost = lost or written != rows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    sys.stdout.write(f"figure: at least {FIGURE:,} chats/s; peak memory of this process {peak:.0f} MB\n")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
