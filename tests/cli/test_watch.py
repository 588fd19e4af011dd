"""What serve tells: banner, lines at a bearable pace, sums at the end."""

from __future__ import annotations

import json
import stat

import pytest

from helicli.cli import watch
from helicli.cli.watch import LINES_PER_SECOND, Watch, write_ready
from tests.query import logs

HEALTH = {"address": "http://127.0.0.1:8787", "pid": 1}


@pytest.fixture
def watched(console):
    """A watch on a terminal, and what it has said so far."""

    def make(tty=True, ready_file=None):
        run = console.invocation(tty)
        return Watch(run, console.database, ready_file), lambda: console.streams[1].bytes().decode().splitlines()

    return make


def test_banner(watched):
    one, said = watched()
    one.ready(HEALTH)
    assert said()[0].startswith("helicli 0.1.0 · http://127.0.0.1:8787 · ")
    assert said()[0].endswith("(5 calls)")
    assert "  OpenAI      OPENAI_BASE_URL=http://127.0.0.1:8787/openai/v1" in said()
    assert "  Anthropic   ANTHROPIC_BASE_URL=http://127.0.0.1:8787/anthropic" in said()


def test_one_line_where_nobody_looks(watched):
    one, said = watched(tty=False)
    one.ready(HEALTH)
    assert len(said()) == 1


def test_ready_file_is_there_before_the_banner_and_the_users_alone(watched, tmp_path):
    path = tmp_path / "ready.json"
    one, _ = watched(ready_file=path)
    one.ready(HEALTH)
    assert json.loads(path.read_text()) == HEALTH
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir() if "ready" in each.name] == ["ready.json"]


def test_at_most_twenty_lines_a_second_and_then_how_many_more(watched, console, monkeypatch):
    second = iter([0.0] * 50 + [1.0] * 50)
    monkeypatch.setattr(watch.time, "monotonic", lambda: next(second))
    one, said = watched()
    one._follower.begin(0)
    logs.write(console.database, *(logs.call(100 + n) for n in range(60)))
    one._print(*one._fresh())
    lines = said()
    assert len(lines) == LINES_PER_SECOND + 1 + 10
    assert "… and 30 more" in lines[LINES_PER_SECOND]


def test_sums_at_the_end_are_of_this_run(watched, console):
    one, said = watched()
    one._follower.begin(0)
    logs.write(console.database, logs.call(101, cost_nano=2_000_000), logs.failed(102), logs.call(103, cost_nano=None))
    one.stopped()
    assert said()[-1] == "done. 3 calls · $0.0020 · 1 error · 1 unpriced"
    assert len(said()) == 4


def test_draining_says_what_it_waits_for(watched):
    one, said = watched()
    one.draining(0)
    one.draining(1)
    one.draining(2)
    assert [line.split(" …")[0] for line in said()] == ["finishing 1 call", "finishing 2 calls"]


def test_ready_file_replaces_what_stood_there(tmp_path):
    path = tmp_path / "ready.json"
    path.write_text("old")
    write_ready(path, json.dumps({"a": 1}).encode())
    assert json.loads(path.read_text()) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]
