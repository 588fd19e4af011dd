"""Limits as people see them: the sentence of one, the rows of many, how full each segment is.

Pure. A bar is drawn on a terminal alone; a pipe gets the same rows, whole.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from helicli.limits import Limit
from helicli.policy import CENT_NANO, CENTS, GLOBAL, Policy, parse
from helicli.query.limits import Replayed
from helicli.store.limits import StoredLimit
from helicli.units import ago, rfc3339, seconds
from helicli.view.text import bar

LIST: Final = ("name", "policy", "selection", "created_at")
LIST_TITLES: Final = ("NAME", "POLICY", "FOR", "SINCE")
USAGE: Final = ("name", "policy", "segment", "used", "limit", "free_in_seconds")
USAGE_TITLES: Final = ("NAME", "POLICY", "SEGMENT", "USED", "FREE IN", "")
_BAR: Final = 12
_NAMED: Final = 3


def sentence(limit: StoredLimit) -> str:
    """A stored limit in English: whose calls, and how many."""
    chosen = limit.selection
    return limit.limit().policy.sentence() + (f", of calls with {chosen}" if chosen else "")


def adding(limit: StoredLimit) -> str:
    """The command that stores a limit as it is."""
    chosen = f" {shlex.quote(limit.selection)}" if limit.selection else ""
    return f"helicli limits add {limit.name} {shlex.quote(limit.policy)}{chosen}"


def as_object(limit: StoredLimit) -> dict[str, Any]:
    """A stored limit for JSON."""
    policy = limit.limit().policy
    return {
        "name": limit.name,
        "policy": limit.policy,
        "normalised": policy.spelled,
        "sentence": sentence(limit),
        "selection": limit.selection or None,
        "created_at": rfc3339(limit.created_at),
    }


def list_row(limit: StoredLimit, now_ms: int | None = None) -> list[str]:
    """The fields of a list; for people where there is a now."""
    if now_ms is None:
        return [limit.name, limit.policy, limit.selection, rfc3339(limit.created_at)]
    return [limit.name, limit.policy, limit.selection or "all calls", ago(limit.created_at, now_ms)]


def usage_object(each: Mapping[str, Any]) -> dict[str, Any]:
    """How a segment stands, for JSON; money in cents, as the policy has it."""
    policy = parse(each["policy"])
    size = CENT_NANO if policy.unit == CENTS else 1
    used, most = (each[name] / size if size > 1 else each[name] for name in ("used", "limit"))
    wait = each["wait_ms"]
    return {
        "name": each["name"] or None,
        "policy": each["policy"],
        "segment": each["segment"] or None,
        "unit": policy.unit,
        "used": used,
        "limit": most,
        "free_in_seconds": None if wait is None else wait / 1000,
    }


def usage_row(each: Mapping[str, Any]) -> list[str]:
    """The fields of `limits usage`, for programs."""
    told = usage_object(each)
    free = "" if told["free_in_seconds"] is None else _plain(told["free_in_seconds"])
    fields = [told["name"] or "", told["policy"], told["segment"] or "", _plain(told["used"]), _plain(told["limit"])]
    return [*fields, free]


def usage_line(each: Mapping[str, Any], given: str) -> list[str]:
    """The same for a terminal, the policy as it was given, and a bar at the end."""
    policy, wait = parse(each["policy"]), each["wait_ms"]
    free = "never" if wait is None else seconds(-(-wait // 1000) * 1_000_000) if wait else "–"
    segment = each["segment"] or ("all" if policy.segment == GLOBAL else "(none)")
    used = f"{each['used'] / CENT_NANO:.2f}" if policy.unit == CENTS else str(each["used"])
    return [each["name"], given, segment, f"{used}/{policy.amount}", free, bar(share(each), _BAR)]


def share(each: Mapping[str, Any]) -> float:
    """How much of a limit is used."""
    return each["used"] / each["limit"] if each["limit"] else 1.0


def replayed(policy: Policy, found: Replayed, when: str) -> str:
    """What a policy would have refused, in a sentence."""
    many = sum(found.refused.values())
    calls = f"{found.calls:,} call{'' if found.calls == 1 else 's'}"
    if not many:
        return f"would have refused none of {calls}"
    share = f"{100 * many / found.calls:.1f} %"
    told = f"would have refused {many:,} of {calls} ({share})"
    named = [f"{segment or '(none)'} {count:,}" for segment, count in found.refused.items()]
    if list(found.refused) != [""]:
        more = ", …" if len(named) > _NAMED else ""
        noun = policy.segment if len(named) == 1 else f"{policy.segment}s"
        told += f", {len(named):,} {noun}: {', '.join(named[:_NAMED])}{more}"
    return f"{told}; first at {when}"


def moment(found: Replayed, zone: tzinfo | None) -> str:
    """When the first call would have been refused, for people: `Tue 17 Nov 09:41`."""
    if found.first_at is None:
        return ""
    return datetime.fromtimestamp(found.first_at / 1000, zone).strftime("%a %d %b %H:%M")


def instant(found: Replayed) -> str | None:
    """The same for JSON."""
    return None if found.first_at is None else rfc3339(found.first_at)


def explained(limit: Limit) -> dict[str, Any]:
    """A policy for JSON."""
    policy = limit.policy
    return {
        "policy": policy.spelled,
        "sentence": policy.sentence(),
        "limit": policy.limit / CENT_NANO if policy.unit == CENTS else policy.limit,
        "unit": policy.unit,
        "window_seconds": policy.seconds or None,
        "calendar": policy.calendar or None,
        "segment": policy.segment,
        "property": policy.named,
    }


def _plain(number: float) -> str:
    return f"{number:.7f}".rstrip("0").rstrip(".") if isinstance(number, float) else str(number)
