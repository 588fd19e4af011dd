"""The ASGI application: `/healthcheck`, what of Helicone's API is served, and the road for everything else.

Owns the tie between a connection and the call that runs on it, so that a client that goes ends its call at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import msgspec

from helicli.call import Begin, End, Tags
from helicli.proxy import prompt_api, score_api
from helicli.proxy.client import Client, Gone, Receive, Send
from helicli.proxy.clocks import now_ms
from helicli.proxy.handoff import Handoff
from helicli.proxy.house import House
from helicli.proxy.ids import new_id
from helicli.proxy.pipeline import Call
from helicli.proxy.refusal import Refusal

_BROWSED = (b"/", b"/favicon.ico")
"""What a browser asks for when somebody opens the proxy's address; no provider is to hear of it."""

_HELLO = b"helicli is here. Point your program's base URL at /openai/v1 or /anthropic; see helicli --help.\n"
_GREETING = (
    200,
    [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(_HELLO))],
    _HELLO,
)


class App:
    """Serves one house. `health` says what /healthcheck answers."""

    def __init__(self, house: House, health: Callable[[], Mapping[str, Any]]) -> None:
        self._house = house
        self._health = health

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        client = Client(scope, receive, send)
        if scope["raw_path"] == b"/healthcheck":
            await self._healthcheck(client)
            return
        if scope["raw_path"] in _BROWSED and client.method == "GET":
            await client.answer(*_GREETING)
            return
        if client.target.startswith(prompt_api.LEAD) or score_api.is_asked(client.method, client.target):
            await self._api(client)
            return
        connection = scope["extensions"]["helicli.connection"]
        task = asyncio.current_task()

        def gone() -> None:
            client.gone = True
            if task is not None:
                task.cancel()

        connection.on_gone = gone
        try:
            await Call(self._house, client).travel()
            connection.left_off(scope)
        finally:
            if connection.on_gone is gone:
                connection.on_gone = None

    def refused_bytes(self, message: str) -> None:
        """Log what was not HTTP at all, or too much of it."""
        now = now_ms()
        begin = Begin(new_id(now), now, "", "other", "", "", None, [], Tags())
        end = End(now, 0, None, 0, 400, "bad_request", message, 0)
        Handoff(self._house.journal, begin, []).end(end)

    async def _healthcheck(self, client: Client) -> None:
        health = self._health
        await self._answer(client, lambda: (200, msgspec.json.encode(health())))

    async def _api(self, client: Client) -> None:
        """Answer what a prompt manager asks, or take a score. No call is made, so none is logged."""
        try:
            body = await client.read()
        except Gone:
            return
        host = next((value.decode("latin-1") for name, value in client.headers if name == b"host"), "localhost")
        house, target = self._house, client.target

        def found() -> tuple[int, bytes]:
            if target.startswith(prompt_api.LEAD):
                return prompt_api.answer(house.shelf, client.method, target, body, f"http://{host}")
            return score_api.answer(house.journal, target, body, now_ms())

        await self._answer(client, found)

    async def _answer(self, client: Client, found: Callable[[], tuple[int, bytes]]) -> None:
        """Send JSON to those who may come in."""
        try:
            self._house.doors.check(client.headers, client.local_address)
            status, body = found()
        except Refusal as refusal:
            status, body = refusal.status, msgspec.json.encode({"message": refusal.message})
        await client.answer(
            status, [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))], body
        )
