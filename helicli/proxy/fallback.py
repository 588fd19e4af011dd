"""Where a call is asked, one place after the other, and each request for it rebuilt from the bytes that came.

Pure. A key that a caller has sent for one host never goes to another: there an entry's own headers count, and besides
them only fields that carry no secret. A fallback without a key of its own is refused before anything is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from helicli import baseurls
from helicli import headers as h
from helicli.call import Headers
from helicli.providers import rewriting
from helicli.providers.read import model_in_path
from helicli.providers.registry import BUILT_IN, KEYLESS, Provider
from helicli.proxy.doors import is_loopback
from helicli.proxy.refusal import Refusal
from helicli.proxy.retry_terms import Codes, Entry, RetryTerms
from helicli.proxy.route import Route, targeted
from helicli.store.encodings import content_encoding, decode

_KEYS: Final = h.SECRETS | {b"proxy-authorization"}
_CARRIED: Final = frozenset(
    (
        b"accept",
        b"accept-encoding",
        b"content-encoding",
        b"content-type",
        b"user-agent",
        b"anthropic-version",
        b"anthropic-beta",
    )
)
"""What of a caller's fields may go to another host; whatever else is there could be a key by a name nobody knows."""

_SECRET_QUERY: Final = re.compile(r"(?i)(?:" + "|".join(map(re.escape, sorted(h.SECRET_QUERY))) + r")=")
_PLAIN_MAX: Final = 64 * 1024 * 1024


class Place(Struct, frozen=True):
    """One place to ask. `own` says that it is where the caller's own key is for."""

    route: Route
    entry: Entry | None = None
    own: bool = True
    retries: int = 0

    @property
    def codes(self) -> Codes | None:
        """The statuses after which the next place is asked, None for the usual ones."""
        return self.entry.codes if self.entry is not None else None

    def names(self, status: int) -> bool:
        """Whether it names this status as one after which the next is asked."""
        return self.codes is not None and any(low <= status <= high for low, high in self.codes)


class Question(Struct, frozen=True, dict=True):
    """A request for one place: its fields and its body."""

    route: Route
    fields: Headers
    body: bytes
    named: str | None = None

    @cached_property
    def model(self) -> str:
        """The model that is asked for, "" where the request names none that can be read."""
        return self.named or rewriting.model_of(self.body) or model_in_path(self.route.path) or ""

    @property
    def key(self) -> tuple[str, str]:
        """By what its failures are counted."""
        return self.route.provider.name, self.model

    @property
    def readable(self) -> Headers:
        """Its fields; where a stream must be looked into, it is to come as it is, without an encoding."""
        if b'"stream"' not in self.body:
            return self.fields
        return [*[f for f in self.fields if f[0] != b"accept-encoding"], (b"accept-encoding", b"identity")]


def places(
    terms: RetryTerms, found: Route, fields: Headers, listed: list[str], providers: Mapping[str, Provider]
) -> list[Place]:
    """All places of a call, in turn. `listed` are the models its body names. Raises Refusal for one that cannot be."""
    named = [Entry(model=model, keys=(("model", rewriting.text(model)),)) for model in listed]
    first = [] if terms.whole else [Place(found, named[0] if named else None, retries=terms.retries)]
    rest = [*named[1:], *terms.entries]
    made = [*first]
    for number, entry in enumerate(rest, 1 if not terms.whole else 0):
        route = _route(entry, found, fields, providers, number)
        # In Helicone's form nobody says for which of the hosts the caller's own key would be.
        own = not terms.whole and (route is found or _origin(route) == _origin(found))
        if not own:
            route = Route(route.provider, _without_keys(route.path), _without_keys(route.url))
            if not any(name in _KEYS for name, _ in entry.headers) and not _keyless(route):
                raise Refusal(
                    400,
                    "bad_request",
                    f"fallback {number} goes to {_origin(route)[1]} and brings no key for it; "
                    'add "headers": {"Authorization": "Bearer …"} to it',
                    type="invalid_request_error",
                )
        made.append(Place(route, entry, own, terms.retries if entry.target_url else 0))
    return made


def question(place: Place, fields: Headers, body: bytes) -> Question | None:
    """The request for a place, None where its entry changes a body that is no JSON object."""
    entry = place.entry
    if entry is None:
        return Question(place.route, fields, body)
    keys = dict(entry.keys)
    if entry.model is not None and model_in_path(place.route.path) is not None:
        keys.pop("model", None)
    if keys or entry.merged:
        plain, fields = _plain(fields, body)
        changed = rewriting.with_keys(plain, keys) if plain is not None else None
        if changed is not None and entry.merged:
            changed = rewriting.merged(changed, entry.merged)
        if changed is None:
            return None
        body = changed
    fields = _fields(fields, entry, own=place.own)
    return Question(place.route, fields, body, entry.model)


def _route(entry: Entry, found: Route, fields: Headers, providers: Mapping[str, Provider], number: int) -> Route:
    route = found
    if entry.target_url is not None:
        route = targeted(
            entry.target_url, found.path, providers, found.provider.name, fields, "a fallback's target-url"
        )
    elif entry.provider is not None:
        provider = providers.get(entry.provider)
        if provider is None or not provider.base_url:
            why = "is not known here" if provider is None else "has no address of its own"
            why += '; write "target-url": "https://…", or see helicli providers'
            raise Refusal(400, "bad_request", f"fallback {number}: the provider {entry.provider} {why}")
        if provider.name != found.provider.name:
            path = _moved(found, provider)
            route = Route(provider, path, provider.base_url + path)
    if entry.model is not None:
        renamed = rewriting.with_model_in_path(route.path, entry.model)
        if renamed is not None:
            route = Route(route.provider, renamed, route.url.removesuffix(route.path) + renamed)
    return route


def _moved(found: Route, provider: Provider) -> str:
    """The path of a call at another provider, whose clients have another word before it: `/openai/v1` at Groq."""
    there, here = (
        baseurls.path_of(provider.name, provider.base_url),
        baseurls.path_of(found.provider.name, found.provider.base_url),
    )
    if here and found.path.startswith(here + "/"):
        return there + found.path[len(here) :]
    return found.path


def _origin(route: Route) -> tuple[str, str]:
    parts = urlsplit(route.url)
    return parts.scheme, parts.netloc.lower()


def _keyless(route: Route) -> bool:
    """Whether a place asks for no key: a program of this machine."""
    name = route.provider.name
    return name in KEYLESS or (name not in BUILT_IN and is_loopback(urlsplit(route.url).hostname or ""))


def _without_keys(url: str) -> str:
    bare, mark, query = url.partition("?")
    kept = [part for part in query.split("&") if part and not _SECRET_QUERY.match(part)]
    return bare + mark + "&".join(kept) if kept else bare


def _fields(fields: Headers, entry: Entry, *, own: bool) -> Headers:
    """The caller's fields with an entry's over them; of one's keys or the other's, never both."""
    brings = any(name in _KEYS for name, _ in entry.headers)
    replaced = {name for name, _ in entry.headers}
    kept = [
        field
        for field in fields
        if field[0] not in replaced and (field[0] in _CARRIED if not own else not (brings and field[0] in _KEYS))
    ]
    return [*kept, *entry.headers]


def _plain(fields: Headers, body: bytes) -> tuple[bytes | None, Headers]:
    """A body without its content encoding, and the fields that go with it."""
    encoding = content_encoding(fields)
    if not encoding:
        return body, fields
    return decode(encoding, body, _PLAIN_MAX), [field for field in fields if field[0] != b"content-encoding"]
