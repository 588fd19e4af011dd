"""What was counted when a proxy was killed: recorded and unrecorded charges as one state."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from helicli.call import Charge
from helicli.engine import counted as module
from helicli.engine.counted import counted, stored_limits
from helicli.journal import Kind
from helicli.store import limits
from helicli.store.connect import open_writer
from helicli.store.limits import StoredLimit
from tests.recorder.scene import CREATED, JSON, Scene, end

FAR = CREATED + 10**12


@pytest.fixture
def scene(tmp_path):
    made = Scene(tmp_path)
    yield made
    made.close()


def charge(amount=1, segment="ada", at=CREATED):
    return Charge("10;w=60;s=user", segment, amount, at, FAR)


def total(scene, generation=9):
    found = counted(scene.database, scene.directory, generation, CREATED)
    return sum(each.amount for each in found.charges)


def test_nothing_is_there(scene):
    assert counted(scene.database, scene.directory, 1, 0).charges == ()
    assert stored_limits(scene.database) == ()


def test_a_call_counts_once_wherever_it_is(scene):
    proxy = scene.proxy()
    for amount in (1, 2):
        call = proxy.start(f"call-{amount}")
        call.charge((charge(50),))
        call.end(replace(end(), charges=(charge(amount),)), JSON, b"{}")
    running = proxy.start("running")
    running.charge((charge(4),))
    assert total(scene) == 7
    recorder = scene.drain()
    assert total(scene) == 7
    more = proxy.start("more")
    more.charge((charge(8),))
    assert total(scene) == 15
    proxy.die()
    scene.drain(recorder)
    assert total(scene) == 15
    scene.proxy(2).die()
    scene.finish(recorder)
    assert total(scene) == 15
    assert scene.ask("SELECT total(amount) AS n FROM charges")[0]["n"] == 15
    assert scene.row("running")["error"] == "engine_killed"


def test_the_running_proxys_own_journal_is_not_read(scene):
    proxy = scene.proxy(5)
    proxy.start("now").charge((charge(3),))
    assert total(scene, generation=5) == 0
    assert total(scene, generation=6) == 3


def test_carried_calls_are_counted(scene):
    proxy = scene.proxy()
    running = proxy.start("long")
    running.charge((charge(4),))
    recorder = scene.drain()
    recorder._running.carry(recorder._segments.place)
    recorder._unsaved = True
    low = recorder._segments.place
    recorder._database.write((), replace(recorder._reached, low=low, carry=recorder._running.carry_name), durable=True)
    assert total(scene) == 4
    running.end(replace(end(), charges=(charge(1),)), JSON, b"{}")
    assert total(scene) == 1


def test_damage_is_stepped_over(scene):
    proxy = scene.proxy()
    proxy.raw(Kind.CHARGE, b"\xc1 no charge")
    proxy.raw(Kind.END, b"\xc1 no end")
    proxy.start("whole").charge((charge(2),))
    path = scene.segments()[0]
    path.write_bytes(path.read_bytes() + b"torn")
    assert total(scene) == 2


def test_a_recorder_that_moves_on_meanwhile_is_read_again(scene, monkeypatch):
    proxy = scene.proxy()
    call = proxy.start("one")
    call.charge((charge(3),))
    call.end(replace(end(), charges=(charge(3),)), JSON, b"{}")
    proxy.die()
    scene.proxy(2)
    read, times = module._waiting, []

    def waiting(*given):
        if not times:
            times.append(1)
            scene.drain()
        return read(*given)

    monkeypatch.setattr(module, "_waiting", waiting)
    assert total(scene) == 3


def test_a_recorder_that_always_moves_on_makes_nobody_forget(scene, monkeypatch):
    """Each time what was read has got a hole; the last reading counts all the same."""
    proxy = scene.proxy()
    proxy.start("one").charge((charge(3),))
    read = module._segments
    monkeypatch.setattr(module, "_segments", lambda folder: [(1, 0), *read(folder)])
    assert total(scene) == 3


def test_limits_come_along(scene):
    db = open_writer(scene.database)
    limits.add(db, StoredLimit("few", "1;w=60"))
    db.close()
    found = counted(scene.database, scene.directory, 1, 0)
    assert [each.name for each in found.limits] == [each.name for each in stored_limits(scene.database)] == ["few"]
