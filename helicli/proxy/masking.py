"""Secrets taken out before anything leaves the proxy's memory.

Owns what is masked in headers, in paths, in tags and in the copies of bodies that go to the journal. What travels
between client and provider is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from helicli import headers as h
from helicli.call import Begin, Headers, Tags
from helicli.providers import lenient
from helicli.proxy.names import Names, of
from helicli.store.encodings import content_encoding, decode

_SHORTEST = 8
_STARS = h.MASK.decode()
_ECHO_MAX = 4 * 1024 * 1024
"""A compressed body is looked through for secrets where it unfolds to no more than this."""
_QUERY = re.compile(r"(?i)(^|[?&])(" + "|".join(map(re.escape, sorted(h.SECRET_QUERY))) + r")=[^&#]*")
_PATH_KEY = re.compile(r"/(sk|pk)-helicone-[^/?]*")


def mask_headers(fields: Headers, secrets: Sequence[bytes] = (), names: Names | None = None) -> Headers:
    """The fields as they may be kept: of a secret only its scheme word stays, of what repeats a secret the rest.

    The very list given where there is nothing to mask.
    """
    masked = fields
    if places := (names or of(fields)).secret:
        masked = list(fields)
        for at in places:
            name, value = fields[at]
            masked[at] = name, _mask_value(name, value)
    for secret in secrets:
        if any(secret in v for _, v in masked):
            masked = [(n, v.replace(secret, h.MASK)) for n, v in masked]
    return masked


@lru_cache(maxsize=256)
def _mask_value(name: bytes, value: bytes) -> bytes:
    if name in h.FALLBACK_FIELDS:
        return _mask_fallbacks(value)
    scheme, _, _ = value.partition(b" ")
    return scheme + b" " + h.MASK if name in h.SCHEMED and scheme.lower() in h.SCHEMES else h.MASK


def mask_path(path: str, secrets: Sequence[bytes] = ()) -> str:
    """A request target without keys in its query or its segments, and without the call's own secrets anywhere."""
    path = _mask_text(path, secrets)
    if "=" in path:
        path = _QUERY.sub(rf"\1\2={_STARS}", path)
    return _PATH_KEY.sub(f"/{_STARS}", path) if "-helicone-" in path else path


def mask_tags(tags: Tags, secrets: Sequence[bytes]) -> Tags:
    """The tags as they may be kept, without the call's own secrets; the very object given where none stands in it."""
    if not secrets:
        return tags
    told: dict[str, Any] = {}
    for name in tags.__struct_fields__:
        value = getattr(tags, name)
        if isinstance(value, str) and (masked := _mask_text(value, secrets)) != value:
            told[name] = masked
    properties = {_mask_text(k, secrets): _mask_text(v, secrets) for k, v in tags.properties.items()}
    if properties != tags.properties:
        told["properties"] = properties
    return replace(tags, **told) if told else tags


def mask_begin(begin: Begin, secrets: Sequence[bytes]) -> Begin:
    """What is known of a call at its begin, without its own secrets anywhere."""
    return replace(
        begin,
        path=mask_path(begin.path, secrets),
        headers=mask_headers(begin.headers, secrets),
        tags=mask_tags(begin.tags, secrets),
    )


def _mask_text(text: str, secrets: Sequence[bytes]) -> str:
    for secret in secrets:
        text = text.replace(h.text(secret), _STARS)
    return text


def secrets_of(fields: Headers, path: str, names: Names | None = None) -> list[bytes]:
    """The secret values a call carries, long enough to be looked for in bodies; the longest first."""
    found: list[bytes] = []
    for at in (names or of(fields)).secret:
        name, value = fields[at]
        if name not in (b"cookie", b"set-cookie"):
            found.extend(_parts(value) if name not in h.FALLBACK_FIELDS else _keys_of_fallbacks(value))
    if "=" in path:
        for match in _QUERY.finditer(path):
            secret = match[0].rpartition("=")[2].encode()
            if len(secret) >= _SHORTEST:
                found.append(secret)
    if len(found) > 1:
        found.sort(key=len, reverse=True)
    return found


def mask_body(body: bytes, secrets: list[bytes]) -> bytes:
    """A body with each secret replaced by as many stars; the very object given where none stands in it.

    `secrets` come longest first, so that none is left by half where one begins another.
    """
    for secret in secrets:
        if body.find(secret) >= 0:
            body = body.replace(secret, b"*" * len(secret))
    return body


