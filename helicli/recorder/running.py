"""The calls that have begun and not ended, and the exchanges they become.

Owns where each running call's records stand; holds none of their bytes but the begin, so that a thousand streams cost
places and not bodies. Of a side larger than BODY_MAX only both ends are kept.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from helicli import journal
from helicli.call import Begin, Body, Charge, End, Exchange, Head
from helicli.journal import Kind, Position, Record
from helicli.providers.read import has_ended
from helicli.recorder.segments import CARRIED, Segments
from helicli.store.encodings import content_encoding, decode

BODY_MAX: Final = 16 * 1024 * 1024
"""Bytes of one side that are kept byte for byte; of a larger one the first and the last half of this."""


_UNMASK_MAX: Final = 64 * 1024
"""Secrets stand in a request's head, which is no larger."""


class RunningCall:
    """One call that has begun: its begin, and the places of all its records."""

    __slots__ = ("begin", "first", "places", "sizes")

    def __init__(self, begin: Begin, first: Position) -> None:
        self.begin = begin
        self.first = first
        self.places = array("Q")
        self.sizes = array("I")

    def add(self, number: int, offset: int, size: int) -> None:
        """Note one more record: the segment's number, offset and size in it."""
        self.places.append(number << 32 | offset)
        self.sizes.append(size)

    @property
    def is_carried(self) -> bool:
        """Whether its begin is read from the carry file."""
        return self.places[0] >> 32 == CARRIED


class Running:
    """The running calls of the generation being read."""

    def __init__(self, segments: Segments, generation: int) -> None:
        self.generation = generation
        self.calls: dict[int, RunningCall] = {}
        self.record_bytes = 0
        self._segments = segments
        self._carry_name: str | None = None

    def add(self, at: Position, record: Record) -> RunningCall | None:
        """Take a record in; the call it belongs to, None where its begin was never seen.

        Raises ValueError for a begin that cannot be decoded.
        """
        call = self.calls.get(record.call)
        if record.kind == Kind.BEGIN:
            call = RunningCall(journal.begin_decoder.decode(record.payload), at)
            self.calls[record.call] = call
        if call is not None:
            call.add(at.number, at.offset, record.size)
            self.record_bytes += record.size
        return call

    def drop(self, number: int) -> None:
        """Forget a call."""
        call = self.calls.pop(number, None)
        if call is not None:
            self.record_bytes -= sum(call.sizes)

    def low(self) -> Position | None:
        """Where the oldest running call begins, None where none runs."""
        return min((call.first for call in self.calls.values()), default=None)

    @property
    def carry_name(self) -> str | None:
        """The carry file that a running call needs. Every end after the file's place is read again with it."""
        return self._carry_name if any(call.is_carried for call in self.calls.values()) else None

    def where(self, call: RunningCall) -> Position:
        """Where its begin stands."""
        return Position(self.generation, call.places[0] >> 32, call.places[0] & 0xFFFFFFFF)

    def carry(self, place: Position) -> None:
        """Carry the records of all running calls forward, so that nothing before `place` is needed."""
        name = self._segments.write_carry(self.generation, place.number, self._all_records())
        offset = journal.SEGMENT_HEADER.size
        for call in self.calls.values():
            call.first = place
            for index, size in enumerate(call.sizes):
                call.places[index] = CARRIED << 32 | offset
                offset += size
        self._carry_name = name

    def load(self, name: str, place: Position) -> None:
        """Take in the calls of a carry file, as running since `place`."""
        self._carry_name = name
        for entry in self._segments.open_carry(name):
            call = self.add(entry.at, entry.record)
            if call is not None:
                call.first = place

    def finish(self, call: RunningCall, end: End) -> Exchange:
        """The exchange of a call whose end has been read."""
        if end.spread:
            head, request, response = self._gather(call)
        else:
            head, request, response = end.head, _small(end.request), _small(end.response)
        if end.dropped:
            request, response = Body(None, request.size), Body(None, response.size)
        return Exchange(call.begin, head, request, response, end)

    def give_up(self, call: RunningCall, ended_at: int) -> Exchange:
        """The exchange of a call whose proxy died: an ordinary one if its answer was complete, else `engine_killed`."""
        head, request, response = self._gather(call)
        if head is None and not request.size:
            # Held back by the proxy until its end or its answer, so it died with it.
            request = Body(None, 0)
        complete = head is not None and _complete(call.begin, head, response)
        ended_at = max(ended_at, call.begin.created_at)
        end = End(
            ended_at=ended_at,
            latency_us=(ended_at - call.begin.created_at) * 1000,
            ttft_us=None,
            overhead_us=0,
            status=head.status if head else None,
            error=None if complete else "engine_killed",
            error_message=None if complete else "helicli was killed while this call ran",
            attempts=1,
            charges=self._charges(call),
        )
        return Exchange(call.begin, head, request, response, end)

    def _charges(self, call: RunningCall) -> tuple[Charge, ...]:
        """What limits had counted for a call before it was made: it stands, since nobody can say what it used."""
        charged = [payload for kind, payload in self._records_of(call) if kind == Kind.CHARGE]
        return journal.charge_decoder.decode(charged[-1]) if charged else ()

    def _all_records(self) -> Iterator[Record]:
        for number, call in self.calls.items():
            for kind, payload in self._records_of(call):
                yield Record(number, kind, payload, journal.RECORD_HEADER.size + len(payload))

    def _records_of(self, call: RunningCall) -> Iterator[tuple[int, bytes]]:
        for place, size in zip(call.places, call.sizes, strict=True):
            yield self._segments.fetch_record(Position(self.generation, place >> 32, place & 0xFFFFFFFF), size)

    def _gather(self, call: RunningCall) -> tuple[Head | None, Body, Body]:
        head: Head | None = None
        sides = {Kind.REQUEST: _Side(), Kind.CHUNK: _Side()}
        for kind, payload in self._records_of(call):
            if kind == Kind.HEAD:
                head = journal.head_decoder.decode(payload)
            elif kind in (Kind.REQUEST, Kind.CHUNK):
                sides[Kind(kind)].add(payload)
            elif kind == Kind.UNMASK:
                sides[Kind(payload[0])].unmask(payload[1:])
        return head, sides[Kind.REQUEST].body(), sides[Kind.CHUNK].body()


