"""Station 1, what the caller asks of helicli: the `Helicone-*` fields, typed.

Pure. A field that only tags is kept as it came; one that controls and does not parse is refused with its name and a
right example.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from helicli import headers as h
from helicli.call import Headers, Tags
from helicli.policy import Policy, PolicyError, parse_all
from helicli.proxy.refusal import Refusal

_NO_TAGS = Tags()

_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


class Directives(Struct, frozen=True):
    """What the caller's fields say. `answer_id` is the caller's own request id where that is a UUID."""

    tags: Tags
    answer_id: str | None = None
    target_url: str | None = None
    api_base: str | None = None
    policies: tuple[Policy, ...] = ()


def read(fields: Headers, defaults: Tags = _NO_TAGS) -> Directives:
    """The directives in a call's header fields; `defaults` holds for what they do not say."""
    own = [(name, value) for name, value in fields if name.startswith(h.PREFIX)]
    trace = _trace(fields)
    if not own and not trace:
        return Directives(defaults)
    tags: dict[str, Any] = {}
    properties: dict[str, str] = {**defaults.properties, **trace}
    target: str | None = None
    api_base: str | None = None
    policies: tuple[Policy, ...] = ()
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
        elif name == h.LIMIT_POLICY:
            policies += _policies(value)
    if override := tags.get("model_override"):
        # The row shows the model that answered; this says why its price is another's.
        properties.setdefault("model_override", override)
    path = tags.get("session_path")
    if path and not path.startswith("/"):
        tags["session_path"] = "/" + path
    said = replace(defaults, **tags, properties=properties)
    return Directives(said, _uuid(tags.get("request_id")), target, api_base, policies)


@lru_cache(maxsize=256)
def _policies(value: bytes) -> tuple[Policy, ...]:
    try:
        return parse_all(h.text(value))
    except PolicyError as error:
        raise Refusal(400, "bad_request", f"{h.spelled(h.LIMIT_POLICY)}: {error.sentence}") from None


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
