"""The supervisor's side of the proxy's health: asks for it, and does not wait for long.

Owns who waits. Whoever asks while another waits is told the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from helicli.engine.words import AskHealth, Health

_SECONDS: Final = 5


class HealthDesk:
    """Those who wait for one proxy's health."""

    def __init__(self, say_proxy: Callable[[Struct], None]) -> None:
        self._say_proxy = say_proxy
        self._waiting: list[asyncio.Future[dict[str, Any]]] = []

    async def ask(self) -> dict[str, Any]:
        """The proxy's health, {} where it does not say."""
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        self._say_proxy(AskHealth())
        try:
            return await asyncio.wait_for(waiting, _SECONDS)
        except TimeoutError:
            return {}

    def on_word(self, word: Health) -> None:
        """Take the proxy's answer."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(word.health)
        self._waiting.clear()
