"""The recorder at work: each ended call exactly one row, whatever dies and when."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helicli import journal
from helicli.call import Head
from helicli.journal import Kind, Position
from helicli.providers.sse import Splitter
from helicli.recorder import work
from helicli.store.bodies import unpack
from tests.providers import shapes
from tests.recorder.scene import ANSWER, ASKED, JSON, Scene, end, flip, records

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
    assert (unpack(body["request"]), unpack(body["response"])) == (ASKED, ANSWER)
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
    assert (unpack(body["request"]), unpack(body["response"])) == (big, TALK)
    assert scene.row("s")["stream"] == 1
    assert scene.row("s")["error"] is None
    assert scene.row("s")["ttft_ms"] == 1.0


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
            assert unpack(body["response"]) == (side if len(side) <= 100 else side[:50] + side[-50:])


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
    assert unpack(scene.body("pin2")["response"]) == b"data: first\n\ndata: 5\n\ndata: 20\n\n"
    assert unpack(scene.body("pin0")["response"]) == b"data: first\n\ndata: 0\n\ndata: 15\n\n"


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
        assert unpack(copy.body("pin")["response"]) == b"data: first\n\n"
        assert copy.row("pin")["error"] == "upstream_cut"
        assert (copy.segments(), copy.carries()) == ([], [])
        copy.close()


def test_a_long_call_pins_nothing_and_loses_nothing(scene, small_segments):
    proxy = scene.proxy()
    pin = proxy.stream("pin", b"data: 0\n\n")
    recorder = scene.recorder()
    for i in range(1, 60):
        proxy.small(f"s{i}")
        pin.chunk(b"data: %d\n\n" % i)
        scene.drain(recorder)
        assert len(scene.segments()) <= 7
    recorder.close()
    recorder = scene.drain()
    pin.end(end())
    scene.drain(recorder)
    assert unpack(scene.body("pin")["response"]) == b"".join(b"data: %d\n\n" % i for i in range(60))
    assert scene.carries() == []


def test_a_commit_that_fails_after_calls_were_carried(scene, small_segments, monkeypatch):
    monkeypatch.setattr("helicli.store.connect.BUSY_MS", 1)
    proxy = scene.proxy()
    pin = proxy.stream("pin", b"data: first\n\n")
    recorder = scene.drain()
    lock = sqlite3.connect(scene.database, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for i in range(40):
        proxy.small(f"s{i}")
    assert recorder.step() is False
    assert recorder.state == "locked"
    assert len(scene.carries()) == 1
    lock.execute("ROLLBACK")
    lock.close()
    scene.drain(recorder)
    proxy.small("later")
    recorder = scene.drain()
    pin.end(end())
    scene.drain(recorder)
    assert unpack(scene.body("pin")["response"]) == b"data: first\n\n"
    assert scene.names()["pin"] == 1


def test_a_carried_call_that_ended_is_not_carried_on(scene, small_segments):
    proxy = scene.proxy()
    pin = proxy.stream("pin", b"data: first\n\n")
    for i in range(40):
        proxy.small(f"s{i}")
    recorder = scene.drain()
    assert len(scene.carries()) == 1
    other = proxy.stream("other")
    pin.end(end())
    scene.drain(recorder)
    assert scene.carries() == []
    recorder = scene.drain()
    other.end(end())
    scene.drain(recorder)
    assert recorder.finish() is False
    proxy.die()
    scene.finish(recorder)
    assert scene.names()["pin"] == scene.names()["other"] == 1
    assert all(row["error"] != "engine_killed" for row in scene.rows())


def test_a_carry_that_cannot_be_written_pins_the_journal(scene, small_segments, monkeypatch):
    proxy = scene.proxy()
    pin = proxy.stream("pin", b"data: first\n\n")
    for i in range(40):
        proxy.small(f"s{i}")
    recorder = scene.recorder()

    def full(fd):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("helicli.recorder.segments.os.fdatasync", full)
        scene.drain(recorder)
    pinned = len(scene.segments())
    assert pinned > 4
    assert len(scene.names()) == 40
    proxy.small("more")
    scene.drain(recorder)
    assert len(scene.segments()) < pinned
    assert [path.suffix for path in scene.carries()] == [".carry"]
    pin.end(end())
    scene.drain(recorder)
    assert scene.names()["pin"] == 1


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
    assert unpack(scene.body("cut")["request"]) == ASKED
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


POISON = [b"\xc1", b"\x93\x01\x02\x03", b"", b"\xdd\xff\xff\xff\xff"]


@pytest.mark.parametrize("payload", POISON)
def test_garbage_with_a_right_checksum_is_put_aside(scene, payload):
    proxy = scene.proxy()
    proxy.small("a")
    proxy.raw(Kind.BEGIN, payload)
    call = proxy.start("end")
    proxy.journal.append(call._call, Kind.END, payload)
    call = proxy.start("head")
    proxy.journal.append(call._call, Kind.HEAD, payload)
    call._spread = True
    call.end(end())
    call = proxy.start("killed")
    proxy.journal.append(call._call, Kind.HEAD, payload)
    proxy.small("z")
    recorder = scene.drain()
    assert scene.names() == {"a": 1, "z": 1}
    assert recorder.bad_records == 3
    proxy.die()
    scene.finish(recorder)
    assert scene.names() == {"a": 1, "z": 1}
    assert recorder.bad_records == 4
    assert len(list((scene.directory / "bad").iterdir())) == 4


def test_numbers_that_no_column_holds_are_no_poison(scene):
    proxy = scene.proxy()
    huge = ANSWER.replace(b'"prompt_tokens": 10', b'"prompt_tokens": 9007199254740991')
    proxy.small("huge", response=huge)
    scene.drain()
    assert scene.row("huge")["cost_usd"] is None
    assert scene.row("huge")["input_tokens"] == 9007199254740991


class Killed(BaseException):
    """A death, as far as a test can have one."""


@pytest.fixture
def deadly(monkeypatch):
    """Reading the call `x` kills."""
    real = work.make_row

    def make_row(exchange, prices, machine):
        if exchange.begin.tags.name == "x":
            raise Killed
        return real(exchange, prices, machine)

    monkeypatch.setattr(work, "make_row", make_row)


def _live_on(scene, finish=False):
    """Recorders, one after the other's death; how many died."""
    for deaths in range(20):
        recorder = scene.recorder()
        try:
            (scene.finish if finish else scene.drain)(recorder)
        except Killed:
            continue
        return deaths
    raise AssertionError("they die for ever")


