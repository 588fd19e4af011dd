"""What goes up to a provider, and what its failures are called."""

from __future__ import annotations

import socket
import ssl

import pytest

from helicli.call import ERROR_WORDS
from helicli.proxy.http1 import Broken, Silent
from helicli.proxy.upstream import failure, fields_up


def _tls(kind):
    """An error as OpenSSL's binding makes it."""
    error = kind(1, "certificate verify failed")
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    return error


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (socket.gaierror(-2, "Name or service not known"), 502, "dns"),
        (UnicodeError("label too long"), 502, "dns"),
        (_tls(ssl.SSLCertVerificationError), 502, "tls"),
        (_tls(ssl.SSLError), 502, "tls"),
        (TimeoutError(), 504, "timeout"),
        (Silent("nothing for 600 s"), 504, "idle_timeout"),
        (Broken("closed", began=True), 502, "upstream_cut"),
        (ConnectionRefusedError(111, "Connection refused"), 502, "connect"),
        (ConnectionResetError(104, "reset"), 502, "connect"),
        (OSError(101, "Network is unreachable"), 502, "connect"),
    ],
)
def test_failures_have_a_word_of_the_list(error, status, word):
    refusal = failure(error, "api.example")
    assert (refusal.status, refusal.word) == (status, word)
    assert word in ERROR_WORDS
    assert refusal.message


def test_a_failure_names_the_host():
    for error in (socket.gaierror(-2, "x"), _tls(ssl.SSLError), TimeoutError(), ConnectionRefusedError(111, "x")):
        assert "api.example" in failure(error, "api.example").message


def test_what_ends_at_this_hop_or_is_of_helicli_stays():
    fields = [
        (b"host", b"localhost"),
        (b"content-length", b"3"),
        (b"transfer-encoding", b"chunked"),
        (b"connection", b"keep-alive, X-Hop"),
        (b"x-hop", b"1"),
        (b"helicone-user-id", b"u"),
        (b"te", b"trailers"),
        (b"expect", b"100-continue"),
        (b"x-kept", b"\xff"),
        (b"x-kept", b"2"),
        (b"accept-encoding", b"br"),
    ]
    assert fields_up(fields) == [(b"x-kept", b"\xff"), (b"x-kept", b"2"), (b"accept-encoding", b"br")]


@pytest.mark.parametrize(
    ("value", "up"),
    [
        (b"Bearer sk-a", [b"Bearer sk-a"]),
        (b"Bearer sk-a, Bearer sk-helicone-b", [b"Bearer sk-a"]),
        (b"Bearer sk-helicone-b", []),
    ],
)
def test_helicones_key_does_not_go_up(value, up):
    assert fields_up([(b"authorization", value)]) == [(b"authorization", each) for each in up]
