"""Station 3, managed prompts: the body as it goes up.

Owns the shelf of stored prompts, a snapshot that is put in place whole, so that no call sees half a change, and what an
id means: one that names a stored prompt is used, one that names nothing stored only tags the call. Touches no disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli import headers as h
from helicli.call import Headers, Prompted
from helicli.errors import HelicliError, NotFoundError
from helicli.prompts import Compiled, Ref, Source, named, no_prompt, ref
from helicli.prompts.files import compiled
from helicli.prompts.template import ANY, examples, in_json
from helicli.providers import filling
from helicli.providers.marks import unmarked
from helicli.providers.questions import kind_of
from helicli.proxy.client import BUFFER_BYTES, Client
from helicli.proxy.directives import Directives
from helicli.proxy.refusal import Refusal
from helicli.proxy.route import Route
from helicli.store.encodings import content_encoding, decode
from helicli.store.prompts import StoredPrompt

KEY: Final = b'"prompt_id"'
"""What stands in every body that names a prompt."""

_UNMANAGED: Final[Headers] = [(h.ANSWER_PROMPT_STATUS, b"unmanaged")]
_ENCODING: Final = (b"content-encoding", b"content-length")
_AT_ONCE: Final = 256 * 1024
"""What is no more than this, packed and unpacked, is looked into at once; all else in a thread."""


class Shelf:
    """The stored prompts at one moment; a version is made ready when it is first used."""

    def __init__(self, stored: Sequence[StoredPrompt] = (), sources: Mapping[bytes, Source] | None = None) -> None:
        self.prompts = {each.name: each for each in stored}
        self._sources = sources or {}
        self._ready: dict[tuple[str, int], Compiled] = {}

    def get(self, name: str, number: int) -> Compiled:
        """A version that is there, ready to be filled."""
        ready = self._ready.get((name, number))
        if ready is None:
            ready = compiled(self.source(name, number), f"{name}@{number}")
            self._ready[name, number] = ready
        return ready

    def source(self, name: str, number: int) -> Source:
        """The files of a version that is there."""
        return self._sources[self.prompts[name].version(number).hash]

    def take_over(self, other: Shelf) -> None:
        """Keep what another shelf has made ready and is the same here."""
        for (name, number), ready in other._ready.items():
            if name in self.prompts and number in [each.number for each in self.prompts[name].versions]:
                hash = self.prompts[name].version(number).hash
                if hash == other.prompts[name].version(number).hash:
                    self._ready[name, number] = ready


class Use(Struct, frozen=True):
    """What became of a body: the bytes to send, with which fields; what the log is told, and what the client."""

    body: bytes
    fields: Headers
    prompted: Prompted | None
    told: Headers


async def fill(shelf: Shelf, said: Directives, found: Route, client: Client, body: bytes) -> Use | None:
    """The body with its prompt, None where nothing is said of one. Raises Refusal; then nothing goes up."""
    fields = client.headers
    if said.unread:
        raise _unread(shelf, said)
    if not said.prompts and not (shelf.prompts and (KEY in body or content_encoding(fields))):
        return None
    kind = kind_of(found.provider.dialect, found.path) if client.method == "POST" else None
    if kind not in filling.KINDS:
        return Use(body, fields, None, _UNMANAGED if said.tags.prompt else [])
    try:
        came = await _came(said, fields, body, whole=not client.has_more)
        return _filled(shelf, said, kind, fields, body, came)
    except HelicliError as error:
        status = 404 if isinstance(error, NotFoundError) else 400
        raise Refusal(status, "bad_request", f"{error.message}; {error.fix}") from None


class Came(Struct, frozen=True):
    """A body as it came: without its encodings (None where they are unknown) and without the marks of formatters, whose
    values are `marked`; and what it says of a prompt itself. One that is not `whole` is there with its begin."""

    encoding: bytes
    plain: bytes | None
    whole: bool
    marked: dict[str, str] | None
    own: filling.Said | None


def _filled(shelf: Shelf, said: Directives, kind: str, fields: Headers, body: bytes, came: Came) -> Use:
    own, values = came.own, said.variables
    wanted = _wanted(shelf, said, own)
    if own is not None and own.prompt:
        values = {**(values or {}), **own.inputs}
    unmanaged = _UNMANAGED if said.tags.prompt else []
    if wanted is None and values is None and own is None and came.marked is None:
        return Use(body, fields, None, unmanaged)
    if not came.whole:
        raise _too_large()
    if came.plain is None:
        how = came.encoding.decode("latin-1")
        raise Refusal(415, "bad_request", f"a prompt cannot be put into a body that is packed as {how}")
    top = filling.read(came.plain)
    if own is not None:
        top = {key: value for key, value in top.items() if key not in filling.PROMPT_KEYS}
    prompt = number = None
    if wanted is not None:
        number = shelf.prompts[wanted.name].number(wanted)
        prompt = shelf.get(wanted.name, number)
    sent = filling.fill(kind, top, prompt, values)
    inputs = _json({**(came.marked or {}), **(values or {})})
    fields = [each for each in fields if each[0] not in _ENCODING] if came.encoding else fields
    if wanted is None or number is None:
        return Use(sent, fields, Prompted(None, None, inputs) if inputs else None, unmanaged)
    told = [(h.ANSWER_PROMPT_STATUS, b"managed"), (h.PROMPT_VERSION, b"%d" % number)]
    return Use(sent, fields, Prompted(wanted.name, number, inputs), told)


async def _came(said: Directives, fields: Headers, body: bytes, *, whole: bool) -> Came:
    """What came. Raises HelicliError for what it says of a prompt in a wrong way."""
    encoding = content_encoding(fields)
    if whole and not encoding:
        return _read(said, encoding, body, whole=whole)
    plain = decode(encoding, body, _AT_ONCE) if whole and len(body) <= _AT_ONCE else None
    if plain is not None:
        return _read(said, encoding, plain, whole=whole)
    return await asyncio.to_thread(_unpacked, said, encoding, body, whole=whole)


def _unpacked(said: Directives, encoding: bytes, body: bytes, *, whole: bool) -> Came:
    """What came, where it is much: of a body that unfolds to more than is held of any other, its begin."""
    plain = decode(encoding, body, BUFFER_BYTES + 1, cut=True)
    whole = whole and (plain is None or not encoding or len(plain) <= BUFFER_BYTES)
    return _read(said, encoding, plain, whole=whole)


def _read(said: Directives, encoding: bytes, plain: bytes | None, *, whole: bool) -> Came:
    found = None
    if plain is not None and whole and said.tags.prompt and h.PROMPT_MARK in plain:
        found = unmarked(plain)
    plain, marked = found or (plain, None)
    return Came(encoding, plain, whole, marked, _own(plain, whole=whole))


def _unread(shelf: Shelf, said: Directives) -> Refusal:
    """What is told of values that are no JSON: the names of the variables, where they are known."""
    kinds: Mapping[str, str] = {"question": ANY}
    with suppress(HelicliError):
        wanted = _wanted(shelf, said, None)
        if wanted is not None:
            ready = shelf.get(wanted.name, shelf.prompts[wanted.name].number(wanted))
            kinds = {name: kind for name, kind in ready.variables.items() if name not in ready.prompt.defaults} or kinds
    example = in_json(examples(kinds)).removeprefix("write ")
    return Refusal(400, "bad_request", f"{h.spelled(h.PROMPT_VARIABLES)} is no JSON object; write {{{example}}}")


def _too_large() -> Refusal:
    return Refusal(413, "bad_request", "the body is too large for a prompt to be put into it")


def _own(plain: bytes | None, *, whole: bool) -> filling.Said | None:
    """What a body says of a prompt, None where it says nothing, or cannot be read. Raises HelicliError."""
    if plain is None or KEY not in plain:
        return None
    if whole:
        return filling.said(filling.read(plain))
    if filling.names_one(plain):
        raise _too_large()
    return None


def _wanted(shelf: Shelf, said: Directives, own: filling.Said | None) -> Ref | None:
    """Which stored prompt is meant, None where an id only tags. Raises NotFoundError."""
    names = shelf.prompts
    if own is not None and own.prompt:
        wanted = named(own.prompt, names)
        if wanted is None:
            raise no_prompt(own.prompt, names)
        if own.environment:
            return Ref(wanted.name, None, own.environment)
        return _version(wanted, own.version)
    wanted = _tagged(shelf, said)
    if wanted is None or wanted.number is not None or wanted.label:
        return wanted
    return _version(wanted, said.prompt_version)


def _tagged(shelf: Shelf, said: Directives) -> Ref | None:
    """The stored prompt that a header names."""
    return named(said.tags.prompt, shelf.prompts) if said.tags.prompt else None


def _version(wanted: Ref, given: str | None) -> Ref:
    """The version that is said apart from the name: `3`, `v3`, `staging`, or `support@3`."""
    if not given:
        return wanted
    return ref(given if given.startswith(f"{wanted.name}@") else f"{wanted.name}@{given}")


def _json(values: Mapping[str, Any] | None) -> bytes | None:
    return msgspec.json.encode(values) if values else None
