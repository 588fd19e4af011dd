"""The recorder at work: each ended call exactly one row, whatever dies and when."""

from __future__ import annotations

import random
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helicli import journal
from helicli.journal import Position
from helicli.providers.sse import Splitter
from helicli.proxy.handoff import Handoff
from helicli.recorder import work
from helicli.recorder.work import Recorder
from tests.providers import shapes
from tests.recorder.scene import ANSWER, ASKED, JSON, SSE, Scene, begin, end

TALK = shapes.sse(shapes.chunk({"content": "Hel"}), shapes.chunk({"content": "lo"}, "stop"), shapes.USAGE_EVENT)
EVENTS = Splitter().feed(TALK)


def test_a_call_becomes_a_row_with_its_bodies(scene):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.drain()
    row, body = scene.row("a"), scene.body("a")
    assert (row["status"], row["model"], row["path"], row["machine"], row["org"]) == (
        200,
        "gpt-4o",
        "/v1/chat/completions",
        "box",
        "local",
    )
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (10, 5, 0.000075)
    assert (body["request"], body["response"]) == (ASKED, ANSWER)
    assert recorder.rows_written == 1
    assert recorder.waiting_bytes() == 0
    assert recorder.state == "ok"


def test_a_stream_is_gathered_from_its_records(scene):
    proxy = scene.proxy()
    big = b"x" * 70_000
    call = proxy.stream("s", *EVENTS, request=big)
    recorder = scene.drain()
    assert scene.rows() == []
    call.end(end(ttft_us=1000))
    scene.drain(recorder)
    body = scene.body("s")
    assert (body["request"], body["response"]) == (big, TALK)
    assert scene.row("s")["stream"] == 1
    assert scene.row("s")["error"] is None
    assert scene.row("s")["ttft_ms"] == 1.0


@pytest.mark.parametrize("secret", [True, False])
@pytest.mark.parametrize("step", [1, 3, 20, 1000])
def test_a_secret_that_pieces_share_is_masked_on_both_sides(scene, secret, step):
    key = b"sk-0123456789"
    side = b"x sk-0 " + (key if secret else key[:-1]) + b" sk-01"
    writer = scene.proxy().journal
    call = Handoff(writer, begin("s"), [key])
    call.head(SSE)
    for at in range(0, len(side), step):
        call.request(side[at : at + step])
        call.chunk(side[at : at + step])
    call.end(end())
    scene.drain()
    kept = side.replace(key, b"*" * len(key))
    body = scene.body("s")
    assert (body["request"], body["response"], body["redacted"]) == (kept, kept, secret)


def test_only_both_ends_of_a_huge_side_are_kept(scene, monkeypatch):
    monkeypatch.setattr("helicli.recorder.running.BODY_MAX", 100)
    proxy = scene.proxy()
    sides = {"exact": bytes(range(100)), "over": bytes(range(101)), "far": bytes(i % 251 for i in range(9999))}
    for name, side in sides.items():
        for step in (1, 7, 49, 50, 51, 5000):
            call = proxy.stream(f"{name}{step}", *[side[i : i + step] for i in range(0, len(side), step)])
            call.end(end())
    scene.drain()
    for name, side in sides.items():
        for step in (1, 7, 49, 50, 51, 5000):
            body = scene.body(f"{name}{step}")
            assert body["response_size"] == len(side)
            assert body["response_missing"] == (None if len(side) <= 100 else "middle")
            assert body["response_sha256"] == (None if len(side) <= 100 else sha256(side).digest())
            assert body["response"] == (side if len(side) <= 100 else side[:50] + side[-50:])


