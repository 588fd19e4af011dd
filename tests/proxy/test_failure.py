"""What failures of a provider are called."""

from __future__ import annotations

import socket
import ssl

import pytest

from helicli.call import ERROR_WORDS
from helicli.proxy.failure import failure
from helicli.proxy.http1 import Broken, Overdue, Silent


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
        (TimeoutError(), 504, "connect"),
        (Silent("nothing for 600 s"), 504, "idle_timeout"),
        (Overdue("late"), 504, "timeout"),
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
