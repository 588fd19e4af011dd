"""Station 1, what the caller asks of helicli: the `Helicone-*` fields, typed.

Pure. A field that only tags is kept as it came; one that controls and does not parse is refused with its name and a
right example.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from helicli import headers as h
from helicli.caching import CacheSettings
from helicli.call import NO_TAGS, Headers, Tags
from helicli.policy import Policy, PolicyError, parse_all
from helicli.providers import lenient
from helicli.proxy import names, retry_terms
from helicli.proxy.cache_terms import CacheTerms, read_terms
from helicli.proxy.names import Names
from helicli.proxy.refusal import Refusal
from helicli.proxy.retry_terms import RetryTerms
from helicli.retrying import RetrySettings

NO_CACHE = CacheSettings()
NO_RETRIES = RetrySettings()

_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


class Directives(Struct, frozen=True):
    """What the caller's fields say. `answer_id` is the caller's own request id where that is a UUID.

    `unread` says that there were values for variables, and no JSON: whoever knows the variables names them.
    """

    tags: Tags
    answer_id: str | None = None
    target_url: str | None = None
    api_base: str | None = None
    cache: CacheTerms | None = None
    policies: tuple[Policy, ...] = ()
    retry: RetryTerms | None = None
    mock: bytes | None = None
    variables: dict[str, Any] | None = None
    prompt_version: str | None = None
    unread: bool = False

    @property
    def brought(self) -> Headers | None:
        """In Helicone's form of fallbacks the fields of the first target, which has the keys; else None."""
        return list(self.retry.entries[0].headers) if self.retry is not None and self.retry.whole else None

    @property
    def prompts(self) -> bool:
        """Whether anything is said of a prompt."""
        return self.variables is not None or self.tags.prompt is not None or self.unread


NO_DIRECTIVES = Directives(NO_TAGS)


def read(
    fields: Headers,
    defaults: Tags = NO_TAGS,
    caching: CacheSettings = NO_CACHE,
    retrying: RetrySettings = NO_RETRIES,
    seen: Names | None = None,
) -> Directives:
    """The directives in a call's fields; what they do not say is as `defaults`, `caching` and `retrying` have it.

    Raises Refusal.
    """
    seen = seen or names.of(fields)
    own = [fields[at] for at in seen.own]
    caches = caching.enabled or caching.read or caching.save
    asks = retrying.enabled
    trace = _trace(fields) if h.TRACEPARENT in seen.first else {}
    if not own and not trace:
        cache = read_terms(fields, caching) if caches else None
        retry = retry_terms.read_terms([], retrying) if asks else None
        plain = not cache and not retry and defaults is NO_TAGS
        return NO_DIRECTIVES if plain else Directives(defaults, cache=cache, retry=retry)
    tags: dict[str, Any] = {}
    properties: dict[str, str] = {**defaults.properties, **trace}
    target: str | None = None
    api_base: str | None = None
    mock: bytes | None = None
    policies: tuple[Policy, ...] = ()
    variables: dict[str, Any] | None = None
    unread = False
    version: str | None = None
    for name, value in own:
        tag = h.TAG_FIELDS.get(name)
        if tag is not None:
            tags[tag] = h.text(value)
        elif name.startswith(h.PROPERTY_PREFIX):
            properties[h.text(name[len(h.PROPERTY_PREFIX) :])] = h.text(value)
        elif name in h.OMIT_FIELDS:
            tags[h.OMIT_FIELDS[name]] = value.strip().lower() == b"true"
        elif name in h.CACHE_FIELDS:
            caches = True
        elif name in h.ASKING_FIELDS:
            asks = True
        elif name == h.MOCK_RESPONSE:
            mock = _json(value)
        elif name == h.TARGET_URL:
            target = h.text(value).strip()
        elif name == h.OPENAI_API_BASE:
            api_base = h.text(value).strip()
        elif name == h.LIMIT_POLICY:
            policies += _policies(value)
        elif name == h.PROMPT_VARIABLES:
            given = _variables(value)
            unread |= given is None
            variables = {**(variables or {}), **(given or {})}
        elif name == h.PROMPT_VERSION:
            version = h.text(value).strip()
    if override := tags.get("model_override"):
        # The row shows the model that answered; this says why its price is another's.
        properties.setdefault("model_override", override)
    path = tags.get("session_path")
    if path and not path.startswith("/"):
        tags["session_path"] = "/" + path
    cache = read_terms(fields, caching) if caches else None
    retry = retry_terms.read_terms(own, retrying) if asks else None
    if retry is not None and retry.whole:
        target = retry.entries[0].target_url
    said = replace(defaults, **tags, properties=properties)
    return Directives(
        said, _uuid(tags.get("request_id")), target, api_base, cache, policies, retry, mock, variables, version, unread
    )


@lru_cache(maxsize=256)
def _policies(value: bytes) -> tuple[Policy, ...]:
    try:
        return parse_all(h.text(value))
    except PolicyError as error:
        raise Refusal(400, "bad_request", f"{h.spelled(h.LIMIT_POLICY)}: {error.sentence}") from None


def _json(value: bytes) -> bytes:
    if lenient.loads(value) is None and value.strip() != b"null":
        sentence = f'{h.spelled(h.MOCK_RESPONSE)} does not parse; write JSON, such as {{"choices": []}}'
        raise Refusal(400, "bad_request", sentence, type="invalid_request_error")
    return value


def _variables(value: bytes) -> dict[str, Any] | None:
    """The values that a field carries: JSON, as it is or percent-encoded; None for what is no object."""
    for text in (value, unquote_to_bytes(value)):
        try:
            return msgspec.json.decode(text, type=dict[str, Any])
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue
    return None


def _trace(fields: Headers) -> dict[str, str]:
    """Trace and span of the caller, as properties; none where it does not say, says it twice or not as the W3C does."""
    said = [value for name, value in fields if name == h.TRACEPARENT]
    found = _TRACEPARENT.fullmatch(said[0]) if len(said) == 1 else None
    if found is None:
        return {}
    version, trace, span, more = found.groups()
    if version == b"ff" or (version == b"00" and more is not None) or not (trace.strip(b"0") and span.strip(b"0")):
        return {}
    return {"trace_id": trace.decode(), "span_id": span.decode()}


def _uuid(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        return None