@pytest.mark.parametrize(("bodies", "rows"), [("full", 2), ("meta", 2), ("off", 0)])
def test_what_is_kept_of_the_sides(scene, bodies, rows):
    proxy = scene.proxy()
    for name in ("a", "b"):
        proxy.small(name)
    recorder = Recorder(scene.database, scene.directory, "box", bodies)
    while recorder.step():
        pass
    recorder.close()
    assert [row["input_tokens"] for row in scene.rows()] == [10, 10]
    assert len(scene.ask("SELECT * FROM bodies")) == rows
    if rows:
        body = scene.body("b")
        assert (body["request"], body["response"]) == ((ASKED, ANSWER) if bodies == "full" else (None, None))
        assert (body["request_size"], body["response_size"]) == (len(ASKED), len(ANSWER))
        assert body["response_headers"] == [("content-type", "application/json")]
    assert len(scene.ask("SELECT * FROM parts")) == min(rows, 1)


def _interleaved(proxy, choose, count):
    """Calls of every kind, begun and ended in an order that `choose` gives; the names of those that ended."""
    running, ended, begun = [], [], 0
    while begun < count or running:
        if begun < count and (not running or choose(3)):
            name, kind = f"c{begun}", choose(3)
            begun += 1
            if kind == 0:
                proxy.small(name)
                ended.append(name)
            else:
                running.append((name, proxy.stream(name) if kind == 1 else proxy.start(name)))
            continue
        at = choose(len(running))
        name, call = running[at]
        if choose(2):
            call.chunk(b"data: piece\n\n")
        else:
            call.end(end())
            ended.append(name)
            del running[at]
    return ended


