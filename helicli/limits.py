"""Limits: policies with the calls they are for, wherever they were given.

Owns a limit's names (the one people see, and the key under which it is counted) and the value of a segment. Whose calls
it is for is a filter of what is known before a call goes up.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Final, Protocol

from msgspec import Struct

from helicli.errors import UsageError
from helicli.filters import Filter
from helicli.filters.terms import PROPERTY
from helicli.policy import GLOBAL, Policy, parse, parse_all

UNPRICED: Final = ("allow", "refuse")
"""What becomes of a call whose price is not known under a policy that counts cents."""

LOCAL_ORG: Final = "local"
_ALL: Final = Filter()
_CONFIGURED: Final = "config"
_SEGMENT_MAX: Final = 160
_SEGMENT_KEPT: Final = 120
"""Signs of a segment's value; of a longer one this many are kept, and its hash tells it from others."""


ASKED: Final = (
    "user",
    "session",
    "session_path",
    "session_name",
    "name",
    "run",
    "model",
    "requested_model",
    "provider",
    "provider_key",
    "properties",
)
"""The columns that are known of a call before it is made."""


class Subject(Protocol):
    """What a policy asks of a call; None or nothing where the call does not say."""

    @property
    def user(self) -> str | None: ...
    @property
    def key(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def provider(self) -> str | None: ...
    @property
    def properties(self) -> Mapping[str, str]: ...


class Limit(Struct, frozen=True):
    """A policy and its calls.

    `name` is the one it was stored under, "" for those of headers, settings and runs; `run` is the run whose calls it
    is for.
    """

    policy: Policy
    name: str = ""
    selection: Filter = _ALL
    configured: bool = False
    run: str = ""

    @property
    def shown(self) -> str:
        """What people know it by."""
        return self.name or self.policy.spelled

    @property
    def key(self) -> str:
        """Under what it is counted. One that is stored goes on counting where only its limit is changed."""
        if self.name:
            chosen = self.selection.text
            return f"{self.name} {self.policy.measure}{' ' + chosen if chosen else ''}"
        whose = self.run or (_CONFIGURED if self.configured else "")
        return f"{whose} {self.policy.spelled}" if whose else self.policy.spelled


def unstored(key: str) -> Limit | None:
    """The limit that is counted under a key where it is a call's own or a run's; None where it is stored or set."""
    whose, _, text = key.rpartition(" ")
    if whose == _CONFIGURED or " " in whose or text.startswith("w="):
        return None
    return Limit(parse(text), run=whose)


def measured(key: str) -> Policy:
    """The policy that is counted under a key; its limit is 0 where the key does not say."""
    text = key.split(" ")[1] if " " in key else key
    return parse(f"0;{text}" if text.startswith("w=") else text)


def check_selection(selection: Filter) -> Filter:
    """A filter that a limit may have, as it is. Raises UsageError where it asks for what a call's end tells."""
    for check in selection.checks:
        if not check.field.name.startswith(PROPERTY) and check.field.name not in ASKED:
            raise UsageError(
                f"{check.field.typed} is not known before a call is made, and a limit decides then",
                f"choose by {', '.join(ASKED[:-1])} or prop.NAME",
            )
    if selection.since_ms is not None or selection.until_ms is not None:
        raise UsageError("a limit is for the calls that come", "leave --since and --until out")
    return selection


class LimitSettings(Struct, frozen=True):
    """What an engine is told of limits: policies for all calls, and the section `[limits]`."""

    policies: tuple[str, ...] = ()
    unpriced: str = "refuse"
    zone: str = "local"

    def check(self) -> None:
        """Raise UsageError, or PolicyError, for what is none."""
        self.limits()
        zone(self.zone)
        if self.unpriced not in UNPRICED:
            raise UsageError(f'limits.unpriced cannot be "{self.unpriced}"', f"it takes {' or '.join(UNPRICED)}")

    def limits(self) -> tuple[Limit, ...]:
        """The policies as limits. Raises PolicyError."""
        return tuple(Limit(each, configured=True) for text in self.policies for each in parse_all(text))


def zone(name: str) -> tzinfo | None:
    """The zone of days and months; None is the machine's. Raises UsageError."""
    if name.lower() == "local":
        return None
    if name.lower() == "utc":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise UsageError(
            f'limits.zone cannot be "{name}"', "it takes local, utc or a name such as Europe/Berlin"
        ) from error


def segment(policy: Policy, subject: Subject) -> str:
    """For whom a call is counted; "" for all together, and for those who do not say."""
    if policy.segment == GLOBAL:
        return ""
    if policy.segment == "org":
        return LOCAL_ORG
    said = subject.properties.get(policy.segment) if policy.named else getattr(subject, policy.segment)
    return said if said and len(said) <= _SEGMENT_MAX else _short(said or "")


def _short(said: str) -> str:
    """A value of any length in few signs; two that differ stay different."""
    if len(said) <= _SEGMENT_MAX:
        return said
    # Every command that reads settings imports this module; hashlib loads OpenSSL.
    from hashlib import sha256

    return f"{said[:_SEGMENT_KEPT]}…{sha256(said.encode('utf-8', 'replace')).hexdigest()[:32]}"
