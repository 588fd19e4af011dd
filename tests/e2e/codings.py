"""The content codings as a provider applies them: to a whole body, or event by event."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

from helicli.demo.switches import encoder

CODINGS = ("identity", "gzip", "br", "zstd", "deflate", "deflate-raw")
"""Raw deflate is what some servers send under the name deflate."""


def token(coding: str) -> bytes:
    """What Content-Encoding says of a coding."""
    return coding.removesuffix("-raw").encode()


def encode(coding: str, body: bytes) -> bytes:
    """A whole body, encoded."""
    return b"".join(pieces(coding, [body]))


def pieces(coding: str, events: Iterable[bytes]) -> list[bytes]:
    """Events, each encoded so that it can be read at once; the coding's end is part of the last."""
    one, end = _raw() if coding == "deflate-raw" else encoder(coding)
    encoded = [one(event) for event in events]
    return [*encoded[:-1], encoded[-1] + end()]


def _raw() -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    return lambda data: deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH), deflate.flush