class Masker:
    """Masks one side of a call piece by piece, also a secret that pieces share.

    What ends a piece and may be the beginning of a secret is starred at once, so that neither a piece waits for the
    next one nor a part of a secret is ever kept; what was no secret is told later.
    """

    def __init__(self, secrets: list[bytes]) -> None:
        self._secrets = secrets
        self._inner = _inner(tuple(secrets))
        self._open = b""  # the starred end, as it came
        self._floor = b""  # the starred end, with stars where a whole secret stood
        self.redacted = False

    def feed(self, piece: bytes) -> tuple[bytes, bytes]:
        """What the last stars of the piece before stand for, b"" where they stay; and the piece, masked."""
        if not self._open and (not piece or piece[-1] not in self._inner):
            masked = mask_body(piece, self._secrets)
            self.redacted |= masked is not piece
            return b"", masked
        known, text = len(self._open), self._open + piece
        masked = mask_body(text, self._secrets)
        self.redacted |= masked is not text
        masked = _starred(masked[:known], self._floor) + masked[known:]
        size = self._beginning(text)
        cut = len(text) - size
        self._open, self._floor = text[cut:], masked[cut:]
        shown = masked[:cut] + b"*" * size
        return self._told(shown[:known]), shown[known:]

    def flush(self) -> bytes:
        """What the last stars stand for, b"" where they stay: nothing follows."""
        told = self._told(self._floor)
        self._open = self._floor = b""
        return told

    def _told(self, known: bytes) -> bytes:
        return known if known.strip(b"*") else b""

    def _beginning(self, text: bytes) -> int:
        """How many bytes at the end may be the beginning of a secret."""
        if not text or text[-1] not in self._inner:
            return 0
        found = 0
        for secret in self._secrets:
            for size in range(min(len(secret) - 1, len(text)), found, -1):
                if text.endswith(secret[:size]):
                    found = size
                    break
        return found


def _starred(text: bytes, floor: bytes) -> bytes:
    """A text with the stars of another of its length put over it."""
    if b"*" not in floor:
        return text
    return bytes(star if star == ord("*") else byte for byte, star in zip(text, floor, strict=True))


@lru_cache(maxsize=256)
def _inner(secrets: tuple[bytes, ...]) -> frozenset[int]:
    """The bytes that the beginning of a secret can end with."""
    return frozenset(b"".join(secret[:-1] for secret in secrets))


def stands_in(record: bytes, secrets: Sequence[bytes]) -> bool:
    """Whether one of the secrets may stand in what was encoded of a call; none does where this says no.

    A secret that a text may spell in other bytes than a field did counts as one that does.
    """
    spelled = b"".join(secrets)
    return any(map(record.count, secrets)) or not spelled.isascii() or spelled.find(b"%") >= 0


def provider_key(fields: Headers, names: Names | None = None) -> str | None:
    """A short hash that tells the provider keys of calls apart and gives none away."""
    first = (names or of(fields)).first
    for name in h.PROVIDER_KEYS:
        if name in first:
            return _hash(fields[first[name]][1])
    return None


@lru_cache(maxsize=256)
def _parts(value: bytes) -> tuple[bytes, ...]:
    return tuple(part for part in re.split(rb"[\s,]+", value) if len(part) >= _SHORTEST)


def _mask_fallbacks(value: bytes) -> bytes:
    """Fallbacks without the values of their headers and what an address may hide; stars where they cannot be read."""
    entries = lenient.loads(value)
    if not isinstance(entries, list):
        return h.MASK
    for entry in lenient.mappings(entries):
        for name, told in entry.items():
            if name.lower() == "headers":
                entry[name] = dict.fromkeys(told, _STARS) if isinstance(told, dict) else _STARS
            elif isinstance(told, str) and "://" in told and re.search("[?#@]", told):
                entry[name] = _STARS
    return lenient.compact(entries).encode("ascii", "backslashreplace") or h.MASK


@lru_cache(maxsize=256)
def _keys_of_fallbacks(value: bytes) -> tuple[bytes, ...]:
    """The secret values among the headers of fallbacks."""
    found: list[bytes] = []
    for entry in lenient.mappings(lenient.loads(value)):
        for name, told in lenient.mapping(entry.get("headers")).items():
            if name.lower().encode("utf-8", "replace") in h.SECRETS and isinstance(told, str):
                found.extend(_parts(told.encode("utf-8", "replace")))
    return tuple(found)


@lru_cache(maxsize=256)
def _hash(value: bytes) -> str:
    return sha256(value.rpartition(b" ")[2]).hexdigest()[:8]


def without_echo(fields: Headers, body: bytes, repeats: Callable[[bytes], bool]) -> bytes:
    """The copy of a compressed body that is kept: decoded where it repeats a secret."""
    encoding = content_encoding(fields)
    plain = decode(encoding, body, _ECHO_MAX) if encoding else None
    return plain if plain is not None and repeats(plain) else body
