"""A log of the demo, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from helicli.demo.bulk import build
from tests.tui.scene import UNTIL_MS


@pytest.fixture(scope="session")
def demo_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,400 calls of ninety days; nobody writes to it."""
    path = tmp_path_factory.mktemp("demo") / "helicli.db"
    build(path, 2_400, 7, UNTIL_MS, lambda share: None)
    return path
