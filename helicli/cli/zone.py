"""The zone of the machine, in which a day has the hours that its clock shows.

Owns the one case in which Python knows no zone but only today's distance from UTC, which is wrong for days on the other
side of a change of the clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


class Machine(tzinfo):
    """The system's zone, asked for each moment anew."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """How far the machine's clock was, or will be, from UTC."""
        return None if moment is None else _naive(moment).astimezone().utcoffset()

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Not known apart."""
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """What the machine calls it."""
        return None if moment is None else _naive(moment).astimezone().tzname()

    def fromutc(self, moment: datetime) -> datetime:
        """What the machine's clock shows at a moment of UTC."""
        shown = moment.replace(tzinfo=UTC).astimezone()
        # An hour that comes twice is the second one where the first is not as far from UTC.
        again = shown.utcoffset() != _naive(shown).astimezone().utcoffset()
        return shown.replace(tzinfo=self, fold=int(again))


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
