"""The supervisor: holds the listening socket and the database lock, and keeps proxy and recorder alive.

Owns start, restart and stop of an engine and alone reads signals. It moves no call: calls go on while it does anything,
and the children finish them by themselves when it is killed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import replace

from helicli import __version__, paths
from helicli.engine import place
from helicli.engine.change_words import LimitKept, LimitsRead, PromptsKept, PromptsRead, ScoresKept
from helicli.engine.child import Child, within
from helicli.engine.clearing import Clearings
from helicli.engine.control import ControlServer, Handler
from helicli.engine.health_desk import HealthDesk
from helicli.engine.limit_desk import LimitDesk
from helicli.engine.lock import Holder, Lock
from helicli.engine.prompt_desk import PromptDesk
from helicli.engine.runs import Runs
from helicli.engine.score_desk import ScoreDesk
from helicli.engine.words import (
    AskPrice,
    CacheCleared,
    Drain,
    Health,
    Known,
    LimitUsage,
    Notice,
    Price,
    ProxySettings,
    Ready,
    RecorderSettings,
    RecorderState,
    Settled,
    Word,
)
from helicli.errors import HelicliError
from helicli.providers import registry

FORCED = 130
"""What `run` returns after a second signal."""

_PROXY_DEATHS = 5
_PROXY_LEAVES_SECONDS = 35
_RECORDER_LEAVES_SECONDS = 65


class Watcher(Protocol):
    """Whoever tells a person how the engine fares; called from the engine's event loop, must not block."""

    def ready(self, health: dict[str, Any]) -> None: ...

    def notice(self, text: str) -> None: ...

    def draining(self, running_calls: int) -> None: ...


