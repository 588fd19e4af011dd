"""One call for many: identical calls that are under way wait for the first of them.

Owns the tie between a leader and its followers. The leader's way to the provider lives while anybody wants the answer,
also after its own client has gone; followers of a leader that brings nothing go on by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from msgspec import Struct

from helicli.caching import Entry


class Stored(Struct, frozen=True):
    """An entry and its bytes."""

    entry: Entry
    body: bytes


class Flight:
    """One question under way. To be made inside the running loop."""

    def __init__(self) -> None:
        self._landed: asyncio.Future[Stored | None] = asyncio.get_running_loop().create_future()
        self._road: asyncio.Task[None] | None = None
        self._alone = False
        self.followers = 0

    async def lead(self, road: Coroutine[Any, Any, None]) -> None:
        """Go the leader's road. Where its task is cancelled the road goes on as long as anybody follows."""
        self._road = task = asyncio.ensure_future(road)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.done():
                raise
            self._alone = True
            if not self.followers:
                task.cancel()
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                # Nobody wants it any more, or helicli stops.
                task.cancel()
                await asyncio.wait({task})
                raise

    async def follow(self) -> Stored | None:
        """What the leader brings, None where that is nothing."""
        self.followers += 1
        try:
            return await asyncio.shield(self._landed)
        finally:
            self.followers -= 1
            if self._alone and not self.followers and not self._landed.done() and self._road is not None:
                self._road.cancel()

    def land(self, stored: Stored | None) -> None:
        """Tell all followers; only the first word counts."""
        if not self._landed.done():
            self._landed.set_result(stored)
