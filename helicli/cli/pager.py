"""The pager of the terminal: PAGER, else less.

Owns how it is started, and that it is left in peace: ^C is its own while it runs, and leaving it early is no error.
"""

from __future__ import annotations

import shlex
import signal
import subprocess
from collections.abc import Mapping


def through(text: str, env: Mapping[str, str]) -> bool:
    """Show a text in the pager; False where there is none. An empty PAGER, or `cat`, asks for none."""
    command = env.get("PAGER", "less -FIRX")
    if command.strip() in ("", "cat"):
        return False
    try:
        process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.PIPE, env={**env, "LESS": env.get("LESS", "FIRX")}
        )
    except (OSError, ValueError):
        return False
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # communicate() takes a pager that leaves early for what it is: a reader who has seen enough.
        process.communicate(text.encode(errors="replace"))
    finally:
        signal.signal(signal.SIGINT, before)
    return process.returncode != 127
