"""What of the log is chosen.

Owns the terms of a selection, their check and their sentence; the columns they ask about are those of `columns`. Values
of one term are alternatives, terms are all required. How they become SQL is not its business.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Final

from msgspec import Struct

from helicli.errors import UsageError
from helicli.guess import guess

_STATUS: Final = re.compile(r"ok|error|[1-5]xx|[1-5]\d\d")


class Selection(Struct, frozen=True, kw_only=True):
    """The calls a question is about; the empty one is all of them.

    A model matches the one that answered or the one that was asked for, `*` stands for any text. A status is a number,
    a class such as `4xx`, `ok` (answered below 400, no error) or `error`. A prompt is a name, or one version of it:
    `support@3`. Properties are names and values, all of them required; names are compared without case. Instants are
    milliseconds UTC, `since_ms` included and `until_ms` not.
    """

    users: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    statuses: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    since_ms: int | None = None
    until_ms: int | None = None

    def checked(self) -> Selection:
        """Itself. Raises UsageError for a status that is none."""
        for status in self.statuses:
            if not _STATUS.fullmatch(status):
                near = guess(status, ("ok", "error"))
                fix = "write a number, 2xx to 5xx, ok or error"
                raise UsageError(f'"{status}" is not a status', f"did you mean {near}?   {fix}" if near else fix)
        return self

    def sentence(self, zone: tzinfo | None = UTC) -> str:
        """The terms as they would be typed in a zone (None is the machine's); empty for all calls."""
        terms = [
            f"{name}:{','.join(_quoted(value) for value in values)}"
            for name, values in (
                ("user", self.users),
                ("session", self.sessions),
                ("model", self.models),
                ("provider", self.providers),
                ("name", self.names),
                ("prompt", self.prompts),
                ("status", self.statuses),
                ("run", self.runs),
            )
            if values
        ]
        terms += [f"prop.{_quoted(name)}:{_quoted(value)}" for name, value in self.properties]
        if self.since_ms is not None:
            terms.append(f"since {_clock(self.since_ms, zone)}")
        if self.until_ms is not None:
            terms.append(f"until {_clock(self.until_ms, zone)}")
        return " ".join(terms)


def prompt(text: str) -> tuple[str, int | None]:
    """A prompt's name and the version that was asked for: `support@3` is version 3 of `support`."""
    name, at, version = text.rpartition("@")
    version = version.removeprefix("v")
    return (name, int(version)) if at and name and version.isdecimal() else (text, None)


def _quoted(value: str) -> str:
    return value if value and not re.search(r'[\s,"]', value) else '"' + value.replace('"', '\\"') + '"'


def _clock(millis: int, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(millis / 1000, zone).strftime("%Y-%m-%dT%H:%M:%S")
