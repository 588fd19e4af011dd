"""A fake upstream of many dialects on a real socket: the demo's provider and the tests' double.

Owns the listening socket, the server's thread, and the list of what arrived. It listens on loopback only, needs any key
but none that is real, and compresses as real providers do. It must never reach out. `switches` says what a request can
make it do.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import uvloop
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from helicli.demo.play import Connection, LeftError, Player, coding_of
from helicli.demo.reply import Reply
from helicli.demo.routes import model_of, reply_to
from helicli.demo.seen import Log, Seen
from helicli.demo.switches import Switches, choose_coding, read_switches

__all__ = ["FakeUpstream", "Seen", "main"]


class FakeUpstream:
    """The upstream, serving while its context is open; its port is bound, and `url` known, from the start.

    `compress` allows content codings the client accepts; `latency` is seconds before every answer; without `keep`
    nothing is listed in `seen`.
    """

    def __init__(self, port: int = 0, compress: bool = True, latency: float = 0.0, *, keep: bool = True) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = Log(keep=keep)
        self._desk = _Desk(self._log, compress, latency)
        self._thread = threading.Thread(target=self._run, name="fake-upstream", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    @property
    def seen(self) -> list[Seen]:
        """All requests so far, in the order in which their bodies were complete."""
        return self._log.all()

    def wait_for(self, predicate: Callable[[list[Seen]], bool], timeout: float = 5.0) -> None:
        """Return once `predicate` is true of what was seen; TimeoutError after `timeout` seconds."""
        self._log.wait_for(predicate, timeout)

    def clear(self) -> None:
        """Forget what was seen, and how often."""
        self._log.clear()
        self._desk.repeats.clear()

    def close(self) -> None:
        """Stop listening and abort what is running, at once; what was seen stays. A second time does nothing."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(5)
        self._socket.close()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("the fake upstream did not start within 10 s")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        state = ServerState()
        config = Config(
            self._desk,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            proxy_headers=False,
            timeout_keep_alive=75,
        )
        config.load()
        server = await self._loop.create_server(lambda: Connection(config, state, self._log), sock=self._socket)
        self._ready.set()
        await self._stop.wait()
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=2)


class _Desk:
    """The ASGI application: takes a request in, shows it, and has its answer played."""

    def __init__(self, log: Log, compress: bool, latency: float) -> None:
        self._log = log
        self._compress = compress
        self._latency = latency
        self.repeats: Counter[tuple[str, bytes]] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope["state"]["connection"]
        seen = Seen(scope["method"], scope["state"]["target"], scope["headers"])
        connection.pending.append(seen)
        complete = await _read_body(receive, seen)
        self._log.add(seen)
        if not complete:
            return
        # A body that came in one large read leaves reading paused, and a paused connection hides its end.
        connection.flow.resume_reading()
        switches, reply = self._decide(seen)
        accepted = choose_coding(seen.headers) if self._compress else "identity"
        player = Player(connection, seen, switches, coding_of(reply, switches, accepted), send)
        try:
            await player.play(reply, self._latency + switches.delay)
        except LeftError:
            return

    def _decide(self, seen: Seen) -> tuple[Switches, Reply]:
        request_id = f"req_{uuid.uuid4().hex}"
        try:
            switches = self._applied(read_switches(seen.headers), seen)
        except ValueError as error:
            return Switches(), Reply(status=400, kind=b"text/plain", body=str(error).encode())
        return switches, reply_to(seen, switches, request_id)

    def _applied(self, switches: Switches, seen: Seen) -> Switches:
        if switches.only is not None and switches.only != model_of(seen.body):
            return Switches()
        if switches.times is not None:
            self.repeats[seen.path, seen.body] += 1
            if self.repeats[seen.path, seen.body] > switches.times:
                return Switches()
        return switches


async def _read_body(receive: Receive, seen: Seen) -> bool:
    """Read the request's body into `seen`; whether it came whole."""
    chunks: list[bytes] = []
    message = await receive()
    while message["type"] == "http.request":
        chunks.append(message["body"])
        if not message["more_body"]:
            break
        message = await receive()
    seen.body = b"".join(chunks)
    return bool(message["type"] == "http.request")


def main() -> None:
    """Serve until SIGTERM or SIGINT; the ready file gets the address and the process id as JSON."""
    parser = argparse.ArgumentParser(prog="python -m helicli.demo.upstream", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ready-file", type=Path, required=True, help="gets {url, pid} once the upstream listens")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--no-compress", action="store_true", help="never compress")
    options = parser.parse_args()
    ends = {signal.SIGTERM, signal.SIGINT}
    # Blocked before the thread starts, so that it inherits the mask and only sigwait takes them.
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    with FakeUpstream(options.port, not options.no_compress, options.latency, keep=False) as upstream:
        ready: Path = options.ready_file
        part = ready.with_name(f"{ready.name}.{os.getpid()}")
        part.write_bytes(msgspec.json.encode({"url": upstream.url, "pid": os.getpid()}))
        part.replace(ready)
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
