"""What a request tells the fake upstream to do, in `x-fake-*` fields.

Owns these fields, their grammar, and the choice of a content coding. A field that does not parse is a ValueError that
names it: a switch that silently does nothing makes a test that cannot fail.

    x-fake-status: N            answer with the dialect's error (429, 503, 529 with Retry-After)
    x-fake-encoding: NAME       gzip | br | zstd | deflate | identity, whatever the client accepts
    x-fake-delay: SECONDS       before the status line
    x-fake-gap: SECONDS         between events
    x-fake-stall: N             silent after N events, or N bytes of a body, until the client leaves
    x-fake-cut: N               closes after N events, or N bytes of a body; `before-headers` closes at once
    x-fake-reset: N             as cut, with a TCP reset
    x-fake-error: N             an error event in the dialect after N events, then a regular end of the body
    x-fake-events: N            content deltas (8)
    x-fake-size: N              characters of text
    x-fake-split: N             bytes per write
    x-fake-join: N              events per write
    x-fake-length: chunked      a body without content-length
    x-fake-close: idle          closes the kept connection after the answer without announcing it
    x-fake-only: MODEL          all of the above for requests that name this model only
    x-fake-times: N             all of the above for the first N times this very request is seen
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from helicli.call import Headers

BEFORE: Final = -1
"""The place of `before-headers`."""

CODINGS: Final = ("gzip", "br", "zstd", "deflate")
"""Content codings in the order of preference."""


class Switches(Struct, frozen=True, forbid_unknown_fields=True):
    """The switches of one request; see the module."""

    status: int | None = None
    encoding: Literal["gzip", "br", "zstd", "deflate", "identity"] | None = None
    delay: float = 0.0
    gap: float = 0.0
    stall: int | None = None
    cut: int | None = None
    reset: int | None = None
    error: int | None = None
    events: int = 8
    size: int | None = None
    split: int | None = None
    join: int = 1
    length: Literal["chunked"] | None = None
    close: Literal["idle"] | None = None
    only: str | None = None
    times: int | None = None

    @property
    def end(self) -> int | None:
        """After how many events, or bytes of a body, the answer breaks off."""
        return next((place for place in (self.stall, self.cut, self.reset) if place is not None), None)


def read_switches(headers: Headers) -> Switches:
    """The switches in `headers`; ValueError names the field that is wrong."""
    prefix = b"x-fake-"
    given: dict[str, str] = {}
    for name, value in headers:
        if name.startswith(prefix):
            given[name.removeprefix(prefix).decode()] = value.decode("latin-1").strip()
    for place in ("cut", "reset"):
        if given.get(place) == "before-headers":
            given[place] = str(BEFORE)
    try:
        switches = msgspec.convert(given, Switches, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"x-fake: {error}") from error
    if min(switches.events, switches.join, 1 if switches.split is None else switches.split) < 1:
        raise ValueError("x-fake: events, join and split are 1 or more")
    if switches.status is not None and not 200 <= switches.status <= 599:
        raise ValueError("x-fake: status is 200 … 599")
    return switches


def choose_coding(headers: Headers) -> str:
    """The content coding a real provider would choose for these request headers (RFC 9110, section 12.5.3)."""
    accepted: dict[str, bool] = {}
    for name, value in headers:
        if name == b"accept-encoding":
            for item in value.decode("latin-1").lower().split(","):
                coding, _, parameters = item.partition(";")
                quality = parameters.replace(" ", "").removeprefix("q=")
                accepted[coding.strip()] = quality not in ("0", "0.0", "0.00", "0.000")
    fallback = accepted.get("*", False)
    return next((coding for coding in CODINGS if accepted.get(coding, fallback)), "identity")


def encoder(coding: str) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    """Two functions: one encodes a piece so that all of it can be read at once, the other gives the end."""
    if coding == "identity":
        return lambda data: data, lambda: b""
    if coding == "br":
        import brotli

        br = brotli.Compressor(quality=4)
        return lambda data: br.process(data) + br.flush(), br.finish
    if coding == "zstd":
        zstd = _zstd_compressor()
        return lambda data: zstd.compress(data, zstd.FLUSH_BLOCK), lambda: zstd.flush(zstd.FLUSH_FRAME)
    deflate = zlib.compressobj(6, zlib.DEFLATED, 31 if coding == "gzip" else 15)
    return lambda data: deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH), deflate.flush


def _zstd_compressor() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.ZstdCompressor()
