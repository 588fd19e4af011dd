"""What a caller says of the cache, read from its fields and from what is configured.

Pure. Every field that is there must parse, also where the cache is off; only the standard `Cache-Control`, which may be
meant for somebody else, is read for calls that ask for the cache alone.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from msgspec import Struct

from helicli import headers as h
from helicli.caching import MODES, SEED_MAX, TTL_MAX_SECONDS, VARIANTS, CacheSettings
from helicli.call import Headers
from helicli.proxy.refusal import Refusal

_BOOLEANS: Final = {"true": True, "false": False}
_SECONDS: Final = re.compile(r'([0-9]{1,18})|"([0-9]{1,18})"')
_NAME: Final = re.compile(r'[^\s",\[\]]+')
_names: Final = msgspec.json.Decoder(list[str])


class CacheTerms(Struct, frozen=True):
    """How the cache is to be used for one call; `read` or `save` is true.

    `max_age_ms` is how old an answer may be that is served, `ttl_ms` how long one that is stored may be.
    """

    read: bool
    save: bool
    seed: str
    bucket_max: int | None
    variants: bool
    ignored: tuple[str, ...]
    max_age_ms: int | None
    ttl_ms: int


def read_terms(fields: Headers, settings: CacheSettings) -> CacheTerms | None:
    """The terms of a call, None where it uses no cache. Raises Refusal."""
    given = {name: h.text(value).strip() for name, value in fields if name in h.CACHE_FIELDS}
    enabled = _boolean(given, h.CACHE_ENABLED)
    read, save = _boolean(given, h.CACHE_READ), _boolean(given, h.CACHE_SAVE)
    seed, size, mode, ignored = _seed(given), _size(given), _mode(given), _ignored(given)
    control = _control(given[h.CACHE_CONTROL], h.CACHE_CONTROL) if h.CACHE_CONTROL in given else None
    on = settings.enabled if enabled is None else enabled
    if enabled is None:
        # What is configured stands behind what a caller says, in whichever of the three fields.
        read = settings.read if read is None else read
        save = settings.save if save is None else save
    reads, saves = (on if read is None else read), (on if save is None else save)
    if not (reads or saves):
        return None
    if control is None:
        plain = b",".join(value for name, value in fields if name == h.PLAIN_CACHE_CONTROL)
        control = _control(h.text(plain), h.PLAIN_CACHE_CONTROL)
    life = settings.ttl_seconds if control.seconds is None else control.seconds
    reads = reads and not (control.no_cache or control.no_store) and control.seconds != 0
    saves = saves and not control.no_store and life > 0
    if not (reads or saves):
        return None
    return CacheTerms(
        read=reads,
        save=saves,
        seed=settings.seed if seed is None else seed,
        bucket_max=settings.bucket_max_size if size is None else size,
        variants=(settings.bucket_mode if mode is None else mode) == VARIANTS,
        ignored=settings.ignore_keys if ignored is None else ignored,
        max_age_ms=None if control.seconds is None else control.seconds * 1000,
        ttl_ms=min(life, settings.max_age_seconds, TTL_MAX_SECONDS) * 1000,
    )


class _Control(Struct, frozen=True):
    seconds: int | None
    no_cache: bool
    no_store: bool


def _boolean(given: dict[bytes, str], name: bytes) -> bool | None:
    if name not in given:
        return None
    found = _BOOLEANS.get(given[name].lower())
    if found is None:
        raise _wrong(name, "true or false")
    return found


def _seed(given: dict[bytes, str]) -> str | None:
    seed = given.get(h.CACHE_SEED)
    if seed is not None and len(seed) > SEED_MAX:
        raise _wrong(h.CACHE_SEED, f"{SEED_MAX:,} characters at most")
    return seed


def _size(given: dict[bytes, str]) -> int | None:
    text = given.get(h.CACHE_BUCKET_MAX_SIZE)
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or int(text) < 1:
        raise _wrong(h.CACHE_BUCKET_MAX_SIZE, "a whole number from 1 up, such as 1000")
    return int(text)


def _mode(given: dict[bytes, str]) -> str | None:
    text = given.get(h.CACHE_BUCKET_MODE)
    if text is None:
        return None
    if text.lower() not in MODES:
        raise _wrong(h.CACHE_BUCKET_MODE, " or ".join(MODES))
    return text.lower()


def _ignored(given: dict[bytes, str]) -> tuple[str, ...] | None:
    """Keys in either syntax: `a, b.c`, or `"a", "b.c"` as in an array of JSON, its brackets left out or not."""
    text = given.get(h.CACHE_IGNORE_KEYS)
    if text is None:
        return None
    if '"' in text or "[" in text:
        try:
            names = _names.decode(text if text.startswith("[") else f"[{text}]")
        except msgspec.DecodeError:
            names = []
    else:
        names = [name.strip() for name in text.split(",")]
        if not all(_NAME.fullmatch(name) for name in names):
            names = []
    if not names or not all(name and all(name.split(".")) for name in names):
        raise _wrong(h.CACHE_IGNORE_KEYS, 'keys of the body such as user,metadata.trace or "user","metadata.trace"')
    return tuple(sorted(set(names)))


def _control(text: str, name: bytes) -> _Control:
    """`s-maxage` goes before `max-age`; what else may stand there is not for us."""
    lives: dict[str, int] = {}
    words = set()
    for directive in text.split(","):
        word, equals, value = directive.strip().partition("=")
        word = word.strip().lower()
        words.add(word)
        if word in ("s-maxage", "max-age"):
            seconds = _SECONDS.fullmatch(value.strip())
            if not equals or seconds is None:
                raise _wrong(name, "seconds, as in max-age=3600")
            lives[word] = int(seconds[1] or seconds[2])
    return _Control(lives.get("s-maxage", lives.get("max-age")), "no-cache" in words, "no-store" in words)


def _wrong(name: bytes, right: str) -> Refusal:
    return Refusal(400, "bad_request", f"{h.spelled(name)} does not parse; write {right}", type="invalid_request_error")