class _Side:
    """One side's pieces, both ends kept where it grows past BODY_MAX.

    The last pieces are held back for a while, since what is starred at their end may be told later.
    """

    def __init__(self) -> None:
        self._held_back: deque[bytes] = deque()
        self._held_back_bytes = 0
        self._first: list[bytes] = []
        self._last: deque[bytes] = deque()
        self._held = 0
        self._last_bytes = 0
        self._size = 0
        self._hash = sha256()
        self._hashed = False

    def add(self, piece: bytes) -> None:
        self._held_back.append(piece)
        self._held_back_bytes += len(piece)
        while self._held_back_bytes - len(self._held_back[0]) >= _UNMASK_MAX:
            self._take()

    def unmask(self, told: bytes) -> None:
        """Put bytes over as many at the end."""
        whole = b"".join(self._held_back)
        self._held_back = deque((whole[: max(0, len(whole) - len(told))] + told[-len(whole) :],))

    def _take(self) -> None:
        piece = self._held_back.popleft()
        self._held_back_bytes -= len(piece)
        self._size += len(piece)
        if self._size > BODY_MAX:
            if not self._hashed:
                # Until now every byte is held; from now on some are let go.
                self._hashed = True
                for held in (*self._first, *self._last):
                    self._hash.update(held)
            self._hash.update(piece)
        half = BODY_MAX // 2
        room = half - self._held
        if room > 0:
            self._first.append(piece[:room])
            self._held += len(self._first[-1])
            piece = piece[room:]
        if piece:
            self._last.append(piece)
            self._last_bytes += len(piece)
            while self._last_bytes - len(self._last[0]) >= half:
                self._last_bytes -= len(self._last.popleft())

    def body(self) -> Body:
        while self._held_back:
            self._take()
        last = b"".join(self._last)
        digest = self._hash.digest() if self._hashed else None
        return Body(b"".join(self._first) + last[-(BODY_MAX // 2) :], self._size, digest)


def _small(held: bytes | None) -> Body:
    return Body(held, len(held) if held is not None else 0)


def _complete(begin: Begin, head: Head, response: Body) -> bool:
    for name, value in head.headers:
        if name == b"content-length":
            return value.isdigit() and response.size == int(value)
    held = response.held or b""
    readable = decode(content_encoding(head.headers), held) or held
    return has_ended(begin.dialect, begin.path, readable[-65536:])
