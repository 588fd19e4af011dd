"""The bare pump: the smallest honest byte proxy on uvicorn and aiohttp, the reference of every figure.

Raw ASGI: reads the body, forwards it, streams the answer back. It looks at nothing, keeps nothing and logs nothing,
so what a proxy costs beyond it is what its features cost. It must stay as small as it is: never tune it past what
`proxy/upstream.py` is set to, never add a feature.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn
from aiohttp import hdrs
from yarl import URL

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer")
    + (b"transfer-encoding", b"upgrade")
)
REQUEST_DROPS = HOP_BY_HOP | {b"host", b"content-length"}
OURS = (hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE)
"""Headers aiohttp would add by itself; the client's bytes go up as they came."""


class Pump:
    """An ASGI application that forwards every HTTP request to `upstream` (scheme and authority, no path)."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if self.session is None:
            self.session = open_session()
        body = await read_body(receive)
        query = scope["query_string"]
        path = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
        async with self.session.request(
            scope["method"],
            URL(self.upstream + path.decode("latin-1"), encoded=True),
            headers=[(k.decode("latin-1"), v.decode("latin-1")) for k, v in scope["headers"] if k not in REQUEST_DROPS],
            data=body or None,
            allow_redirects=False,
        ) as answer:
            await send({"type": "http.response.start", "status": answer.status, "headers": kept(answer.raw_headers)})
            async for chunk in answer.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def open_session() -> aiohttp.ClientSession:
    """A session with the settings a transparent proxy needs; made inside the running loop."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=300),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=OURS,
    )


async def read_body(receive: Receive) -> bytes:
    """The whole request body."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def kept(raw: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The answer's header fields without the hop-by-hop ones, names in lower case as ASGI wants them."""
    lower = ((name.lower(), value) for name, value in raw)
    return [(name, value) for name, value in lower if name not in HOP_BY_HOP]


def main() -> None:
    """Serve on a free loopback port and write `{"address", "pid", "proxy_pid"}` to the ready file."""
    parser = argparse.ArgumentParser(description="A bare uvicorn and aiohttp byte proxy.")
    parser.add_argument("upstream", help="scheme and authority, such as http://127.0.0.1:9000")
    parser.add_argument("--ready-file", type=Path, required=True)
    options = parser.parse_args()

    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = uvicorn.Config(
        Pump(options.upstream),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
    )
    server = uvicorn.Server(config)
    ready = {"address": f"http://127.0.0.1:{listener.getsockname()[1]}", "pid": os.getpid(), "proxy_pid": os.getpid()}
    partial = options.ready_file.with_suffix(".partial")
    partial.write_text(json.dumps(ready))
    partial.replace(options.ready_file)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main()
