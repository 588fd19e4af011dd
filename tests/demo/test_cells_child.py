"""The second process of a large log: it ends with the first one, whichever way that ends."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from helicli.demo import cells_child
from helicli.demo.cells_child import Taker
from helicli.store.side_cells import reached
from tests.query import logs


@pytest.fixture
def log(tmp_path):
    return logs.write(tmp_path / "x.db", *(logs.call(n) for n in range(1, 4)))


def test_it_takes_what_it_is_told(log, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", iter_lines("2\n", "3\n", "end\n"))
    monkeypatch.setattr(cells_child, "BLOCK", 1)
    assert cells_child.main(str(log), str(tmp_path / "side")) == 0
    assert reached(tmp_path / "side") == 3


def test_lines_that_end_are_a_first_process_that_has_gone(log, tmp_path):
    command = [sys.executable, "-m", "helicli.demo.cells_child", str(log), str(tmp_path / "side")]
    assert subprocess.run(command, input="3\n", text=True).returncode == 1


def test_it_does_not_go_on_for_a_first_process_that_was_killed(log, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", iter_lines("3\n", "end\n"))
    monkeypatch.setattr(cells_child, "BLOCK", 1)
    parents = iter([4121, 1])
    monkeypatch.setattr(os, "getppid", lambda: next(parents))
    assert cells_child.main(str(log), str(tmp_path / "side")) == 1
    assert reached(tmp_path / "side") == 1


def test_a_process_of_its_own(log, tmp_path):
    taker = Taker(log, tmp_path / "side")
    taker.written(3)
    seen: list[int] = []
    assert taker.finish(seen.append)
    assert set(seen) <= {0}
    taker.stop()


def test_one_that_cannot_work_is_told(tmp_path):
    taker = Taker(tmp_path / "none.db", tmp_path / "side")
    taker.written(3)
    assert not taker.finish(lambda seq: None)
    taker.stop()


def iter_lines(*lines: str):
    class Lines:
        def __init__(self) -> None:
            self._lines = iter(lines)

        def readline(self) -> str:
            return next(self._lines, "")

    return Lines()