def test_a_call_that_kills_is_put_aside_after_its_third_death(scene, deadly, small_segments):
    proxy = scene.proxy()
    for name in ["a", "b", "x", *(f"s{i}" for i in range(20))]:
        proxy.small(name)
    # The first death names only the batch, then three name the call.
    assert _live_on(scene) == 4
    assert scene.names() == Counter(["a", "b", *(f"s{i}" for i in range(20))])
    assert scene.recorder().bad_records == 1
    proxy.small("after")
    assert _live_on(scene) == 0
    assert scene.names()["after"] == 1


def test_a_running_call_that_kills_when_it_is_given_up(scene, deadly):
    proxy = scene.proxy()
    for name in ("a", "x", "b"):
        proxy.stream(name)
    proxy.die()
    assert _live_on(scene, finish=True) == 4
    assert scene.names() == {"a": 1, "b": 1}
    assert scene.recorder().bad_records == 1


def test_starts_that_read_nothing_are_no_deaths(scene, monkeypatch):
    proxy = scene.proxy()
    proxy.small("a")
    with monkeypatch.context() as patch:
        patch.setattr(work, "make_row", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            scene.recorder().step()
    for _ in range(5):
        scene.recorder().close()
    scene.drain()
    assert scene.names() == {"a": 1}


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


def test_an_unfinished_carry_is_swept_up(scene):
    (scene.directory / f"{journal.carry_name(1, 3)}.new").write_bytes(b"half")
    scene.proxy().die()
    scene.finish()
    assert scene.carries() == []


def test_whether_a_proxy_lives(scene):
    assert not work.proxy_lives(scene.directory)
    proxy = scene.proxy()
    assert work.proxy_lives(scene.directory)
    proxy.die()
    assert not work.proxy_lives(scene.directory)
