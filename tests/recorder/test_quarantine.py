"""The marker of calls that kill, and its counting."""

from __future__ import annotations

import msgspec
import pytest

from helicli.journal import Position
from helicli.recorder.quarantine import DEATHS_ALLOWED, Quarantine

A, B, C = Position(1, 1, 24), Position(1, 1, 90), Position(1, 2, 24)


def test_a_batch_is_marked_by_its_first_call(tmp_path):
    quarantine = Quarantine(tmp_path)
    assert not quarantine.careful
    assert quarantine.enter(A)
    mark = (tmp_path / "reading").read_bytes()
    assert quarantine.enter(B)
    assert (tmp_path / "reading").read_bytes() == mark
    quarantine.leave()
    assert not Quarantine(tmp_path).careful


def test_the_third_death_at_one_place_is_the_last(tmp_path):
    assert Quarantine(tmp_path).enter(A)
    for _ in range(DEATHS_ALLOWED - 1):
        quarantine = Quarantine(tmp_path)
        assert quarantine.careful
        assert quarantine.enter(A)
    quarantine = Quarantine(tmp_path)
    assert not quarantine.enter(A)
    assert quarantine.enter(B)
    quarantine.leave()
    assert Quarantine(tmp_path).enter(A)


def test_deaths_at_other_places_do_not_add_up(tmp_path):
    for at in (A, B, C) * DEATHS_ALLOWED:
        assert Quarantine(tmp_path).enter(at)


def test_a_call_that_got_through_is_no_suspect(tmp_path):
    assert Quarantine(tmp_path).enter(A)
    for _ in range(2 * DEATHS_ALLOWED):
        quarantine = Quarantine(tmp_path)
        assert quarantine.enter(A)
        quarantine.leave()
        assert not Quarantine(tmp_path).careful


@pytest.mark.parametrize("marker", [b"", b"{", b"[]", b'{"generation":"x"}', b"\xff" * 300])
def test_a_damaged_marker_is_none(tmp_path, marker):
    (tmp_path / "reading").write_bytes(marker)
    quarantine = Quarantine(tmp_path)
    assert not quarantine.careful
    assert quarantine.enter(A)
    assert Quarantine(tmp_path).careful


def test_put_aside_is_kept_private_and_counted_once(tmp_path):
    quarantine = Quarantine(tmp_path)
    assert quarantine.count() == 0
    quarantine.put_aside(A, [b"begin", b"end"])
    quarantine.put_aside(A, [b"begin", b"end"])
    quarantine.put_aside(B, [b"begin"])
    assert quarantine.count() == Quarantine(tmp_path).count() == 2
    (path, _) = sorted((tmp_path / "bad").iterdir())
    assert msgspec.msgpack.decode(path.read_bytes()) == [b"begin", b"end"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_disk_that_takes_nothing_stops_nobody(tmp_path):
    quarantine = Quarantine(tmp_path / "gone")
    assert quarantine.enter(A)
    quarantine.put_aside(A, [b"begin"])
    quarantine.leave()
    assert quarantine.count() == 1
