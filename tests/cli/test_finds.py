"""Pages of calls: one list whatever the pages."""

from __future__ import annotations

import json

import pytest

from helicli.cli import shaping
from helicli.cli.finds import Finds
from helicli.filters import Filter
from helicli.query.calls import newest
from helicli.query.reading import opened


@pytest.mark.parametrize("form", ["table", "plain", "json", "jsonl", "csv"])
@pytest.mark.parametrize("tty", [False, True])
def test_pages_make_one_list(console, form, tty):
    def printed(*pages):
        run = console.invocation(tty)
        run.keep("format", form)
        with opened(console.database) as db:
            calls = newest(db, Filter(), 10)
            finds = Finds(run, db, shaping.shape(run))
            for first, last in pages:
                finds.show(calls[first:last])
            finds.end()
            assert finds.tally.calls == 5
        return console.streams[0].bytes().decode()

    whole = printed((0, 5))
    assert printed((0, 5), (5, 5)) == whole
    if form != "table":
        # A table is fitted to its first page.
        assert printed((0, 2), (2, 5)) == whole
    if form == "json":
        assert len(json.loads(whole)) == 5
