"""An upstream that plays what a test has written: exact bytes, gates between them, a cut or a reset where it says so.

The fake upstream answers as providers do; this one answers as the wire can. A request names its play in the field
`x-play`. What was heard is kept as it stood on the wire, with the moment the other side left.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

Fields = list[tuple[bytes, bytes]]


class Turn(Enum):
    """What a play can do but send bytes."""

    CUT = "close the connection"
    RESET = "reset the connection"
    STALL = "say nothing more until the other side leaves"


class Gate:
    """A place in a play that is passed once a test opens it. `open` may come first."""

    def __init__(self) -> None:
        self.ours, self._theirs = socket.socketpair()

    def open(self) -> None:
        """Let the play go on."""
        self._theirs.send(b".")

    def close(self) -> None:
        """Give the sockets back."""
        self.ours.close()
        self._theirs.close()


@dataclass(eq=False)
class Heard:
    """One request: its head's bytes, the parts of it, the body without chunks, and what became of its sender."""

    head: bytes
    method: bytes
    target: bytes
    fields: Fields
    body: bytes = b""
    complete: bool = False
    left_at: float | None = None

    def values(self, name: bytes) -> list[bytes]:
        """All values of a field, in order."""
        return [value for field_name, value in self.fields if field_name == name]


class Left(Exception):
    """The other side has closed the connection."""


Step = bytes | Gate | Turn | Iterable[bytes]


@dataclass
class Stage:
    """The upstream, serving while its context is open.

    `plays` are steps by name, played once a request is there; `early` those that do not wait for its body.
    """

    plays: dict[str, list[Step]] = field(default_factory=dict)
    early: dict[str, list[Step]] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.changed = threading.Condition()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Stage:
        self._begin(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with self.changed:
            for each in [self._listener, *self._open]:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def last(self, name: str) -> Heard:
        """The last request that named a play."""
        return next(heard for heard in reversed(self.heard) if heard.values(b"x-play") == [name.encode()])

    def wait_left(self, name: str, timeout: float = 5.0) -> float:
        """The moment the sender of the last request for a play left."""
        with self.changed:
            found = self.changed.wait_for(lambda: self._left(name), timeout)
        assert found, f"{name}: the other side was still there after {timeout:g} s"
        return found

    def wait_heard(self, name: str, timeout: float = 5.0) -> None:
        """Return once a request that names a play has arrived whole."""
        with self.changed:
            named = [name.encode()]
            found = self.changed.wait_for(
                lambda: any(heard.complete and heard.values(b"x-play") == named for heard in self.heard), timeout
            )
        assert found, f"{name} was not heard within {timeout:g} s"

    def _left(self, name: str) -> float | None:
        named = [heard for heard in self.heard if heard.values(b"x-play") == [name.encode()]]
        return named[-1].left_at if named else None

    def _begin(self, work, *given) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._begin(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with self.changed:
            self._open.add(connection)
        inbox = Inbox(connection)
        try:
            with suppress(Left, OSError):
                while True:
                    heard = self._listen(inbox)
                    self._play(connection, heard, self.plays)
        finally:
            with self.changed:
                self._open.discard(connection)
                connection.close()

    def _listen(self, inbox: Inbox) -> Heard:
        inbox.more()
        if inbox.rest.startswith(b"\x16"):
            # The beginning of TLS is told, as by any plain server, that this is none.
            inbox.connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            raise Left
        head = inbox.until(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        method, target, _ = line.split(b" ", 2)
        heard = Heard(head, method, target, parse_fields(rest))
        with self.changed:
            self.heard.append(heard)
            self.changed.notify_all()
        try:
            if heard.values(b"expect"):
                inbox.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            if not self._play(inbox.connection, heard, self.early):
                heard.body = _body(inbox, heard)
        except (Left, OSError):
            self._leave(heard)
            raise
        with self.changed:
            heard.complete = True
            self.changed.notify_all()
        return heard

    def _play(self, connection: socket.socket, heard: Heard, plays: dict[str, list[Step]]) -> bool:
        """Whether there was such a play."""
        name = (heard.values(b"x-play") or [b""])[0].decode()
        try:
            for step in plays.get(name, ()):
                _do(connection, step)
        except (Left, OSError):
            self._leave(heard)
            raise
        except _Ended:
            raise Left from None
        return name in plays

    def _leave(self, heard: Heard) -> None:
        with self.changed:
            heard.left_at = time.monotonic()
            self.changed.notify_all()


class _Ended(Exception):
    """A play has closed its connection itself."""


def _do(connection: socket.socket, step: Step) -> None:
    if isinstance(step, bytes):
        connection.sendall(step)
    elif isinstance(step, Gate):
        _wait(connection, step.ours)
    elif step is Turn.STALL:
        _wait(connection)
    elif isinstance(step, Turn):
        if step is Turn.RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            connection.shutdown(socket.SHUT_RDWR)
        raise _Ended
    else:
        for piece in step:
            connection.sendall(piece)


def _wait(connection: socket.socket, gate: socket.socket | None = None) -> None:
    """Wait for a gate, or for the other side's end. Raises Left."""
    ready, _, _ = select.select([connection, gate] if gate else [connection], [], [])
    if gate is not None and gate in ready:
        gate.recv(1)
        return
    while connection.recv(1 << 18):
        # The rest of a body that is not waited for, or of what a test sends too early.
        pass
    raise Left


class Inbox:
    """The bytes that come in over a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.rest = b""

    def more(self) -> None:
        """Read what is there. Raises Left at the end."""
        data = self.connection.recv(1 << 18)
        if not data:
            raise Left
        self.rest = self.rest + data if self.rest else data

    def until(self, mark: bytes) -> bytes:
        """The bytes up to a mark, with it."""
        while mark not in self.rest:
            self.more()
        found, _, self.rest = self.rest.partition(mark)
        return found + mark

    def exactly(self, size: int) -> bytes:
        """So many bytes."""
        pieces = []
        while size:
            if not self.rest:
                self.more()
            piece, self.rest = self.rest[:size], self.rest[size:]
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def parse_fields(lines: bytes) -> Fields:
    """The fields of a head, names in lower case, values without the blanks around them."""
    pairs = (line.partition(b":") for line in lines.split(b"\r\n") if line)
    return [(name.lower(), value.strip(b" \t")) for name, _, value in pairs]


def _body(inbox: Inbox, heard: Heard) -> bytes:
    if b"chunked" in heard.values(b"transfer-encoding"):
        pieces = []
        while size := int(inbox.until(b"\r\n").split(b";")[0], 16):
            pieces.append(inbox.exactly(size))
            inbox.exactly(2)
        while inbox.until(b"\r\n") != b"\r\n":
            pass
        return b"".join(pieces)
    return inbox.exactly(int((heard.values(b"content-length") or [b"0"])[0]))
