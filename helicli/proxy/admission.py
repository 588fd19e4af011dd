"""Station 5, policies and budgets: whether a call may go on.

Without a policy every call may.
"""

from __future__ import annotations

from msgspec import Struct

from helicli.proxy.directives import Directives


class Verdict(Struct, frozen=True):
    """Whether a call is let through, and by which policy not."""

    allowed: bool
    policy: str | None = None


ALLOWED = Verdict(True)


def ask(directives: Directives) -> Verdict:
    """The verdict on a call."""
    return ALLOWED
