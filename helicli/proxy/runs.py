"""The live runs of `helicli run`: whose token stands before a path, and what its calls are tagged with.

Owns the token: it is taken off here, so that it is neither routed nor logged. A run is known before its program starts
and until it has ended; a token that nobody holds is refused, never guessed at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from helicli.call import Run
from helicli.limits import Limit
from helicli.policy import parse_all
from helicli.proxy.admission import Prepared
from helicli.proxy.refusal import Refusal

LEAD: Final = "/~"
"""What a path with a token begins with: `/~TOKEN/openai/v1/…`."""


class Traffic:
    """The calls of one run on this proxy. `enter` and `leave` go in pairs."""

    def __init__(self, run: Run) -> None:
        self.tags = run.tags
        self.limits = tuple(
            Prepared(Limit(policy, run=run.tags.run or run.token))
            for text in run.policies
            for policy in parse_all(text)
        )
        self.calls = 0
        self._running = 0
        self._quiet = asyncio.Event()
        self._quiet.set()

    def enter(self) -> None:
        """A call of the run begins."""
        self.calls += 1
        self._running += 1
        self._quiet.clear()

    def leave(self) -> None:
        """A call of the run has ended, in the journal too."""
        self._running -= 1
        if not self._running:
            self._quiet.set()

    async def quiet(self, seconds: float) -> None:
        """Wait until none of its calls is on the road, but no longer than that."""
        try:
            await asyncio.wait_for(self._quiet.wait(), seconds)
        except TimeoutError:
            return


class Runs:
    """All live runs, by token."""

    def __init__(self) -> None:
        self._live: dict[str, Traffic] = {}

    def know(self, runs: Iterable[Run]) -> None:
        """These are the live runs, and no others."""
        self._live = {run.token: self._live.get(run.token) or Traffic(run) for run in runs}

    def get(self, token: str) -> Traffic | None:
        """The traffic of a run, None where it is not known."""
        return self._live.get(token)

    def find(self, token: str) -> Traffic:
        """The run of a token. Raises Refusal."""
        found = self._live.get(token)
        if found is None:
            raise Refusal(404, "bad_request", "this address belonged to a helicli run that has ended")
        return found


def split(target: str) -> tuple[str, str]:
    """The token a request target begins with, empty where it begins with none, and the target without it."""
    if not target.startswith(LEAD):
        return "", target
    end = min(at for at in (target.find("/", 2), target.find("?"), len(target)) if at > 0)
    rest = target[end:]
    return target[2:end], rest if rest.startswith("/") else "/" + rest
