"""What a number was measured on and with: the machine, the versions, and what the bench needs installed.

Reads only; a number without these lines is worth nothing.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("uvicorn", "uvloop", "httptools", "aiohttp", "msgspec")


def missing(tools: Iterable[str] = ("nginx", "wrk")) -> list[str]:
    """What keeps the bench from running here, each with what to do about it; empty where nothing does."""
    tools = [tool for tool in tools if shutil.which(tool) is None]
    complaints = [f"{' and '.join(tools)} not found: sudo apt-get install {' '.join(tools)}"] if tools else []
    if not Path("/proc/self/stat").exists():
        complaints.append("no /proc: CPU and memory can be read on Linux only, run the bench there")
    return complaints


def describe(root: Path) -> dict[str, str]:
    """The machine and the versions of everything on the road, each as one line."""
    own = re.search(r'__version__ = "(.+)"', (root / "helicli" / "__init__.py").read_text())
    packages = " ".join(f"{name} {version(name)}" for name in PACKAGES)
    return {
        "machine": f"{cpu_model()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "versions": f"helicli {own[1] if own else '?'} ({commit(root)}) {packages} {tool_versions()}",
    }


def cpu_model() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def commit(root: Path) -> str:
    """The commit measured, with a + where the tree differs from it."""
    said = subprocess.run(
        ["git", "-C", str(root), "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "no commit"


def tool_versions() -> str:
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False).stderr
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return f"nginx {nginx.strip().rpartition('/')[2]} {' '.join(wrk.split()[:2])}"