class Supervisor:
    """One engine, from start to stop.

    One with a `lock` that was taken for it is there for runs, and ends with the last of them. `answering` is called
    once the control socket answers.
    """

    def __init__(
        self,
        settings: place.EngineSettings,
        watcher: Watcher,
        lock: Lock | None = None,
        answering: Callable[[], None] | None = None,
    ) -> None:
        settings.check()
        # Whatever this process and its children make is nobody else's to read.
        os.umask(0o077)
        self._settings = settings
        self._watcher = watcher
        self._answering = answering
        self._listener = place.listen(settings.host, settings.port, settings.database)
        self.address = place.address(self._listener, settings.host)
        try:
            self._journal = place.prepare(settings.database)
            self._lock = lock or Lock.take(paths.lock_file(settings.database), settings.database, watcher.notice)
        except HelicliError:
            self._listener.close()
            raise
        self._control_path = paths.control_socket(os.environ, settings.database, os.getuid())
        self._state = RecorderState("starting")
        self._stop = asyncio.Event()
        self._ready = False
        self._forced = False
        fd, listener = self._lock.fd, self._listener.fileno()
        self._proxy = Child("helicli.engine.proxy_child", fd, self._proxy_settings, self._on_proxy_word, listener)
        self._clearings = Clearings(self._proxy.say)
        self._recorder = Child("helicli.engine.recorder_child", fd, self._recorder_settings, self._on_recorder_word)
        leave = self._leave if lock is not None else None
        self._runs = Runs(settings, self.address, self._proxy.say, self._recorder.say, leave)
        self._limits = LimitDesk(self._proxy.say, self._recorder.say)
        self._prompts = PromptDesk(self._proxy.say, self._recorder.say)
        self._scores = ScoreDesk(self._recorder.say)
        self._health = HealthDesk(self._proxy.say)
        self._control: ControlServer | None = None

    async def run(self) -> int:
        """Run until stopped; the exit code. Raises HelicliError where the proxy cannot be kept alive."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal)
        self._control = control = ControlServer(self._control_path, self._handlers(), {"lease": self._runs.lease})
        await control.start()
        self._lock.write(Holder(os.getpid(), self.address, str(self._control_path), __version__))
        proxy = asyncio.create_task(self._proxy.keep(self._on_death, _PROXY_DEATHS))
        recorder = asyncio.create_task(self._recorder.keep(self._on_death, None))
        self._runs.begin()
        if self._answering is not None:
            self._answering()
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({proxy, stop}, return_when=asyncio.FIRST_COMPLETED)
            failed = proxy.done() and not proxy.result()
            await self._drain(proxy, recorder)
            if failed:
                raise HelicliError(
                    f"the proxy died {_PROXY_DEATHS} times in a row",
                    "report this with the lines above",
                    " / ".join(list(self._proxy.last_lines)[-3:]),
                )
            return FORCED if self._forced else 0
        finally:
            stop.cancel()
            control.close()
            self._lock.release()

    def stop(self) -> None:
        """Drain, as on the first signal."""
        self._stop.set()

    def _leave(self) -> None:
        """Drain, unseen from now on: whoever comes waits for the lock and has an engine of his own."""
        if self._control is not None:
            self._control.close()
        self.stop()

    def _on_signal(self) -> None:
        if self._stop.is_set():
            self._forced = True
            self._proxy.kill()
            self._recorder.kill()
        self._stop.set()

    async def _drain(self, proxy: asyncio.Task[bool], recorder: asyncio.Task[bool]) -> None:
        """Let running calls finish, then let the recorder empty the journal."""
        self._runs.refuse()
        self._proxy.stop()
        if not proxy.done():
            asking = asyncio.create_task(self._health.ask())
            await asyncio.wait({asking, proxy}, return_when=asyncio.FIRST_COMPLETED)
            journal = asking.result().get("journal", {}) if asking.done() else {}
            asking.cancel()
            self._watcher.draining(journal.get("running_calls", 0))
        self._listener.close()
        self._proxy.say(Drain())
        await within(proxy, _PROXY_LEAVES_SECONDS, self._proxy.kill)
        self._recorder.stop()
        self._recorder.say(Drain())
        await within(recorder, _RECORDER_LEAVES_SECONDS, self._recorder.kill)
        if self._state.waiting_bytes:
            self._watcher.notice(
                f"{self._state.waiting_bytes:,} bytes of calls wait in {self._journal}; the next start records them"
            )

    def _proxy_settings(self) -> ProxySettings:
        settings = self._settings
        return ProxySettings(
            database=str(settings.database),
            journal=str(self._journal),
            generation=place.next_generation(self._journal),
            address=self.address,
            host=settings.host,
            allowed_hosts=list(settings.allowed_hosts),
            upstreams=dict(settings.upstreams),
            proxies=dict(settings.proxies),
            ca_file=str(settings.ca_file or ""),
            timeouts=settings.timeouts,
            journal_max=settings.journal_max,
            engine_pid=os.getpid(),
            durability=settings.durability,
            runs=self._runs.live,
            prices=settings.prices,
            configured=dict(settings.configured),
            cache=settings.cache,
            limits=settings.limits,
            retry=settings.retry,
        )

    def _recorder_settings(self) -> RecorderSettings:
        return RecorderSettings(
            database=str(self._settings.database),
            journal=str(self._journal),
            machine=socket.gethostname(),
            bodies=self._settings.bodies,
            prices=self._settings.prices,
        )

    def _on_proxy_word(self, word: Word) -> None:
        if isinstance(word, Ready):
            self._proxy.say(self._state)
            self._runs.tell()
            if not self._ready:
                self._ready = True
                self._watcher.ready({**word.health, "recorder_pid": self._recorder.pid})
        elif isinstance(word, Health):
            self._health.on_word(word)
        elif isinstance(word, Notice):
            self._watcher.notice(word.text)
        elif isinstance(word, Known | Settled):
            self._runs.on_word(word)
        elif isinstance(word, CacheCleared):
            self._clearings.cleared(word)
        elif isinstance(word, LimitsRead | LimitUsage):
            self._limits.on_word(word)
        elif isinstance(word, PromptsRead):
            self._prompts.on_word(word)
        elif isinstance(word, AskPrice):
            self._recorder.say(word)

    def _on_recorder_word(self, word: Word) -> None:
        if isinstance(word, RecorderState):
            if word.state != self._state.state and word.state not in ("ok", "starting"):
                self._watcher.notice(f"the log is {word.state}: {word.message}; calls go on and wait in the journal")
            elif word.state == "ok" and self._state.state not in ("ok", "starting", "restarting"):
                self._watcher.notice("the log can be written again")
            self._state = word
            self._runs.on_word(word)
            self._proxy.say(word)
            self._clearings.recorded(word.high)
        elif isinstance(word, LimitKept):
            self._limits.on_word(word)
        elif isinstance(word, PromptsKept):
            self._prompts.on_word(word)
        elif isinstance(word, ScoresKept):
            self._scores.on_word(word)
        elif isinstance(word, Price):
            self._proxy.say(word)

    def _on_death(self, child: Child) -> None:
        if child is self._recorder:
            self._state = replace(self._state, state="restarting", pid=0)
            self._proxy.say(self._state)
        else:
            self._runs.on_proxy_death()
        name = "recorder" if child is self._recorder else "proxy"
        last = child.last_lines[-1] if child.last_lines else "no last words"
        child.last_lines.clear()
        self._watcher.notice(f"the {name} died and is started again ({last})")

    def _handlers(self) -> dict[str, Handler]:
        """What commands may ask for."""
        return {
            "status": lambda given: self._health.ask(),
            "providers": self._on_providers,
            "settle": self._runs.settle,
            "stop": self._on_stop,
            "cache.clear": self._clearings.ask,
            "limits.add": self._limits.add,
            "limits.remove": self._limits.remove,
            "limits.usage": self._limits.usage,
            "prompts.change": self._prompts.change,
            "score": self._scores.keep,
        }

    async def _on_providers(self, given: dict[str, Any]) -> dict[str, str]:
        """Where the calls of each provider go."""
        known = registry.build(self._settings.upstreams, self._settings.configured)
        return {provider.name: provider.base_url for provider in known.values()}

    async def _on_stop(self, given: dict[str, Any]) -> dict[str, Any]:
        self.stop()
        return {"stopping": True}
