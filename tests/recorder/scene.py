"""A journal and a database in a folder, a proxy that writes the one, and recorders that come and go."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections import Counter
from pathlib import Path

from helicli import journal
from helicli.call import Begin, End, Head, Tags
from helicli.proxy.handoff import Handoff
from helicli.proxy.ids import new_id
from helicli.proxy.journal import Journal
from helicli.recorder.work import Recorder
from helicli.store.bodies import BodyReader

SSE = Head(200, [(b"content-type", b"text/event-stream")])
JSON = Head(200, [(b"content-type", b"application/json")])
ANSWER = json.dumps(
    {"model": "gpt-4o", "choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}
).encode()
ASKED = b'{"model":"gpt-4o","messages":[]}'
CREATED = 1_763_700_000_000


def begin(name: str, **more) -> Begin:
    values = {
        "id": new_id(CREATED),
        "created_at": CREATED,
        "provider": "openai",
        "dialect": "openai",
        "method": "POST",
        "path": "/v1/chat/completions?x=1",
        "provider_key": "abcd1234",
        "headers": [(b"content-type", b"application/json")],
        "tags": Tags(name=name),
    }
    return Begin(**(values | more))


def end(**more) -> End:
    values = {
        "ended_at": CREATED + 500,
        "latency_us": 500_000,
        "ttft_us": None,
        "overhead_us": 300,
        "status": 200,
        "error": None,
        "error_message": None,
        "attempts": 1,
    }
    return End(**(values | more))


class Proxy:
    """The writing end. `die` leaves everything as a kill does."""

    def __init__(self, directory: Path, generation: int = 1) -> None:
        self.journal = Journal(directory, generation, 1 << 40)
        self.alive = True

    def start(self, name: str, **more) -> Handoff:
        return Handoff(self.journal, begin(name, **more), [])

    def small(self, name: str, request: bytes = ASKED, response: bytes = ANSWER) -> None:
        call = self.start(name)
        call.request(request)
        call.end(end(), JSON, response)

    def stream(self, name: str, *chunks: bytes, request: bytes = ASKED) -> Handoff:
        call = self.start(name)
        call.request(request)
        call.head(SSE)
        for chunk in chunks:
            call.chunk(chunk)
        return call

    def raw(self, kind: int, payload: bytes) -> int:
        """A record of a new call as it is given."""
        call = self.journal.new_call()
        self.journal.append(call, kind, payload)
        return call

    def die(self) -> None:
        if self.alive:
            self.alive = False
            os.close(self.journal._live)
            os.close(self.journal._fd)


class Scene:
    """All of it; at the end of a test everything is closed."""

    def __init__(self, root: Path) -> None:
        self.directory = root / "db.calls"
        self.database = root / "db"
        self.directory.mkdir(parents=True, exist_ok=True)
        self._proxies: list[Proxy] = []
        self._recorders: list[Recorder] = []

    def proxy(self, generation: int = 1) -> Proxy:
        for earlier in self._proxies:
            earlier.die()
        self._proxies.append(Proxy(self.directory, generation))
        return self._proxies[-1]

    def recorder(self) -> Recorder:
        recorder = Recorder(self.database, self.directory, "box")
        self._recorders.append(recorder)
        return recorder

    def drain(self, recorder: Recorder | None = None) -> Recorder:
        """All that can be done with the journal as it is."""
        recorder = recorder or self.recorder()
        for _ in range(100_000):
            if not recorder.step():
                return recorder
        raise AssertionError("the recorder never comes to rest")

    def finish(self, recorder: Recorder | None = None) -> Recorder:
        """As at the end of an engine."""
        recorder = recorder or self.recorder()
        for _ in range(100_000):
            if recorder.finish():
                return recorder
        raise AssertionError("the recorder never finishes")

    def names(self) -> Counter:
        return Counter(row["name"] for row in self.rows())

    def rows(self) -> list[sqlite3.Row]:
        return self.ask("SELECT * FROM requests ORDER BY seq")

    def row(self, name: str) -> sqlite3.Row:
        found = [row for row in self.rows() if row["name"] == name]
        assert len(found) == 1, (name, len(found))
        return found[0]

    def body(self, name: str) -> dict:
        """The row of a call's sides, bodies and headers as they came."""
        seq = self.row(name)["seq"]
        row = dict(self.ask("SELECT * FROM bodies WHERE seq = ?", seq)[0])
        connection = sqlite3.connect(self.database)
        reader = BodyReader(connection)
        for side in ("request", "response"):
            row[side] = None if row[side] is None else reader.body(row[side])
            fields = row[f"{side}_headers"]
            row[f"{side}_headers"] = None if fields is None else reader.headers(fields)
        connection.close()
        return row

    def ask(self, sql: str, *values) -> list[sqlite3.Row]:
        connection = sqlite3.connect(self.database)
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def segments(self) -> list[Path]:
        return sorted(self.directory.glob("*.calls"))

    def carries(self) -> list[Path]:
        return sorted(self.directory.glob("*.carry*"))

    def copy(self, root: Path) -> Scene:
        """Another scene with the files as they stand at this moment."""
        root.mkdir(exist_ok=True)
        shutil.copytree(self.directory, root / "db.calls", dirs_exist_ok=True)
        for path in self.database.parent.glob("db*"):
            if path.is_file():
                shutil.copy2(path, root / path.name)
        return Scene(root)

    def close(self) -> None:
        for recorder in self._recorders:
            recorder.close()
        for proxy in self._proxies:
            proxy.die()


def records(path: Path) -> list[tuple[int, journal.Record]]:
    """The records of a segment with their offsets."""
    data, at, found = path.read_bytes(), journal.SEGMENT_HEADER.size, []
    while record := journal.unpack(data, at):
        found.append((at, record))
        at += record.size
    return found


def flip(path: Path, offset: int) -> None:
    """Damage one byte of a file."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x5A
    path.write_bytes(data)
