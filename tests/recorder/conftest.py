"""What every test of the recorder gets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.recorder.scene import Scene


@pytest.fixture
def scene(tmp_path) -> Iterator[Scene]:
    """An empty journal and no database."""
    made = Scene(tmp_path / "here")
    yield made
    made.close()


@pytest.fixture
def small_segments(monkeypatch) -> None:
    """Segments of 2 kB, carried forward after four."""
    monkeypatch.setattr("helicli.journal.SEGMENT_BYTES", 2000)
    monkeypatch.setattr("helicli.recorder.work.CARRY_BYTES", 8000)
