"""What a caller says of retries, fallbacks and long requests, read from its fields and from what is configured.

Pure. Every field that is there must parse, also where nothing is to be repeated. A fallback's headers are checked here:
nothing in them can end a line.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final

import msgspec
from msgspec import Raw, Struct

from helicli import headers as h
from helicli.call import Headers
from helicli.proxy.refusal import Refusal
from helicli.retrying import DELAY_MAX_MS, FACTOR_MAX, NUM_MAX, RetrySettings

TRUNCATE: Final = "truncate"
MIDDLE_OUT: Final = "middle-out"
OTHER_MODEL: Final = "fallback"
HANDLERS: Final = (TRUNCATE, MIDDLE_OUT, OTHER_MODEL)
"""What becomes of a request that is too long for its model."""

ENTRIES_MAX: Final = 20
_BOOLEANS: Final = {"true": True, "false": False}
_FIELD_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_SIMPLE: Final = '[{"model": "gpt-4o-mini"}]'
_WHOLE: Final = (
    '[{"target-url": "https://api.openai.com", "headers": {"Authorization": "Bearer …"}, '
    '"onCodes": [429, {"from": 500, "to": 599}]}, …]'
)
_entries: Final = msgspec.json.Decoder(list[dict[str, Raw]])

Codes = tuple[tuple[int, int], ...]


class Entry(Struct, frozen=True):
    """What a fallback changes of a call. `keys` replace those of the body, `merged` goes into it at every depth.

    `codes` are the statuses after which the next entry is tried, None for the usual ones.
    """

    target_url: str | None = None
    provider: str | None = None
    model: str | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    codes: Codes | None = None
    keys: tuple[tuple[str, bytes], ...] = ()
    merged: bytes = b""


class RetryTerms(Struct, frozen=True):
    """How a call is asked. `whole` says that the first entry is the first attempt, as in Helicone's own form.

    `patient` gives the provider more time; `handler` is a word of HANDLERS.
    """

    retries: int = 0
    factor: float = 2.0
    min_ms: int = 1000
    max_ms: int = 10_000
    deadline_seconds: float = 600.0
    entries: tuple[Entry, ...] = ()
    whole: bool = False
    patient: bool = False
    handler: str | None = None


def read_terms(fields: Headers, settings: RetrySettings) -> RetryTerms | None:
    """The terms of a call, None where it is asked once and no more. Raises Refusal."""
    return _read(tuple(field for field in fields if field[0] in h.ASKING_FIELDS), settings)


@lru_cache(maxsize=256)
def _read(fields: tuple[tuple[bytes, bytes], ...], settings: RetrySettings) -> RetryTerms | None:
    given = {name: h.text(value).strip() for name, value in fields}
    enabled = _boolean(given, h.RETRY_ENABLED)
    retries = _whole_number(given, h.RETRY_NUM, NUM_MAX, settings.num)
    terms = RetryTerms(
        retries=retries if (settings.enabled if enabled is None else enabled) else 0,
        factor=_factor(given, settings.factor),
        min_ms=_whole_number(given, h.RETRY_MIN_TIMEOUT, DELAY_MAX_MS, settings.min_ms),
        max_ms=_whole_number(given, h.RETRY_MAX_TIMEOUT, DELAY_MAX_MS, settings.max_ms),
        deadline_seconds=settings.deadline_seconds,
        entries=_fallbacks(given),
        whole=False,
        patient=bool(_boolean(given, h.INCREASE_TIMEOUT)),
        handler=_handler(given),
    )
    if not (terms.retries or terms.entries or terms.patient or terms.handler):
        return None
    whole = bool(terms.entries) and terms.entries[0].target_url is not None
    return msgspec.structs.replace(terms, whole=whole)


def _boolean(given: dict[bytes, str], name: bytes) -> bool | None:
    if name not in given:
        return None
    found = _BOOLEANS.get(given[name].lower())
    if found is None:
        raise _wrong(name, "true or false")
    return found


def _whole_number(given: dict[bytes, str], name: bytes, most: int, otherwise: int) -> int:
    text = given.get(name)
    if text is None:
        return otherwise
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) > most:
        raise _wrong(name, f"a whole number from 0 to {most}")
    return int(text)


def _factor(given: dict[bytes, str], otherwise: float) -> float:
    text = given.get(h.RETRY_FACTOR)
    if text is None:
        return otherwise
    try:
        factor = float(text) if re.fullmatch(r"[0-9.]{1,20}", text) else math.nan
    except ValueError:
        factor = math.nan
    if not 1 <= factor <= FACTOR_MAX:
        raise _wrong(h.RETRY_FACTOR, f"a number from 1 to {FACTOR_MAX:.0f}, such as 2")
    return factor


def _handler(given: dict[bytes, str]) -> str | None:
    text = given.get(h.TOKEN_LIMIT_HANDLER)
    if text is None:
        return None
    if text.lower() not in HANDLERS:
        raise _wrong(h.TOKEN_LIMIT_HANDLER, "truncate, middle-out or fallback")
    return text.lower()


def _fallbacks(given: dict[bytes, str]) -> tuple[Entry, ...]:
    """The entries of either field: what an entry has in it says which form it is of."""
    names = [name for name in (h.FALLBACK, h.FALLBACKS) if name in given]
    if len(names) > 1:
        raise _wrong(h.FALLBACKS, f"either it or {h.spelled(h.FALLBACK)}, not both")
    if not names:
        return ()
    name = names[0]
    right = _WHOLE if name == h.FALLBACKS else _SIMPLE
    try:
        entries = _entries.decode(given[name].encode())
        if not 0 < len(entries) <= ENTRIES_MAX:
            raise ValueError
        return tuple(_entry(each) for each in entries)
    except (msgspec.MsgspecError, ValueError, KeyError, RecursionError):
        raise _wrong(name, right) from None


def _entry(given: dict[str, Raw]) -> Entry:
    """One entry. Raises ValueError or MsgspecError for what is none."""
    url, provider, model = (_text(given, key) for key in ("target-url", "provider", "model"))
    merged = given.get("bodyKeyOverride")
    if merged is not None:
        msgspec.json.decode(merged, type=dict[str, Raw])
    reserved = ("target-url", "provider", "headers", "onCodes", "bodyKeyOverride")
    keys = tuple((key, bytes(value)) for key, value in given.items() if key not in reserved)
    if not (url or provider or keys or merged):
        raise ValueError
    return Entry(
        target_url=url,
        provider=provider.lower() if provider else None,
        model=model,
        headers=_fields(given.get("headers")),
        codes=_codes(given.get("onCodes")),
        keys=keys,
        merged=bytes(merged) if merged is not None else b"",
    )


def _text(given: dict[str, Raw], key: str) -> str | None:
    if key not in given:
        return None
    text = msgspec.json.decode(given[key], type=str).strip()
    if not text:
        raise ValueError
    return text


def _fields(given: Raw | None) -> tuple[tuple[bytes, bytes], ...]:
    if given is None:
        return ()
    fields = msgspec.json.decode(given, type=dict[str, str])
    for name, value in fields.items():
        if not _FIELD_NAME.fullmatch(name) or not _FIELD_VALUE.fullmatch(value):
            raise ValueError
    return tuple((name.lower().encode(), value.strip().encode("latin-1")) for name, value in fields.items())


def _codes(given: Raw | None) -> Codes | None:
    if given is None:
        return None
    found = []
    for each in msgspec.json.decode(given, type=list[int | dict[str, int]]):
        low, high = (each, each) if isinstance(each, int) else (each["from"], each["to"]) if len(each) == 2 else (0, 0)
        if not 100 <= low <= high <= 599:
            raise ValueError
        found.append((low, high))
    return tuple(found)


def _wrong(name: bytes, right: str) -> Refusal:
    return Refusal(400, "bad_request", f"{h.spelled(name)} does not parse; write {right}", type="invalid_request_error")
