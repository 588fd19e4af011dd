"""The process of an engine that runs share: told its settings on stdin, it says on stdout when it can be asked.

Composition root beside `serve`. It holds a lock that was taken for it, ends with the last run, and belongs to no
terminal. What would be told to a person goes to stderr, which is the log beside the database.
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from helicli.engine.control import failure
from helicli.engine.lock import Lock
from helicli.engine.place import unpack
from helicli.engine.supervisor import Supervisor
from helicli.errors import HelicliError


class Log:
    """A watcher that writes."""

    def ready(self, health: dict[str, Any]) -> None:
        """The proxy answers."""
        self.notice(f"listening on {health['address']}")

    def notice(self, text: str) -> None:
        """Something that whoever looks for a fault should know."""
        os.write(2, f"{text}\n".encode(errors="replace"))

    def draining(self, running_calls: int) -> None:
        """The engine ends."""
        self.notice(f"ending; {running_calls} calls are running")


def main(lock_fd: int) -> int:
    """Run until nobody needs the engine; the exit code."""
    os.set_inheritable(lock_fd, False)
    try:
        settings = unpack(sys.stdin.buffer.read())
        supervisor = Supervisor(settings, Log(), Lock(lock_fd), answering=_say_answering)
    except HelicliError as error:
        os.write(1, failure(error) + b"\n")
        return error.exit_code
    try:
        return asyncio.run(supervisor.run())
    except HelicliError as error:
        Log().notice(f"{error.message} ({error.cause})")
        return error.exit_code


def _say_answering() -> None:
    """Tell the starter, and let go of its pipe."""
    os.write(1, b'{"ok":null}\n')
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
