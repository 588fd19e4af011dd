"""Station 3, managed prompts: the body as it goes up.

Without a stored prompt the body goes up as it came.
"""

from __future__ import annotations

from helicli.proxy.directives import Directives


def fill(directives: Directives, body: bytes) -> bytes:
    """The body to send; the very bytes given where no directive asks for another."""
    return body
