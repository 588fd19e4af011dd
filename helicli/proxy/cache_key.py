"""The key of a question: what must be equal for two calls to share a stored answer.

Pure. Method, URL, body, seed, org, the provider's keys and the fields that change what a provider answers, all as they
go up. A key gives none of them away, and no two lists of them make one text to be hashed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from typing import Final

from msgspec import Struct

from helicli import headers as h
from helicli.caching import KEY_BYTES
from helicli.call import Headers
from helicli.providers.questions import Question, kind_of, question
from helicli.proxy.cache_terms import CacheTerms
from helicli.proxy.client import BUFFER_BYTES
from helicli.proxy.route import Route
from helicli.proxy.upstream import fields_up
from helicli.store.encodings import content_encoding, decode

ORG: Final = "local"
_CREDENTIAL: Final = re.compile(rb"key|token|auth|secret|credential|passw")
"""Gateways have fields of their own for keys, such as `x-portkey-api-key`. A name that only looks like one costs a hit;
one that is missed would show an answer to somebody else."""


class Asked(Struct, frozen=True):
    """A question that the cache may answer, by its key."""

    key: bytes
    org: str
    terms: CacheTerms
    question: Question


def asked(terms: CacheTerms, found: Route, method: str, fields: Headers, body: bytes) -> Asked | None:
    """The question of a call, None where it is none that the cache answers."""
    kind = kind_of(found.provider.dialect, found.path) if method == "POST" else None
    plain = decode(content_encoding(fields), body, BUFFER_BYTES) if kind else None
    if kind is None or plain is None:
        return None
    put = question(kind, found.url, plain, terms.ignored)
    return None if put is None else Asked(_key(terms, method, fields, put), ORG, terms, put)


def _key(terms: CacheTerms, method: str, fields: Headers, put: Question) -> bytes:
    told_apart: dict[bytes, list[bytes]] = {}
    for name, value in fields_up(fields):
        if _counts(name):
            told_apart.setdefault(name, []).append(value)
    parts = [
        method.encode(),
        put.url.encode(),
        put.body,
        terms.seed.encode("utf-8", "surrogatepass"),
        ORG.encode(),
        b"variants" if terms.variants else b"",
        b"",
    ]
    for name in sorted(told_apart):
        parts += name, b",".join(told_apart[name])
    hashed = sha256()
    for part in parts:
        hashed.update(b"%d:" % len(part))
        hashed.update(part)
    return hashed.digest()[:KEY_BYTES]


@lru_cache(maxsize=1024)
def _counts(name: bytes) -> bool:
    """Whether calls that differ in a field are different questions."""
    return name in h.CACHE_TOLD_APART or (_CREDENTIAL.search(name) is not None and b"idempotency" not in name)
