"""What a provider that could not be reached, or broke off, means for a call: a status, a word, a sentence.

Pure. A sentence names a host and never a path, where a key could stand.
"""

from __future__ import annotations

import socket
import ssl

from helicli.proxy.http1 import Broken, Overdue, Silent
from helicli.proxy.refusal import Refusal


def failure(error: BaseException, host: str = "the provider") -> Refusal:
    """What a failed connection means, in one word and a sentence."""
    if isinstance(error, Silent):
        return Refusal(504, "idle_timeout", str(error), type="timeout_error")
    if isinstance(error, Overdue):
        return Refusal(504, "timeout", str(error), type="timeout_error")
    if isinstance(error, Broken):
        return Refusal(502, "upstream_cut", str(error), type="api_connection_error")
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return Refusal(502, "dns", f"the name {host} could not be found", type="api_connection_error")
    if isinstance(error, ssl.SSLError):
        why = str(getattr(error, "verify_message", "") or getattr(error, "reason", "") or error)
        return Refusal(502, "tls", f"no trusted TLS connection to {host}: {why}", type="api_connection_error")
    if isinstance(error, TimeoutError):
        return Refusal(504, "connect", f"no connection to {host} in time", type="timeout_error")
    return Refusal(502, "connect", f"cannot connect to {host}: {error}", type="api_connection_error")
