"""A child for tests, run as a module: what it does stands in its settings, in `machine`."""

from __future__ import annotations

import os
import socket
import sys

from helicli.engine.link import SleepingLink
from helicli.engine.words import Drain, Notice, RecorderSettings


def main(*fds: int) -> None:
    """Obey."""
    link = SleepingLink(socket.socket(fileno=fds[-1]))
    settings = None
    while not isinstance(settings, RecorderSettings):
        settings = link.hear(5)
        if link.closed:
            return
    for line in settings.database.split("\n"):
        sys.stderr.write(line + "\n")
    if settings.machine == "die":
        sys.exit(3)
    link.say(Notice(f"{os.getpid()} {os.getsid(0)} {len(fds)}"))
    while not link.closed:
        if isinstance(link.hear(5), Drain):
            if settings.machine == "deaf":
                continue
            return


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
