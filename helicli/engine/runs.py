"""The supervisor's side of `helicli run`: which runs live, and what each is given.

Owns leases and tokens. A run lives for as long as its lease is held, is known to the proxy before the lease is given,
and is told to every proxy that is started anew. An engine that runs share ends with the last of them.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import msgspec
from msgspec import Struct

from helicli.call import Run, Tags
from helicli.engine.place import EngineSettings
from helicli.engine.words import Hurry, Known, Live, RecorderState, Settle, Settled
from helicli.errors import HelicliError, UsageError
from helicli.policy import parse_all
from helicli.providers import registry

LINGER_SECONDS: Final = 2.0
"""How long an engine that runs share waits for another after the last."""
FIRST_SECONDS: Final = 15.0
"""How long it waits for the first one."""
_KNOWN_SECONDS: Final = 10.0
_SETTLED_SECONDS: Final = 4.0
_RECORDED_SECONDS: Final = 5.0
_HURRY_SECONDS: Final = 0.05


_OPTIONS: Final = {"upstreams": "--upstream", "allowed_hosts": "--allow-host", "timeouts": "--idle-timeout"}
"""Settings whose option has another name."""


class Wanted(Struct, frozen=True):
    """What a run asks for: tags for its calls, policies that limit them, and the settings its engine must have."""

    user: str | None = None
    session: str | None = None
    properties: dict[str, str] = {}
    policies: tuple[str, ...] = ()
    settings: dict[str, Any] = {}


class Runs:
    """The runs of one engine. `leave` is called when an engine that runs share is not needed any more."""

    def __init__(
        self,
        settings: EngineSettings,
        address: str,
        say_proxy: Callable[[Struct], None],
        say_recorder: Callable[[Struct], None],
        leave: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._address = address
        self._say_proxy = say_proxy
        self._say_recorder = say_recorder
        self._leave = leave
        self._live: dict[str, Run] = {}
        self._serial = 0
        self._known = 0
        self._settled: dict[str, asyncio.Future[Settled]] = {}
        self._deaths = 0
        self._born: dict[str, int] = {}
        self._journal = RecorderState("starting")
        self._changed = asyncio.Event()
        self._leaving = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def live(self) -> list[Run]:
        """The runs that live now; what a new proxy is to know from its start."""
        return list(self._live.values())

    def begin(self) -> None:
        """Wait for the first run, where the engine is there for runs alone."""
        self._wait_for_another(FIRST_SECONDS)

    def refuse(self) -> None:
        """Give no more leases: the engine ends."""
        self._leaving = True
        if self._timer is not None:
            self._timer.cancel()

    def tell(self) -> None:
        """Tell the proxy who lives; it answers with `Known`."""
        self._say_proxy(Live(self._serial, self.live))

    def on_word(self, word: Known | Settled | RecorderState) -> None:
        """Take what a child says of runs or of the journal."""
        if isinstance(word, Settled):
            waiting = self._settled.get(word.token)
            if waiting is not None and not waiting.done():
                waiting.set_result(word)
        elif isinstance(word, Known):
            self._known = max(self._known, word.serial)
        else:
            self._journal = word
        self._changed.set()
        self._changed = asyncio.Event()

    def on_proxy_death(self) -> None:
        """Remember that calls of runs may have gone through a proxy that is no more."""
        self._deaths += 1

    @asynccontextmanager
    async def lease(self, given: dict[str, Any]) -> AsyncIterator[dict[str, Any] | None]:
        """A run for as long as this is held; None where the engine is about to end."""
        wanted = msgspec.convert(given, Wanted)
        self._check(wanted.settings)
        for each in wanted.policies:
            parse_all(each)
        if self._leaving:
            yield None
            return
        if self._timer is not None:
            self._timer.cancel()
        token, run = secrets.token_hex(8), f"run-{secrets.token_hex(5)}"
        tags = Tags(user=wanted.user, session=wanted.session, properties=wanted.properties, run=run)
        self._live[token] = Run(token, tags, wanted.policies)
        self._born[token] = self._deaths
        try:
            await self._publish()
            yield {"run": run, "token": token, "address": self._address, "upstreams": self._upstreams()}
        finally:
            del self._live[token], self._born[token]
            self._serial += 1
            self.tell()
            if not self._live:
                self._wait_for_another(LINGER_SECONDS)

    async def settle(self, given: dict[str, Any]) -> str:
        """Wait until the calls of a run have ended and are recorded: `none` there were, `recorded`, or still `late`."""
        token = str(given.get("token", ""))
        waiting: asyncio.Future[Settled] = asyncio.get_running_loop().create_future()
        self._settled[token] = waiting
        self._say_proxy(Settle(token))
        try:
            settled = await asyncio.wait_for(waiting, _SETTLED_SECONDS)
        except TimeoutError:
            return "late"
        finally:
            del self._settled[token]
        if not settled.calls and self._born.get(token) == self._deaths:
            return "none"
        return "recorded" if await self._recorded(settled.place) else "late"

    def _upstreams(self) -> dict[str, str]:
        """Where the calls of each provider go."""
        known = registry.build(self._settings.upstreams, self._settings.configured)
        return {provider.name: provider.base_url for provider in known.values()}

    def _check(self, wanted: dict[str, Any]) -> None:
        """Raise UsageError for a setting that is not the engine's."""
        ours = msgspec.to_builtins(self._settings, enc_hook=str)
        for name, value in wanted.items():
            if name in ours and not _holds(ours[name], value):
                option, has = _OPTIONS.get(name) or "--" + name.replace("_", "-"), _plain(ours[name])
                if name == "retry":
                    option, has = _retries(value), _retries(ours[name])
                elif isinstance(value, dict) and "enabled" in value:
                    switch = (f"--no-{name}", f"--{name}")
                    option, has = switch[value["enabled"]], switch[not value["enabled"]]
                raise UsageError(
                    f"the engine at {self._address} does not run with this {option}",
                    f"leave {option} out, or use another database: --db FILE",
                    f"it runs with {has}",
                )

    async def _publish(self) -> None:
        """Have the proxy know the runs. Raises HelicliError where it does not answer."""
        self._serial += 1
        serial = self._serial
        self.tell()
        try:
            async with asyncio.timeout(_KNOWN_SECONDS):
                while self._known < serial:
                    await self._changed.wait()
        except TimeoutError:
            raise HelicliError("the proxy does not answer", "try again, or see helicli doctor") from None

    async def _recorded(self, place: tuple[int, int, int]) -> bool:
        """Wait until the recorder has got to a place, asking it often; whether it has."""
        heard = 0
        deadline = time.monotonic() + _RECORDED_SECONDS
        while time.monotonic() < deadline:
            # What it said first may be older than the place.
            if self._journal.high >= place or (heard > 1 and not self._journal.waiting_bytes):
                return True
            before = self._journal
            self._say_recorder(Hurry())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _HURRY_SECONDS)
            heard += self._journal is not before
        return False

    def _wait_for_another(self, seconds: float) -> None:
        if self._leave is not None and not self._leaving:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._go)

    def _go(self) -> None:
        if not self._live and not self._leaving and self._leave is not None:
            self._leaving = True
            self._leave()


def _holds(ours: Any, wanted: Any) -> bool:
    """Whether a setting is as it is wanted; of several values those that are wanted count."""
    if isinstance(ours, dict):
        return all(ours.get(name) == value for name, value in wanted.items())
    if isinstance(ours, list | tuple):
        return set(wanted) <= set(ours)
    return bool(ours == wanted)


def _retries(value: dict[str, Any]) -> str:
    return f"--retries {value['num'] if value['enabled'] else 0}"


def _plain(value: Any) -> str:
    """A setting as it would be typed."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={each}" for name, each in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)
