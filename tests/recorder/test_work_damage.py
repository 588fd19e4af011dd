"""Torn tails, flipped bytes, killed proxies: each costs what it must and no more."""

from __future__ import annotations

import os
import shutil
from collections import Counter

import pytest

from helicli import journal
from helicli.call import Head
from helicli.journal import Kind
from helicli.providers.sse import Splitter
from tests.providers import shapes
from tests.recorder.scene import ANSWER, ASKED, JSON, Scene, end, flip, records

TALK = shapes.sse(shapes.chunk({"content": "Hel"}), shapes.chunk({"content": "lo"}, "stop"), shapes.USAGE_EVENT)
EVENTS = Splitter().feed(TALK)


@pytest.mark.parametrize("again", [False, True], ids=["dead", "restarted"])
def test_a_tail_torn_at_any_byte(tmp_path, again):
    whole = Scene(tmp_path / "whole")
    proxy = whole.proxy()
    proxy.small("a")
    proxy.small("b", b"", b"{}")
    proxy.die()
    path = whole.segments()[0]
    data = path.read_bytes()
    found = records(path)
    empty = Scene(tmp_path / "empty")
    empty.drain().close()
    for cut in range(found[2][0], len(data)):
        scene = Scene(tmp_path / str(cut))
        shutil.copy(empty.database, scene.database)
        (scene.directory / path.name).write_bytes(data[:cut])
        if again:
            scene.proxy(2).small("c")
            recorder = scene.drain()
        else:
            recorder = scene.finish()
        begun = cut >= found[3][0]
        expected = Counter(["a"] + ["b"] * begun + ["c"] * again)
        assert scene.names() == expected
        assert scene.row("a")["error"] is None
        if begun:
            assert scene.row("b")["error"] == "engine_killed"
            assert scene.row("b")["status"] is None
        assert recorder.bad_records == 0
        scene.close()


def test_a_torn_tail_is_waited_for_while_its_proxy_lives(scene):
    proxy = scene.proxy()
    proxy.small("a")
    path = scene.segments()[0]
    data = path.read_bytes()
    recorder = scene.recorder()
    for size in range(journal.SEGMENT_HEADER.size, len(data)):
        os.truncate(path, size)
        recorder.step()
        with path.open("ab") as file:
            file.write(data[size:])
    scene.drain(recorder)
    assert scene.names() == {"a": 1}
    assert recorder.bad_records == 0


@pytest.mark.parametrize("end_of_engine", [True, False], ids=["finish", "next"])
def test_a_flipped_byte_costs_its_call_and_no_other(tmp_path, end_of_engine):
    whole = Scene(tmp_path / "whole")
    proxy = whole.proxy()
    for name in "abc":
        proxy.small(name)
    proxy.die()
    path = whole.segments()[0]
    start, record = records(path)[3]
    assert record.kind == Kind.END
    for offset in [*range(start, start + journal.RECORD_HEADER.size), start + record.size - 1]:
        scene = Scene(tmp_path / str(offset))
        (scene.directory / path.name).write_bytes(path.read_bytes())
        flip(scene.directory / path.name, offset)
        if end_of_engine:
            recorder = scene.finish()
        else:
            scene.proxy(2).small("d")
            recorder = scene.drain()
        assert scene.names() == Counter("abc" if end_of_engine else "abcd")
        assert scene.row("b")["error"] == "engine_killed"
        assert scene.row("c")["error"] is None
        assert recorder.bad_records == 1
        scene.close()


def test_a_flipped_byte_where_the_proxy_goes_on(scene, small_segments):
    proxy = scene.proxy()
    for i in range(20):
        proxy.small(f"s{i}")
    flip(scene.segments()[0], records(scene.segments()[0])[1][0] + 30)
    flip(scene.segments()[1], records(scene.segments()[1])[-1][0] + 30)
    recorder = scene.drain()
    assert recorder.bad_records == 2
    assert len(scene.names()) == 18
    proxy.die()
    scene.finish(recorder)
    killed = {row["name"] for row in scene.rows() if row["error"] == "engine_killed"}
    assert len(killed) == 2
    assert len(scene.names()) == 20


def test_calls_of_a_killed_proxy(scene):
    proxy = scene.proxy()
    proxy.start("begun").request(b"held back")
    proxy.stream("cut", *EVENTS[:1])
    proxy.stream("told", *EVENTS)
    for name, size in (("whole", len(ANSWER)), ("part", len(ANSWER) + 1)):
        call = proxy.start(name)
        call.request(ASKED)
        call.head(Head(200, [*JSON.headers, (b"content-length", b"%d" % size)]))
        call.chunk(ANSWER)
    recorder = scene.drain()
    assert scene.rows() == []
    proxy.die()
    scene.drain(recorder)
    found = {row["name"]: row["error"] for row in scene.rows()}
    assert found == {
        "begun": "engine_killed",
        "cut": "engine_killed",
        "told": None,
        "whole": None,
        "part": "engine_killed",
    }
    assert scene.row("begun")["status"] is None
    assert scene.body("begun")["request"] is None
    assert scene.row("cut")["status"] == 200
    assert scene.row("cut")["usage_estimated"] == 1
    assert scene.row("told")["output_tokens"] == 300
    assert (scene.row("whole")["input_tokens"], scene.row("whole")["cost_usd"]) == (10, 0.000075)
    assert scene.body("cut")["request"] == ASKED
    scene.finish(recorder)
    assert scene.segments() == []
    assert len(scene.rows()) == 5


def test_an_end_without_a_begin_is_no_row(scene):
    proxy = scene.proxy()
    proxy.raw(Kind.END, journal.encode(end()))
    proxy.raw(Kind.CHUNK, b"x")
    proxy.small("a")
    scene.drain()
    assert scene.names() == {"a": 1}


def test_several_generations(scene, small_segments):
    names = []
    for generation in (3, 7, 8, 1_700_000_000):
        proxy = scene.proxy(generation)
        for i in range(9):
            proxy.small(f"{generation}-{i}")
            names.append(f"{generation}-{i}")
        proxy.stream(f"{generation}-run", *EVENTS[:1])
    proxy.die()
    recorder = scene.finish()
    assert scene.names() == Counter(names + [f"{generation}-run" for generation in (3, 7, 8, 1_700_000_000)])
    assert sum(row["error"] == "engine_killed" for row in scene.rows()) == 4
    scene.proxy(1_700_000_001).small("after")
    scene.drain(recorder)
    assert scene.names()["after"] == 1
    recorder.close()
    scene.drain()
    assert max(scene.names().values()) == 1