def test_five_thousand_interleaved_calls(scene, monkeypatch):
    monkeypatch.setattr("helicli.journal.SEGMENT_BYTES", 50_000)
    monkeypatch.setattr("helicli.recorder.work.CARRY_BYTES", 200_000)
    proxy = scene.proxy()
    pin = proxy.stream("pin")
    dice = random.Random(7)
    ended = _interleaved(proxy, dice.randrange, 5000)
    recorder = scene.drain()
    assert scene.names() == Counter(ended)
    assert len(scene.carries()) == 1
    assert len(scene.segments()) < 8
    pin.end(end())
    scene.drain(recorder)
    assert scene.names() == Counter([*ended, "pin"])
    assert scene.carries() == []
    assert len(scene.segments()) == 1


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_interleaving_cut_into_any_batches_gives_each_ended_call_one_row(tmp_path_factory, data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("helicli.journal.SEGMENT_BYTES", data.draw(st.integers(400, 4000)))
        patch.setattr("helicli.recorder.work.CARRY_BYTES", data.draw(st.integers(1, 4)) * journal.SEGMENT_BYTES)
        scene = Scene(tmp_path_factory.mktemp("any"))
        recorder = scene.recorder()
        proxy = scene.proxy()

        def choose(bound):
            nonlocal recorder
            act = data.draw(st.integers(0, 9))
            if act >= 6:
                patch.setattr("helicli.recorder.work.BATCH_BYTES", data.draw(st.integers(1, 3000)))
                recorder.step()
            if act == 9:
                recorder = scene.recorder()
            return data.draw(st.integers(0, bound - 1))

        try:
            ended = _interleaved(proxy, choose, data.draw(st.integers(1, 12)))
            scene.drain(recorder)
            assert scene.names() == Counter(ended)
            assert recorder.bad_records == 0
            assert recorder.waiting_bytes() == 0
            proxy.die()
            scene.finish(recorder)
            assert scene.segments() == []
            assert scene.carries() == []
            assert scene.names() == Counter(ended)
        finally:
            scene.close()


@pytest.mark.parametrize("batch", [150, 300, 1000, work.BATCH_BYTES])
def test_recorders_that_die_after_one_two_three_steps(scene, small_segments, monkeypatch, batch):
    monkeypatch.setattr(work, "BATCH_BYTES", batch)
    proxy = scene.proxy()
    pins = [proxy.stream(f"pin{i}", b"data: first\n\n") for i in range(3)]
    for i in range(25):
        proxy.small(f"s{i}")
        if i % 5 == 0:
            pins[i % 3].chunk(b"data: %d\n\n" % i)
    for pin in pins[:2]:
        pin.end(end())
    for life in range(1, 200):
        recorder = scene.recorder()
        worked = all(recorder.step() for _ in range(life))
        recorder.close()
        if not worked:
            break
    assert scene.names() == Counter([f"s{i}" for i in range(25)] + ["pin0", "pin1"])
    pins[2].end(end())
    scene.drain()
    assert scene.body("pin2")["response"] == b"data: first\n\ndata: 5\n\ndata: 20\n\n"
    assert scene.body("pin0")["response"] == b"data: first\n\ndata: 0\n\ndata: 15\n\n"


def test_a_death_between_commit_and_deletion(scene, small_segments, monkeypatch, tmp_path):
    proxy = scene.proxy()
    pin = proxy.stream("pin", b"data: first\n\n")
    copies = []
    monkeypatch.setattr(work, "BATCH_BYTES", 700)
    recorder = scene.recorder()
    real = recorder._database.write

    def write(calls, reached, *, durable):
        copies.append(scene.copy(tmp_path / f"before{len(copies)}"))
        real(calls, reached, durable=durable)
        copies.append(scene.copy(tmp_path / f"after{len(copies)}"))

    monkeypatch.setattr(recorder._database, "write", write)
    for i in range(40):
        proxy.small(f"s{i}")
    scene.drain(recorder)
    pin.end(end())
    proxy.small("last")
    proxy.die()
    assert len(copies) > 40
    for copy in copies:
        # What was appended after the death: the newest segments and what the copy lacks of those it has.
        for path in scene.segments():
            (copy.directory / path.name).write_bytes(path.read_bytes())
        copy.finish()
        assert copy.names() == Counter([f"s{i}" for i in range(40)] + ["pin", "last"])
        assert copy.body("pin")["response"] == b"data: first\n\n"
        assert copy.row("pin")["error"] == "upstream_cut"
        assert (copy.segments(), copy.carries()) == ([], [])
        copy.close()


def test_bodies_that_were_dropped_are_not_taken_for_a_cut(scene):
    proxy = scene.proxy()
    call = proxy.start("a")
    call._bodies = False
    call.request(ASKED)
    call.end(end(), JSON, ANSWER)
    scene.drain()
    body = scene.body("a")
    assert (body["request"], body["response"]) == (None, None)
    assert scene.row("a")["error"] is None


def test_the_position_is_where_the_oldest_running_call_begins(scene):
    proxy = scene.proxy()
    proxy.small("a")
    path = scene.segments()[0]
    begins = path.stat().st_size
    call = proxy.stream("b")
    recorder = scene.drain()
    assert recorder.high == Position(1, 1, path.stat().st_size)
    low = scene.ask("SELECT low_generation, low_number, low_offset FROM journal_position")[0]
    assert tuple(low) == (1, 1, begins)
    call.end(end())
    assert recorder.waiting_bytes() == path.stat().st_size - recorder.high.offset
    scene.drain(recorder)
    low = scene.ask("SELECT low_generation, low_number, low_offset FROM journal_position")[0]
    assert tuple(low) == recorder.high == (1, 1, path.stat().st_size)


def test_the_journal_is_deleted_only_after_a_durable_commit(scene, monkeypatch):
    proxy = scene.proxy()
    proxy.small("a")
    recorder = scene.recorder()
    while recorder.step():
        pass
    proxy.die()
    seen = []
    real = recorder._database.write

    def write(calls, reached, *, durable):
        seen.append((durable, len(scene.segments())))
        real(calls, reached, durable=durable)

    monkeypatch.setattr(recorder._database, "write", write)
    scene.finish(recorder)
    assert seen[-1] == (True, 1)
    assert scene.segments() == []


def test_whether_a_proxy_lives(scene):
    assert not work.proxy_lives(scene.directory)
    proxy = scene.proxy()
    assert work.proxy_lives(scene.directory)
    proxy.die()
    assert not work.proxy_lives(scene.directory)
