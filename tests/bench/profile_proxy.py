"""Where a proxy's time goes under load: py-spy's samples, summed by function.

Runs last and on its own, because sampling slows what it looks at: none of its load is part of a figure.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from lanes import Lane

SECONDS = 5
SHOWN = 25


def profile(lane: Lane, run: Callable[[int], object], folder: Path) -> list[str]:
    """The functions that held the proxy's loop longest while `run(seconds)` loads it, by themselves and with what they
    called, as lines."""
    spy = shutil.which("py-spy") or shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if spy is None:
        return ["no profile: py-spy is not installed (pip install py-spy)"]
    samples = folder / "samples.txt"
    command = [spy, "record", "-p", str(lane.pids["proxy"]), "-d", str(SECONDS), "-r", "250", "-f", "raw"]
    with subprocess.Popen([*command, "-o", str(samples)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as spying:
        try:
            run(SECONDS + 2)
            said, _ = spying.communicate(timeout=60)
        finally:
            spying.kill()
    if spying.returncode != 0 or not samples.exists():
        return [f"no profile: py-spy says {said.decode(errors='replace').strip()[-300:]}"]
    return table(lane.name, samples.read_text().splitlines())


def table(name: str, lines: list[str]) -> list[str]:
    """`frame;frame;frame count` lines as the two lists, largest first."""
    alone: Counter[str] = Counter()
    within: Counter[str] = Counter()
    total = 0
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = [frame.rpartition(":")[0] + ")" if frame.endswith(")") else frame for frame in stack.split(";")]
        total += int(count)
        alone[frames[-1]] += int(count)
        for frame in set(frames):
            within[frame] += int(count)
    shown = [f"profile of the {name} proxy, {total} samples", "", " self  function"]
    shown += [f"{count / total:5.1%}  {frame}" for frame, count in alone.most_common(SHOWN)]
    shown += ["", "total  function"]
    return shown + [f"{count / total:5.1%}  {frame}" for frame, count in within.most_common(SHOWN)]
