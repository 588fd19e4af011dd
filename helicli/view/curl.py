"""A call as the curl command that makes it again through helicli.

Owns what of its request is sent again: what the client's connection was about is left out, and where a key was masked
stands the variable that it is usually kept in. A stored prompt, which the kept body holds filled in, is not asked for
again. Safe to paste: nothing in it but what is quoted is from the call.
"""

from __future__ import annotations

import re
import shlex
from typing import Final

from helicli import headers as h
from helicli.baseurls import base_url, key_variables
from helicli.errors import NotFoundError
from helicli.query.calls import Call
from helicli.query.wire import Side

_OF_CONNECTION: Final = frozenset((*h.HOP_BY_HOP, b"host", b"content-length", b"accept-encoding", b"expect"))
_OF_PROMPT: Final = frozenset((h.PROMPT_ID, h.PROMPT_VERSION, h.PROMPT_VARIABLES))
_ENCODING: Final = b"content-encoding"
_LONGEST: Final = 20_000
"""A body of more signs is handed over by `show`."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def curl(call: Call, request: Side, address: str, show: str) -> str:
    """The command; `show` is the command that shows this call. Raises NotFoundError where the body was not kept."""
    if not call.provider or not call.path or request.missing:
        why = request.missing or "it went to no provider"
        raise NotFoundError(f"call {call.seq} cannot be made again: {why}", show)
    held = request.held or b""
    body = _text(held)
    words = ["curl", shlex.quote(f"{base_url(address)}/{call.provider}{call.path}")]
    done = _done(call, request)
    for name, value in request.headers:
        if name.lower().encode("latin-1", "replace") in done:
            continue
        written = _header(name, value, call.provider)
        words += ["-H", written] if written else []
    if not held:
        return " ".join(words)
    if body is None:
        return f"{show} --request --raw | {' '.join([*words, '--data-binary', '@-'])}"
    return " ".join([*words, "--data-binary", shlex.quote(body)])


def _done(call: Call, request: Side) -> frozenset[bytes]:
    """Fields that the body which is kept needs no more: it was unpacked, or holds the stored prompt filled in."""
    prompt = _OF_PROMPT if call.prompt_version is not None else frozenset()
    if not request.header(_ENCODING.decode()) or request.body != request.held:
        return prompt
    try:
        request.body.decode()
    except UnicodeDecodeError:
        # Packed in a way that is not known.
        return prompt
    return prompt | {_ENCODING}


def _text(held: bytes) -> str | None:
    """A body that can be written in a command; None for any other."""
    try:
        text = held.decode()
    except UnicodeDecodeError:
        return None
    # An @ at its begin would name a file.
    return None if len(text) > _LONGEST or text.startswith("@") or _CONTROL.search(text) else text


def _header(name: str, value: str, provider: str) -> str:
    """A field as it is written for a shell, "" for one that is left out."""
    low, mask = name.lower().encode("latin-1", "replace"), h.MASK.decode()
    if low in _OF_CONNECTION or _CONTROL.search(value):
        return ""
    if low not in h.SECRETS or mask not in value:
        return shlex.quote(f"{name}: {value}")
    if low not in h.PROVIDER_KEYS:
        return ""
    before, _, _ = value.partition(mask)
    return f'{shlex.quote(f"{name}: {before}")}"${key_variables(provider)[0]}"'
