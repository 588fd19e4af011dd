"""The names of a call's header fields, looked at once: programs send the same ones with every call.

Pure. Owns what can be said of fields by their names alone, so that a call pays for the fields it has and not for those
that it might have had. Never looks at a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final

from helicli import headers as h
from helicli.call import Headers

_KEPT: Final = 256
_MANY: Final = 100
"""Fields of which there are more are looked at anew each time: it is no program that sends them."""

_NAME: Final = itemgetter(0)
VALUE: Final = itemgetter(1)
"""The value of a field."""

_OWN: Final = (h.PREFIX, h.MOCK_RESPONSE)
_NOT_UP: Final = h.HOP_BY_HOP | {b"host", b"content-length", b"expect", b"cookie"}
"""Cookies of localhost belong to whatever else runs on this machine: a browser would send them to a provider."""


class Names:
    """What names say; each tuple holds places in the list of fields.

    `first` is where each name stands first; `own` are fields that speak to helicli, `secret` those that are masked,
    `up` and `down` those that go on to a provider and to a client, as far as names decide that. `lines` is all fields
    as they are written to a connection, to be filled with their values; `up_lines` those of `up`.
    """

    __slots__ = ("down", "first", "lines", "own", "secret", "twice", "up", "up_lines")

    def __init__(self, names: tuple[bytes, ...]) -> None:
        self.first: dict[bytes, int] = {}
        for at, name in enumerate(names):
            self.first.setdefault(name, at)
        self.twice = len(self.first) < len(names)
        self.own = tuple([at for at, name in enumerate(names) if name.startswith(_OWN)])
        self.secret = tuple([at for at, name in enumerate(names) if name in h.SECRETS])
        passing = [(at, name) for at, name in enumerate(names) if not name.startswith(h.PREFIX)]
        self.up = tuple([at for at, name in passing if name not in _NOT_UP])
        self.down = tuple([at for at, name in passing if name not in h.HOP_BY_HOP])
        self.lines = _lines(names)
        self.up_lines = _lines([names[at] for at in self.up])

    def last(self, name: bytes, fields: Headers) -> bytes:
        """The value of the last field of a name, b"" where there is none."""
        if self.twice:
            return next((value for field, value in reversed(fields) if field == name), b"")
        at = self.first.get(name)
        return b"" if at is None else fields[at][1]


def of(fields: Headers) -> Names:
    """What the names of these fields say."""
    names = tuple(map(_NAME, fields))
    return _known(names) if len(names) <= _MANY else Names(names)


def _lines(names: Sequence[bytes]) -> bytes:
    return b"".join([name.replace(b"%", b"%%") + b": %b\r\n" for name in names])


_known = lru_cache(maxsize=_KEPT)(Names)
