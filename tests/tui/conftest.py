"""Logs to look at: the demo's, built once, and one that grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helicli.demo.bulk import build
from helicli.store.calls import CallWriter
from helicli.store.connect import open_writer
from tests.query import logs
from tests.tui.scene import UNTIL_MS


@pytest.fixture(scope="session")
def demo_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,400 calls of ninety days; nobody writes to it."""
    path = tmp_path_factory.mktemp("demo") / "helicli.db"
    build(path, 2_400, 7, UNTIL_MS, lambda share: None)
    return path


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


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[tuple[Path, Writer]]:
    """A log of forty calls, and who writes to it."""
    writer = Writer(tmp_path / "x.db")
    writer.add(*range(1, 41))
    yield tmp_path / "x.db", writer
    writer.db.close()
