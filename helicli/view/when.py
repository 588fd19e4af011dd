"""Instants as they are shown: relative, local, utc or unix.

Owns the four words of --time. JSON does not ask here: it always holds RFC 3339 in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final

from msgspec import Struct

from helicli.units import ago, clock, rfc3339

TIMES: Final = ("relative", "local", "utc", "unix")


class When(Struct, frozen=True):
    """How instants are shown: `how` is one of TIMES, `zone` None is the machine's, `now` is milliseconds UTC."""

    how: str = "utc"
    zone: tzinfo | None = UTC
    now: int = 0

    def exact(self, millis: int) -> str:
        """With all that is known: for pipes."""
        if self.how == "relative":
            return ago(millis, self.now)
        if self.how == "unix":
            return f"{millis / 1000:.3f}"
        if self.how == "utc":
            return rfc3339(millis)
        return datetime.fromtimestamp(millis / 1000, self.zone).astimezone(self.zone).isoformat(timespec="milliseconds")

    def short(self, millis: int) -> str:
        """As few signs as will do: for lines that come as calls end."""
        if self.how == "relative":
            return ago(millis, self.now)
        if self.how == "unix":
            return str(millis // 1000)
        return clock(millis, UTC if self.how == "utc" else self.zone)

    def dated(self, millis: int) -> str:
        """With the day: for a page, and for lists of what has passed."""
        if self.how in ("relative", "unix"):
            return self.short(millis)
        zone = UTC if self.how == "utc" else self.zone
        return datetime.fromtimestamp(millis / 1000, zone).strftime("%Y-%m-%d %H:%M:%S")
