"""Logs to look at: the demo's, built once, and one that grows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helicli.demo.bulk import build
from tests.tui.scene import UNTIL_MS
from tests.tui.writing import Writer


@pytest.fixture(scope="session")
def demo_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,400 calls of ninety days; nobody writes to it."""
    path = tmp_path_factory.mktemp("demo") / "helicli.db"
    build(path, 2_400, 7, UNTIL_MS, lambda share: None)
    return path


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[tuple[Path, Writer]]:
    """A log of forty calls, and who writes to it."""
    writer = Writer(tmp_path / "x.db")
    writer.add(*range(1, 41))
    yield tmp_path / "x.db", writer
    writer.db.close()
