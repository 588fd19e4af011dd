"""Station 1, what the caller asks of helicli: the `Helicone-*` fields, typed.

Pure. A field that only tags is kept as it came; one that controls and does not parse is refused with its name and a
right example.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helicli import headers as h
from helicli.call import Headers, Tags

_NO_TAGS = Tags()


class Directives(Struct, frozen=True):
    """What the caller's fields say. `answer_id` is the caller's own request id where that is a UUID."""

    tags: Tags
    answer_id: str | None = None
    target_url: str | None = None
    api_base: str | None = None


def read(fields: Headers, defaults: Tags = _NO_TAGS) -> Directives:
    """The directives in a call's header fields; `defaults` holds for what they do not say."""
    own = [(name, value) for name, value in fields if name.startswith(h.PREFIX)]
    if not own:
        return Directives(defaults)
    tags: dict[str, Any] = {}
    properties: dict[str, str] = dict(defaults.properties)
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
        elif name == h.TARGET_URL:
            target = h.text(value).strip()
        elif name == h.OPENAI_API_BASE:
            api_base = h.text(value).strip()
    path = tags.get("session_path")
    if path and not path.startswith("/"):
        tags["session_path"] = "/" + path
    return Directives(replace(defaults, **tags, properties=properties), _uuid(tags.get("request_id")), target, api_base)


def _uuid(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return str(UUID(text))
    except ValueError:
        return None
