"""Bytes of answers in memory, within their bound."""

from __future__ import annotations

from helicli.proxy.cache_bodies import Bodies


def test_bodies_in_memory():
    bodies = Bodies(10)
    for name in (b"a", b"b"):
        bodies.add(name, b"12345")
    assert bodies.find(b"a") == b"12345"
    bodies.add(b"c", b"12345")
    assert [bodies.find(name) is not None for name in (b"a", b"b", b"c")] == [True, False, True]
    bodies.add(b"a", b"1")
    assert bodies.bytes == 6
    bodies.drop(b"a")
    bodies.drop(b"a")
    bodies.add(b"huge", b"x" * 11)
    assert (bodies.bytes, bodies.find(b"huge")) == (0, None)
