"""Prompts changed where no engine runs; where one does stands in tests/e2e/test_prompts.py."""

from __future__ import annotations

import threading

import pytest

from helicli.engine import prompts
from helicli.errors import NotFoundError
from helicli.prompts import File, Source
from helicli.query.reading import opened
from helicli.store.prompts import Label, Push, find, source


def push(path, text):
    return prompts.change(path, Push((Source(File("p.md", f"## user\n{text}\n")),)), lambda line: None)


def test_it_is_stored_at_once(tmp_path):
    live, kept = push(tmp_path / "x.db", "hi")
    assert (live, [(each.name, each.number, each.new) for each in kept]) == (False, [("p", 1, True)])
    with pytest.raises(NotFoundError):
        prompts.change(tmp_path / "x.db", Label("p", "staging", 2), print)


def test_two_at_once_get_two_versions_and_none_is_lost(tmp_path):
    path, barrier = tmp_path / "x.db", threading.Barrier(2)

    def pushes(who):
        barrier.wait()
        for number in range(5):
            push(path, f"{who} {number}")

    threads = [threading.Thread(target=pushes, args=(who,)) for who in ("ada", "linus")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with opened(path) as db:
        stored = find(db, "p")
        assert [each.number for each in stored.versions] == list(range(1, 11))
        assert len({source(db, each.hash).file.text for each in stored.versions}) == 10
