"""The vendors beside OpenAI and Anthropic that the fake upstream can pose as.

Owns how one is found: by the prefix `/as/NAME`, which a base URL may end in, or by a path that no other has. Each has a
module of its own; refusals, fields and broken streams have one road here. Pure, as `routes` is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import chain, islice
from typing import Final

import msgspec
from msgspec import Struct

from helicli.demo import azure, cohere, gemini, groq, mistral, ollama, refusals, together
from helicli.demo.answers import Json
from helicli.demo.reply import EVENTS, RefusedError, Reply
from helicli.demo.seen import Seen
from helicli.demo.switches import Switches

PREFIX: Final = "/as/"
AUTHORIZATION: Final = b"authorization"


class Vendor(Struct, frozen=True):
    """One vendor: its answers, its error bodies, and the field in which its key comes."""

    reply: Callable[[Seen, str, Switches], Reply]
    error: Callable[[int, str, str], bytes]
    key: bytes | None


VENDORS: Final = {
    "azure": Vendor(azure.azure, azure.error, b"api-key"),
    "cohere": Vendor(cohere.cohere, cohere.error, AUTHORIZATION),
    "google": Vendor(gemini.gemini, gemini.error, b"x-goog-api-key"),
    "groq": Vendor(groq.groq, groq.error, AUTHORIZATION),
    "mistral": Vendor(mistral.mistral, mistral.error, AUTHORIZATION),
    "ollama": Vendor(ollama.ollama, ollama.error, None),
    "together": Vendor(together.together, together.error, AUTHORIZATION),
}

_OWN: Final = (
    ("azure", re.compile(r"/openai/deployments/")),
    ("cohere", re.compile(r"/v2/(?:chat|embed)$")),
    ("google", re.compile(r"/v1beta/|" + gemini.CALLED.pattern + "$")),
    ("groq", re.compile(r"/openai/v1/")),
    ("ollama", re.compile(r"/api/")),
)
"""Paths that give a vendor away."""


def posed(target: str) -> tuple[str, str] | None:
    """The vendor's name and the path it is asked for, of a request target; None for OpenAI's and Anthropic's own."""
    path = target.partition("?")[0]
    if path.startswith(PREFIX):
        name, _, rest = path.removeprefix(PREFIX).partition("/")
        return (name, f"/{rest}") if name in VENDORS else None
    return next(((name, path) for name, mark in _OWN if mark.match(path)), None)


def reply_to(name: str, path: str, seen: Seen, switches: Switches, request_id: str) -> Reply:
    """The answer of the vendor `name` to a request for `path`, under its switches."""
    vendor = VENDORS[name]
    try:
        _check_key(vendor, seen)
        if switches.status is not None:
            raise RefusedError(switches.status)
        reply = vendor.reply(seen, path, switches)
    except RefusedError as refused:
        text = vendor.error(refused.status, refused.text, _model_of(seen, path))
        body = b"" if refused.status in (204, 304) else text
        reply = Reply(status=refused.status, fields=refusals.status_fields(refused.status), body=body)
    if switches.error is not None and reply.streams:
        broken = _broken(vendor, reply.kind)
        reply = msgspec.structs.replace(reply, parts=chain(islice(reply.parts, switches.error), [broken]))
    return msgspec.structs.replace(reply, fields=[(b"x-request-id", request_id.encode()), *reply.fields])


def _check_key(vendor: Vendor, seen: Seen) -> None:
    """A key must come, in the vendor's own field, as a bearer, or in the query, as Google allows."""
    asked = vendor.key is None or seen.header(vendor.key) or seen.header(AUTHORIZATION)
    if not asked and "key=" not in seen.path.partition("?")[2]:
        raise RefusedError(401, "No API key was given.")


def _model_of(seen: Seen, path: str) -> str:
    called = gemini.CALLED.fullmatch(path)
    if called:
        return called[1]
    try:
        return str(msgspec.json.decode(seen.body, type=Json).get("model") or "")
    except msgspec.DecodeError:
        return ""


def _broken(vendor: Vendor, kind: bytes) -> bytes:
    """What a stream is broken off with: the error body as one more event, or as one more line."""
    body = msgspec.json.format(vendor.error(500, "The server had an error.", ""), indent=-1)
    return b"data: " + body + b"\n\n" if kind == EVENTS else body + b"\n"
