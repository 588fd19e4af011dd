"""What a filter that is being typed may go on with.

Owns where the word under the cursor begins, and what stands for it: fields, values that are known, or a question to the
log. Pure; the log is asked by `values`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from helicli.filters.terms import FIELDS, PROPERTY, Field, field
from helicli.filters.values import Kind, quoted
from helicli.filters.words import SHORT
from helicli.query import values as stored
from helicli.query.reading import Log

MOST: Final = 50

_KINDS: Final[Mapping[str, str]] = {
    "user": "users",
    "session": "sessions",
    "run": "runs",
    "model": "models",
    "requested_model": "models",
    "provider": "providers",
    "name": "names",
    "prompt": "prompts",
}
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("error", "ok", "2xx", "4xx", "5xx", "200", "400", "401", "429", "500"),
    "cache": ("hit", "miss", "semantic"),
    "has": ("error", "user", "session", "name", "prompt", "ttft", "cache", "properties", "score"),
    "is": ("stream", "error", "ok", "cached", "estimated"),
    "error": (
        "client_closed", "upstream_cut", "timeout", "idle_timeout", "connect", "dns", "tls", "refused_limit",
        "refused_budget", "bad_request", "provider_error",
    ),
    "latency": (">1s", ">5s", "1s..5s"),
    "cost": (">0.01", ">0.1"),
    "created_at": (">=today", ">=yesterday"),
}  # fmt: skip
_COMMON: Final = ("user", "session", "model", "status", "cost", "latency", "name", "prompt", "provider", "cache")
"""The fields offered first."""


class Place(Struct, frozen=True):
    """The word under the cursor: from where to where it stands, the field whose value it is, what there is of it.

    `field` is "" where the word is none's value; `@` where it is a saved filter's name.
    """

    start: int
    end: int
    field: str
    begun: str


def place(text: str, at: int) -> Place:
    """The word that ends at the cursor."""
    start = begin = 0
    name = ""
    in_quotes = False
    for index, sign in enumerate(text[:at]):
        if sign == '"' and text[index - 1 : index] != "\\":
            in_quotes = not in_quotes
        elif in_quotes:
            continue
        elif sign in " ()":
            start = begin = index + 1
            name = ""
        elif sign == "-" and index == begin:
            start = begin = index + 1
        elif sign in ":=" and not name:
            name, start = text[begin:index], index + 1
        elif sign == "," and name:
            start = index + 1
        elif sign == "@" and index == begin:
            name, start = "@", index + 1
    return Place(start, at, name.lower() if name == "@" else name, text[start:at].lstrip('"'))


def known(where: Place, saved: Iterable[str]) -> list[str]:
    """What it may go on with that is known without the log, as it would stand in the text."""
    begun = where.begun.lower()
    if where.field == "@":
        return [name for name in saved if name.startswith(where.begun)][:MOST]
    if not where.field:
        names = dict.fromkeys((*_COMMON, *(name for name in SHORT if name not in ("id", "properties"))))
        signs = ("status:error", *(f"{name}:" for name in names), "prop.", "has:", "is:", "text:")
        return [sign for sign in signs if sign.startswith(begun)] if begun else [f"{name}:" for name in _COMMON]
    asked = _field(where.field)
    if asked is not None and asked.kind is Kind.FLAG:
        return [word for word in ("true", "false") if word.startswith(begun)]
    named = asked.typed if asked is not None else where.field.lower()
    return [word for word in _WORDS.get(named, ()) if word.startswith(begun)]


def asks(where: Place) -> bool:
    """Whether the log may know more."""
    if not where.field:
        return where.begun.lower().startswith(PROPERTY)
    asked = _field(where.field)
    return asked is not None and (asked.name in _KINDS or asked.name.startswith(PROPERTY))


def values(log: Log, where: Place) -> list[str]:
    """What stands in the log that begins so, most used first, as it would stand in the text."""
    if not where.field:
        begun = where.begun[len(PROPERTY) :]
        return [f"{Field(PROPERTY + name, Kind.TEXT).typed}:" for name in stored.property_names(log, begun, MOST)]
    asked = _field(where.field)
    if asked is None:
        return []
    if asked.label:
        found = stored.property_values(log, asked.label, where.begun, MOST)
    else:
        found = stored.values(log, _KINDS[asked.name], where.begun, MOST)
    return [quoted(value) for value in found if value]


def put(text: str, where: Place, chosen: str) -> tuple[str, int]:
    """The text with what was chosen in place of the word, and where the cursor stands then."""
    more = "" if chosen.endswith((":", ".")) else " "
    rest = text[where.end :]
    if more and rest.startswith(" "):
        rest = rest[1:]
    return text[: where.start] + chosen + more + rest, where.start + len(chosen) + len(more)


def _field(name: str) -> Field | None:
    return FIELDS.get(name.lower()) or field(name)
