"""Station 8, the exchange handed over: its records appended to the journal as it happens.

Owns what of a call is written, when and with which secrets masked. A journal that is full or fails drops bodies first,
then calls, and says so; no call waits for it or fails by it.
"""

from __future__ import annotations

from msgspec.structs import replace

from helicli import journal
from helicli.call import Begin, Charge, End, Head, Headers, Tags
from helicli.journal import Kind
from helicli.proxy import masking
from helicli.proxy.client import Client
from helicli.proxy.journal import Journal, Pressure
from helicli.proxy.masking import Masker, mask_body
from helicli.proxy.route import Route

SMALL = 64 * 1024
"""A call whose both sides are smaller than this, and not streamed, is one `begin` and one `end`."""


class Handoff:
    """One call's records. Bodies are held back until they are known to be more than small."""

    def __init__(self, writer: Journal, begin: Begin, secrets: list[bytes]) -> None:
        self._journal = writer
        self._call = writer.new_call()
        self._secrets = secrets
        self._request: list[bytes] = []
        self._request_bytes = 0
        self._spread = False
        self._ended = False
        self._sides: dict[Kind, Masker] = {}
        self.redacted = False
        writer.running += 1
        record = journal.encode(begin)
        if masking.stands_in(record, secrets):
            record = journal.encode(masking.mask_begin(begin, secrets))
        self._kept = writer.pressure < Pressure.NO_CALLS and writer.append(self._call, Kind.BEGIN, record)
        if not self._kept:
            writer.dropped_calls += 1
        self._bodies = True

    def request(self, piece: bytes) -> None:
        """Take a piece of the request body as the client sent it."""
        if not piece or self._ended or not self._room():
            return
        if self._spread:
            self._append_masked(Kind.REQUEST, piece)
            return
        if self.repeats_secret(piece):
            self.redacted = True
        self._request.append(piece)
        self._request_bytes += len(piece)
        if self._request_bytes >= SMALL:
            self._spread_out()

    def charge(self, charges: tuple[Charge, ...]) -> None:
        """Take what limits have counted before the call goes up, so that a kill does not forget it."""
        self._append(Kind.CHARGE, journal.encode(charges))

    def head(self, head: Head) -> None:
        """Take status and headers of an answer whose body comes in pieces."""
        self._spread_out()
        self._append(Kind.HEAD, journal.encode(head))

    def chunk(self, piece: bytes) -> None:
        """Take a piece of the answer as the provider sent it, before it goes to the client."""
        if self._room():
            self._append_masked(Kind.CHUNK, piece)

    def end(self, end: End, head: Head | None = None, response: bytes = b"") -> None:
        """Take the end of the call; `head` and `response` are those of an answer that was not taken in pieces."""
        if self._ended:
            return
        self._ended = True
        self._journal.running -= 1
        if head is not None and len(response) + self._request_bytes >= SMALL:
            self.head(head)
            self.chunk(response)
            head = None
        request: bytes | None = None
        kept_response: bytes | None = None
        if not self._spread and self._room():
            request = self._held_back()
            kept_response = self._mask(response) if head is not None else b""
        for kind, side in self._sides.items():
            self._unmask(kind, side.flush())
        prompted = end.prompted
        if prompted is not None and prompted.inputs is not None:
            inputs = self._mask(prompted.inputs) if self._room() else None
            end = replace(end, prompted=replace(prompted, inputs=inputs))
        whole = replace(end, head=head, request=request, response=kept_response)
        if self.redacted or self._spread or not self._bodies:
            whole = replace(whole, redacted=self.redacted, spread=self._spread, dropped=not self._bodies)
        if self._kept and not self._journal.append(self._call, Kind.END, journal.encode(whole)):
            left = replace(whole, request=None, response=None, dropped=True)
            self._journal.owe(self._call, Kind.END, journal.encode(left))

    async def settled(self) -> None:
        """Wait, where calls are to be on the disk before their last byte goes, until all of this one is."""
        if self._journal.disk is not None and self._kept:
            await self._journal.disk.settled()

    def repeats_secret(self, text: bytes) -> bool:
        """Whether one of the call's secrets stands in a text."""
        # `in` takes bytes for a number first, and costs as much again.
        return any(map(text.count, self._secrets))

    def holds_no_secret(self, text: bytes) -> bool:
        """Whether a text may be kept as it is, and given to others."""
        return not self.redacted and not self.repeats_secret(text)

    def masked(self, text: bytes) -> bytes:
        """A text as it may be kept."""
        return self._mask(text)

    def _spread_out(self) -> None:
        if not self._spread:
            self._spread = True
            for piece in self._request:
                self._append_masked(Kind.REQUEST, piece)
            self._request.clear()

    def _held_back(self) -> bytes:
        """The request, masked; a single piece was looked through when it came."""
        if len(self._request) == 1 and not self.redacted:
            return self._request[0]
        return self._mask(b"".join(self._request))

    def _room(self) -> bool:
        if self._bodies and self._journal.pressure >= Pressure.NO_BODIES:
            self._bodies = False
            if self._kept:
                self._journal.dropped_bodies += 1
        return self._bodies

    def _append(self, kind: int, payload: bytes) -> None:
        if self._kept and not self._journal.append(self._call, kind, payload):
            self._bodies = False

    def _append_masked(self, kind: Kind, piece: bytes) -> None:
        if not self._secrets:
            self._append(kind, piece)
            return
        side = self._sides.get(kind)
        if side is None:
            side = self._sides[kind] = Masker(self._secrets)
        told, masked = side.feed(piece)
        self.redacted |= side.redacted
        self._unmask(kind, told)
        self._append(kind, masked)

    def _unmask(self, kind: Kind, told: bytes) -> None:
        if told and self._bodies:
            self._append(Kind.UNMASK, bytes((kind,)) + told)

    def _mask(self, piece: bytes) -> bytes:
        masked = mask_body(piece, self._secrets)
        if masked is not piece:
            self.redacted = True
        return masked


def begun(
    writer: Journal,
    id: bytes,
    created_at: int,
    client: Client,
    found: Route | None,
    target: str,
    tags: Tags,
    brought: Headers | None = None,
) -> Handoff:
    """The first word on a call, with its secrets masked; `target` is what was asked for, `found` where that goes.

    `brought` are the fields with the provider's key, where those are not the caller's own.
    """
    fields, names = client.headers, client.names
    secrets = masking.secrets_of(fields, target, names)
    begin = Begin(
        id=id,
        created_at=created_at,
        provider=found.provider.name if found else "",
        dialect=found.provider.dialect if found else "other",
        method=client.method,
        path=masking.mask_path(found.path if found else target),
        provider_key=masking.provider_key(fields, names) if brought is None else masking.provider_key(brought),
        headers=masking.mask_headers(fields, names=names),
        tags=tags,
    )
    return Handoff(writer, begin, secrets)
