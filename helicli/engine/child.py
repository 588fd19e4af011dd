"""A child process kept alive: started, heard, started again when it dies.

Owns the policy of restarts and a child's last words. Children sit in sessions of their own, so a ^C at the terminal
reaches the supervisor alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from helicli.engine.link import AsyncLink
from helicli.engine.words import Drain, Word

DELAYS = (0.0, 0.5, 1.0, 2.0)
"""Seconds before the first, second, … restart within DEATHS_SECONDS."""
DEATHS_SECONDS = 30.0
_LAST_LINES = 20


class Child:
    """One of the engine's children.

    `settings` is asked for anew at each start and is the first word on its link. The lock is inherited and never used.
    """

    def __init__(
        self,
        module: str,
        lock_fd: int,
        settings: Callable[[], Struct],
        on_word: Callable[[Word], None],
        listener_fd: int | None = None,
    ) -> None:
        self._module = module
        self._lock_fd = lock_fd
        self._listener_fds = () if listener_fd is None else (listener_fd,)
        self._settings = settings
        self._on_word = on_word
        self._process: asyncio.subprocess.Process | None = None
        self._link: AsyncLink | None = None
        self._deaths: deque[float] = deque(maxlen=5)
        self.last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int:
        """The process id, 0 where none runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    def say(self, word: Struct) -> None:
        """Send a word to the child; lost where it does not run."""
        if self._link is not None:
            self._link.say(word)

    async def keep(self, on_death: Callable[[Child], None], limit: int | None) -> bool:
        """Run the child, again and again, until it ends after it was told to; False where it died `limit` times."""
        while True:
            try:
                await self._run()
            except OSError as error:
                # No process to be had just now: like one that died at once.
                self.last_lines.append(f"it could not be started: {error}")
            if self._told():
                return True
            now = time.monotonic()
            self._deaths.append(now)
            recent = sum(1 for death in self._deaths if now - death < DEATHS_SECONDS)
            if limit is not None and recent >= limit:
                return False
            on_death(self)
            await asyncio.sleep(DELAYS[min(recent, len(DELAYS)) - 1])
            if self._told():
                return True

    def stop(self) -> None:
        """Do not start the process again once it has ended."""
        self._stopping.set()

    def _told(self) -> bool:
        return self._stopping.is_set()

    def kill(self) -> None:
        """End the process at once."""
        self.stop()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _run(self) -> None:
        settings = self._settings()
        ours, theirs = socket.socketpair()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # what stands in the folder it was started in is not to be imported
                "-m",
                self._module,
                *(str(fd) for fd in (*self._listener_fds, theirs.fileno())),
                pass_fds=(*self._listener_fds, theirs.fileno(), self._lock_fd),
                start_new_session=True,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._link = await AsyncLink.open(ours)
        self._link.say(settings)
        if self._told():
            # The word to leave came while the process was being started, and met no link.
            self._link.say(Drain())
        reading = asyncio.create_task(self._read_lines(self._process))
        while (word := await self._link.hear()) is not None:
            self._on_word(word)
        await self._process.wait()
        self._link.close()
        self._link = None
        await reading

    async def _read_lines(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:
                # A line too long for the reader's buffer, which has thrown it away.
                continue
            if not line:
                return
            self.last_lines.append(line.decode("utf-8", "replace").rstrip())


async def within(task: asyncio.Task[bool], seconds: float, kill: Callable[[], None]) -> None:
    """Wait for a child's task; where it takes too long the child is killed."""
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if not done:
        kill()
        await asyncio.wait({task})
