"""The disk bench: bytes of a real database file for a call, measured after checkpoint and VACUUM.

Owns what is counted: the file's growth, indexes and all, beside the raw bytes of both bodies. Each call is read back
when it is written. Chats after the first dictionary have texts that it was not made of.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import machine
from samples import Sample, Texts, agent, chats

from helicli.call import Begin, Body, End, Exchange, Head, Tags
from helicli.proxy.ids import new_id
from helicli.query.wire import wire
from helicli.recorder.price import Prices
from helicli.recorder.rows import make_row
from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer

CHAT_FIGURE = 1300
AGENT_FIGURE = 20
FIRST = 1_000
"""Calls before the first dictionary is made."""

START_MS = 1_763_700_000_000


def write(path: Path, prices: Prices, calls: Iterable[Sample]) -> int:
    """Record calls as the recorder does, each read back; the raw bytes of their bodies."""
    raw = 0
    with closing(open_writer(path)) as db:
        writer = CallWriter(db)
        db.execute("BEGIN")
        for number, call in enumerate(calls):
            at = START_MS + 1000 * number
            tags = Tags(user=f"user-{number % 50}", session=call.session, properties={"environment": "production"})
            begin = Begin(
                new_id(at), at, call.provider, call.provider, "POST", call.path, "abcd1234", call.request_headers, tags
            )
            head = Head(200, call.response_headers)
            end = End(at + 800, 800_000 + number, None, 300 + number % 90, 200, None, None, 1)
            request, response = Body(call.request, len(call.request)), Body(call.response, len(call.response))
            seq = writer.write(make_row(Exchange(begin, head, request, response, end), prices, "bench"))
            assert seq is not None
            found = wire(db, seq)
            assert (found.request.held, found.response.held) == (call.request, call.response), seq
            raw += call.raw_bytes
        db.execute("COMMIT")
    return raw


def vacuumed(path: Path) -> int:
    """Bytes of the file once nothing in it is free and nothing stands beside it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(truncate)").fetchall()
    return path.stat().st_size


def tables(path: Path) -> str:
    """Bytes of each table with its indexes, the largest first."""
    query = (
        "SELECT tbl_name, sum(pgsize) AS size FROM dbstat JOIN sqlite_master USING (name) "
        "GROUP BY tbl_name ORDER BY size DESC LIMIT 7"
    )
    with closing(sqlite3.connect(path)) as db:
        try:
            return ", ".join(f"{name} {size:,}" for name, size in db.execute(query))
        except sqlite3.OperationalError:
            return "this SQLite does not tell"


def chat_figures(folder: Path, prices: Prices, count: int) -> bool:
    """Single chats: before there is a dictionary, and with it."""
    path = folder / "chats.db"
    empty = write(path, prices, ()) or vacuumed(path)
    raw = write(path, prices, chats(Texts(1, 0), FIRST - 1))
    first = vacuumed(path)
    say(f"chats     {raw / (FIRST - 1):,.0f} bytes of bodies a call; empty database {empty:,}")
    say(f"          first {FIRST - 1:,}: {(first - empty) / (FIRST - 1):,.0f} bytes a call")
    write(path, prices, chats(Texts(2, 0), 1))
    trained = vacuumed(path)
    write(path, prices, chats(Texts(3, 1), count))
    last = vacuumed(path)
    each = (last - trained) / count
    say(
        f"          next {count:,}: {each:,.0f} bytes a call (figure: at most {CHAT_FIGURE:,})",
        f"          whole file: {last / (FIRST + count):,.0f} bytes a call; {tables(path)}",
    )
    return each <= CHAT_FIGURE


def agent_figures(folder: Path, prices: Prices, turns: int) -> bool:
    """One conversation in a database of its own."""
    path = folder / "agent.db"
    empty = write(path, prices, ()) or vacuumed(path)
    raw = write(path, prices, agent(Texts(4, 1), turns))
    whole = vacuumed(path)
    grown = whole - empty
    say(
        f"agent     {turns} turns, {raw:,} bytes of bodies",
        f"          the file grew by {grown:,}: 1/{raw / grown:.0f} (figure: at most 1/{AGENT_FIGURE})",
        f"          the whole file, {whole:,}, is 1/{raw / whole:.0f}; {tables(path)}",
    )
    return grown <= raw / AGENT_FIGURE


def say(*lines: str) -> None:
    sys.stdout.write("".join(line + "\n" for line in lines))


def main() -> int:
    for name, value in machine.describe(Path(__file__).parents[2]).items():
        say(f"{name:9} {value}")
    prices = Prices()
    with tempfile.TemporaryDirectory(prefix="helicli-disk-") as name:
        folder = Path(name)
        held = [chat_figures(folder, prices, 5_000), agent_figures(folder, prices, 50)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
