"""What went over the wire in one call, and what was said in it.

Owns the decoding of stored bodies for reading. `held` is always the exact bytes that are stored; nothing is guessed
where a body was dropped. No function here raises for what a body holds. What understands dialects is imported when
somebody is to read, never for JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from helicli.providers.facts import Message
from helicli.providers.registry import BUILT_IN
from helicli.query.calls import Call
from helicli.query.reading import Log
from helicli.store.bodies import BodyReader
from helicli.store.encodings import decode

_REQUEST: Final = "request_headers, request, request_size, request_missing, request_sha256"
_RESPONSE: Final = "response_headers, response, response_size, response_missing, response_sha256"
_WHY: Final = {
    "omitted": ": the caller asked for that",
    "switched_off": ": serve --bodies",
    "journal_full": ": the journal was full",
}
SAID_MAX: Final = 256 * 1024
"""The largest request body that is read for a line of a list."""


class Side(Struct, frozen=True):
    """One side of a call. `held` is None where nothing is stored; `size` is how many bytes there were.

    `left_out` says why less is held, in a word of `helicli.call.MISSING_WORDS`; `sha256` is then that of the whole.
    """

    headers: list[tuple[str, str]]
    held: bytes | None
    size: int
    left_out: str | None = None
    sha256: bytes | None = None

    @property
    def body(self) -> bytes:
        """The bytes held, without their content encoding where that can be undone."""
        if not self.held:
            return b""
        encoding = ", ".join(value for name, value in self.headers if name.lower() == "content-encoding").lower()
        plain = decode(encoding.encode("latin-1", "replace"), self.held) if encoding else None
        return self.held if plain is None else plain

    @property
    def missing(self) -> str:
        """What is not stored, in words; empty where all of it is."""
        if self.held is None:
            why = _WHY.get(self.left_out or "", "")
            return f"{self.size:,} bytes, not kept{why}" if self.size else ""
        if len(self.held) >= self.size:
            return ""
        digest = f" (SHA-256 of all: {self.sha256.hex()})" if self.sha256 else ""
        return f"only the ends of {self.size:,} bytes kept{digest}"

    def header(self, name: str) -> str:
        """The first value of a header, empty where there is none."""
        return next((value for known, value in self.headers if known.lower() == name), "")


class Wire(Struct, frozen=True):
    """Both sides. `redacted` says that a secret was masked inside a body; `inputs` are a prompt's values, as JSON."""

    request: Side
    response: Side
    redacted: bool
    inputs: bytes | None = None


def wire(db: Log, seq: int) -> Wire:
    """What is stored of a call's two sides; empty sides where nothing is."""
    row = db.execute(f"SELECT {_REQUEST}, {_RESPONSE}, redacted, inputs FROM bodies WHERE seq = ?", (seq,)).fetchone()
    if row is None:
        return Wire(Side([], None, 0), Side([], None, 0), False)
    reader = BodyReader(db)
    return Wire(
        _side(reader, *row[0:5]),
        _side(reader, *row[5:10]),
        bool(row[10]),
        None if row[11] is None else reader.unpack(row[11]),
    )


def raw_usage(db: Log, seq: int) -> bytes | None:
    """The provider's own usage object of a call, JSON as it came; None where there was none."""
    row = db.execute("SELECT usage FROM calls WHERE seq = ?", (seq,)).fetchone()
    return BodyReader(db).unpack(row[0]) if row and row[0] is not None else None


def conversation(call: Call, sides: Wire) -> list[Message]:
    """What was asked, then what was answered."""
    from helicli.providers import conversation as talk

    return talk.conversation(
        dialect(call),
        call.path or "",
        sides.request.body,
        sides.response.header("content-type"),
        sides.response.body,
    )


def last_said(db: Log, calls: Sequence[Call]) -> dict[int, str]:
    """The last thing the user said, by seq; nothing for calls whose request is larger than SAID_MAX or not kept."""
    from helicli.providers import conversation as talk

    reader = BodyReader(db)
    said: dict[int, str] = {}
    for call in calls:
        row = db.execute(
            f"SELECT {_REQUEST} FROM bodies WHERE seq = ? AND request IS NOT NULL AND request_size <= ?",
            (call.seq, SAID_MAX),
        ).fetchone()
        turns = talk.asked(dialect(call), call.path or "", _side(reader, *row).body) if row else []
        texts = [turn.text for turn in turns if turn.role == "user" and turn.text]
        if texts:
            said[call.seq] = texts[-1]
    return said


def dialect(call: Call) -> str:
    """The dialect of a provider; one that was added by address speaks OpenAI's."""
    known = BUILT_IN.get(call.provider or "")
    return known.dialect if known else "openai"


def _side(
    reader: BodyReader, headers: bytes | None, body: bytes | None, size: int, missing: str | None, digest: bytes | None
) -> Side:
    return Side(
        reader.headers(headers) if headers else [], None if body is None else reader.body(body), size, missing, digest
    )
