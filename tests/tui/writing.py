"""Who writes to a log while somebody looks at it."""

from __future__ import annotations

from pathlib import Path

from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from tests.query import logs


class Writer:
    """The recorder's connection to a log, while somebody looks at it."""

    def __init__(self, path: Path) -> None:
        self.db = open_writer(path)

    def add(self, *numbers: int, **given: object) -> None:
        self.db.execute("BEGIN")
        writer = CallWriter(self.db)
        for number in numbers:
            writer.write(logs.call(number, **given))
        self.db.execute("COMMIT")

    def remove(self, condition: str) -> None:
        self.db.execute(f"DELETE FROM calls WHERE {condition}")
