"""Calls that cannot be read, and calls that kill the one who reads them."""

from __future__ import annotations

from collections import Counter

import pytest

from helicli.journal import Kind
from helicli.recorder import work
from tests.recorder.scene import ANSWER, end

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

    def make_row(exchange, *given):
        if exchange.begin.tags.name == "x":
            raise Killed
        return real(exchange, *given)

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
