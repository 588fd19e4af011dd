"""Bodies with some of their keys changed: another model, another bound.

Owns the one way in which a request is rebuilt for another attempt. What is not changed keeps its bytes; the body that
was given is never touched. No function here raises, whatever the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec
from msgspec import Raw

from helicli.providers import lenient

_object: Final = msgspec.json.Decoder(dict[str, Raw])


class _Named(msgspec.Struct):
    model: Any = None


_named: Final = msgspec.json.Decoder(_Named)
_LISTED: Final = re.compile(rb'"model"[ \t\r\n]*:[ \t\r\n]*"[^"\\,]*,')
_IN_PATH: Final = re.compile(r"(/(?:deployments|models)/)([^/:?]+)")


def with_keys(body: bytes, keys: Mapping[str, bytes]) -> bytes | None:
    """The body with the JSON of some keys put in, None where it is no object."""
    return _joined(body, {key: Raw(value) for key, value in keys.items()}, deep=False)


def merged(body: bytes, override: bytes) -> bytes | None:
    """The body with an object merged into it at every depth, None where either is none."""
    given = lenient.decode(_object, override)
    return None if given is None else _joined(body, given, deep=True)


def model_of(body: bytes) -> str | None:
    """The model that a body names."""
    found = lenient.decode(_named, body)
    return found.model if found is not None and isinstance(found.model, str) else None


def listed_models(body: bytes) -> list[str]:
    """The models of a body that names several with commas between; none where it names one."""
    at = body.find(b'"model"')
    # A plain search costs a tenth of a pattern's, and every call pays for it.
    while at >= 0 and not _LISTED.match(body, at):
        at = body.find(b'"model"', at + 7)
    if at < 0:
        return []
    model = model_of(body) or ""
    names = [name for each in model.split(",") if (name := each.strip())]
    return names if "," in model else []


def with_model_in_path(path: str, model: str) -> str | None:
    """The path with another model where it names one, None where it names none."""
    bare, mark, query = path.partition("?")
    told, count = _IN_PATH.subn(lambda found: found[1] + quote(model, safe=""), bare, count=1)
    return told + mark + query if count else None


def text(value: str) -> bytes:
    """The JSON of a text."""
    return msgspec.json.encode(value)


def _joined(body: bytes | Raw, keys: Mapping[str, Raw], *, deep: bool) -> bytes | None:
    given = lenient.decode(_object, body)
    if given is None:
        return None
    for key, value in keys.items():
        inner = lenient.decode(_object, value) if deep and key in given else None
        told = _joined(given[key], inner, deep=True) if inner is not None else None
        given[key] = value if told is None else Raw(told)
    return msgspec.json.encode(given)
