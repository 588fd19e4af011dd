"""Station 1, what the caller asks of helicli: the `Helicone-*` fields, typed.

Pure. A field that only tags is kept as it came; one that controls and does not parse is refused with its name and a
right example.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Struct

from helicli import headers as h
from helicli.caching import CacheSettings
from helicli.call import Headers, Tags
from helicli.proxy.cache_terms import CacheTerms, read_terms

_NO_TAGS = Tags()
NO_CACHE = CacheSettings()


class Directives(Struct, frozen=True):
    """What the caller's fields say. `answer_id` is the caller's own request id where that is a UUID."""

    tags: Tags
    answer_id: str | None = None
    target_url: str | None = None
    api_base: str | None = None
    cache: CacheTerms | None = None


_NOTHING = Directives(_NO_TAGS)


def read(fields: Headers, caching: CacheSettings = NO_CACHE) -> Directives:
    """The directives in a call's header fields. `caching` is what is configured of the cache. Raises Refusal."""
    own = [(name, value) for name, value in fields if name.startswith(h.PREFIX)]
    caches = caching.enabled or caching.read or caching.save
    if not own:
        return Directives(_NO_TAGS, cache=read_terms(fields, caching)) if caches else _NOTHING
    tags: dict[str, Any] = {}
    properties: dict[str, str] = {}
    target: str | None = None
    api_base: str | None = None
    for name, value in own:
        tag = h.TAG_FIELDS.get(name)
        if tag is not None:
            tags[tag] = h.text(value)
        elif name.startswith(h.PROPERTY_PREFIX):
            properties[h.text(name[len(h.PROPERTY_PREFIX) :])] = h.text(value)
        elif name in h.OMIT_FIELDS:
            tags[h.OMIT_FIELDS[name]] = value.strip().lower() == b"true"
        elif name.startswith(h.CACHE_PREFIX):
            caches = True
        elif name == h.TARGET_URL:
            target = h.text(value).strip()
        elif name == h.OPENAI_API_BASE:
            api_base = h.text(value).strip()
    path = tags.get("session_path")
    if path and not path.startswith("/"):
        tags["session_path"] = "/" + path
    cache = read_terms(fields, caching) if caches else None
    return Directives(Tags(**tags, properties=properties), _uuid(tags.get("request_id")), target, api_base, cache)


def _uuid(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        return None
