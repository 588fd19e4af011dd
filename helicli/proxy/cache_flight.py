"""One call for many: identical calls that are under way wait for the first of them.

Owns the tie between a leader and its followers. The leader's way to the provider lives while anybody wants the answer,
also after its own client has gone; followers of a leader that brings nothing go on by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from msgspec import Struct

from helicli.caching import Entry

PATIENCE_SECONDS: Final = 10.0


class Stored(Struct, frozen=True):
    """An entry and its bytes."""

    entry: Entry
    body: bytes


class Flight:
    """One question under way. To be made inside the running loop."""

    def __init__(self) -> None:
        self._landed: asyncio.Future[Stored | None] = asyncio.get_running_loop().create_future()
        self._road: asyncio.Task[None] | None = None
        self._alone = self._barren = False
        self._pieces = 0
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
        """What the leader brings, None where that is nothing, or where an answer that has begun stands still.

        It goes at the pace of the leader's own client, and that one may have stopped reading.
        """
        self.followers += 1
        seen = 0
        try:
            while not (await asyncio.wait({self._landed}, timeout=PATIENCE_SECONDS))[0]:
                if self._pieces and self._pieces == seen:
                    return None
                seen = self._pieces
            return self._landed.result()
        finally:
            self.followers -= 1
            if self._alone and not self.followers and (self._barren or not self.landed) and self._road is not None:
                self._road.cancel()

    @property
    def landed(self) -> bool:
        """Whether the leader is done."""
        return self._landed.done()

    def moved(self) -> None:
        """Hear that a piece of the answer has come."""
        self._pieces += 1

    def give_up(self) -> None:
        """Tell all followers, long before the road's end, that it brings nothing for them."""
        self._barren = True
        self.land(None)

    def land(self, stored: Stored | None) -> None:
        """Tell all followers; only the first word counts."""
        if not self.landed:
            self._landed.set_result(stored)
