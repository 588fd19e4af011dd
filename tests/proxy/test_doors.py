"""Who may come in."""

from __future__ import annotations

import pytest

from helicli.proxy.doors import Doors, is_loopback
from helicli.proxy.refusal import Refusal

DOORS = Doors("0.0.0.0", frozenset({"llm.example"}))
LOCAL = [(b"host", b"localhost:8787")]


def _refused(fields, local_address="127.0.0.1", doors=DOORS):
    with pytest.raises(Refusal) as caught:
        doors.check(fields, local_address)
    assert (caught.value.status, caught.value.word) == (403, "refused_door")
    return caught.value.message


@pytest.mark.parametrize(
    "host",
    [
        b"localhost",
        b"LOCALHOST:8787",
        b"localhost.",
        b"oai.localhost:8787",
        b"127.0.0.1",
        b"127.0.0.1:8787",
        b"127.9.9.9:1",
        b"[::1]:8787",
        b"[::1]",
        b"0.0.0.0:8787",
        b"llm.example",
        b"LLM.Example:443",
    ],
)
def test_own_names(host):
    Doors("0.0.0.0", frozenset({"llm.example"})).check([(b"host", host)], "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example",
        b"localhost.evil.example",
        b"notlocalhost",
        b"127.0.0.1.evil.example",
        b"10.0.0.1",
        b"[::2]:80",
        b"[::1",
        b"",
        b"\xff\xfe",
        b"127.1",
        b"2130706433",
    ],
)
def test_foreign_names(host):
    assert "--allow-host" in _refused([(b"host", host)])
    assert "--allow-host" in _refused([(b"host", host)])


def test_no_host():
    _refused([])


def test_the_address_the_call_came_to_is_a_name_of_its_own():
    Doors("0.0.0.0", frozenset()).check([(b"host", b"192.168.1.5:8787")], "192.168.1.5")
    _refused([(b"host", b"192.168.1.5:8787")], "127.0.0.1", Doors("127.0.0.1", frozenset()))


@pytest.mark.parametrize(
    "origin", [b"http://localhost:3000", b"http://127.0.0.1", b"https://llm.example", b"http://[::1]:5"]
)
def test_pages_of_this_machine(origin):
    DOORS.check([*LOCAL, (b"origin", origin)], "127.0.0.1")


@pytest.mark.parametrize(
    "origin", [b"https://evil.example", b"null", b"", b"file://", b"localhost", b"http://127.0.0.1.evil.example"]
)
def test_pages_of_other_sites(origin):
    assert "Origin" in _refused([*LOCAL, (b"origin", origin)])


@pytest.mark.parametrize(
    ("value", "refused"), [(b"cross-site", True), (b" Cross-Site ", True), (b"same-origin", False), (b"none", False)]
)
def test_fetch_metadata(value, refused):
    fields = [*LOCAL, (b"sec-fetch-site", value)]
    if refused:
        assert "Sec-Fetch-Site" in _refused(fields)
    else:
        DOORS.check(fields, "127.0.0.1")


def test_remembered_hosts_are_bounded(monkeypatch):
    monkeypatch.setattr("helicli.proxy.doors._REMEMBERED", 3)
    doors = Doors("127.0.0.1", frozenset())
    for i in range(20):
        _refused([(b"host", b"evil%d.example" % i)], doors=doors)
    assert len(doors._known) == 3


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("box", False),
        ("", False),
    ],
)
def test_loopback(host, loopback):
    assert is_loopback(host) is loopback
