"""What `helicli run` adds to a program: with an engine that runs, and where it has to start one.

The program is /bin/true, alone and through `run` in turns with bare Python, so that a busy machine slows all of them;
the median is told, with its ratio to bare Python and the figure it is to hold. Modules are compiled beforehand, as an
installed package's are.
"""

from __future__ import annotations

import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
PROGRAM = ["/bin/true"]
SCRIPT = Path(sys.executable).with_name("helicli")
HELICLI = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "helicli"]


def taken(command: list[str], env: dict[str, str]) -> float:
    """Milliseconds a command takes from start to end."""
    begun = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, cwd=env["HOME"])
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Measure and print a table, and the same as JSON on the last line."""
    compileall.compile_dir(str(Path(__file__).parents[2] / "helicli"), quiet=2)
    bare: list[float] = []
    alone: list[float] = []
    joining: list[float] = []
    starting: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        env = {word: value for word, value in os.environ.items() if word != "PYTHONDONTWRITEBYTECODE"} | {"HOME": name}
        run = [*HELICLI, "run", "--db", f"{name}/x.db", "--"]
        holding = subprocess.Popen(
            [*run, "sh", "-c", "echo; cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
        )
        assert holding.stdout is not None
        holding.stdout.readline()
        for number in range(ROUNDS):
            bare.append(taken([sys.executable, "-c", "pass"], env))
            alone.append(taken(PROGRAM, env))
            joining.append(taken([*run, *PROGRAM], env))
            starting.append(taken([*HELICLI, "run", "--db", f"{name}/{number}.db", "--", *PROGRAM], env))
        holding.communicate()
        # The engines end 2 s after their last run.
        while any(path.read_bytes().startswith(b'{"pid":') for path in Path(name).glob("*.lock")):
            time.sleep(0.05)
    base, own = statistics.median(bare), statistics.median(alone)
    rows = [
        ("bare Python", base, ""),
        ("run adds, joining", statistics.median(joining) - own, "100 ms"),
        ("run adds, starting", statistics.median(starting) - own, "600 ms"),
    ]
    for each, median, figure in rows:
        sys.stdout.write(f"{each:<20} {median:7.1f} ms  {median / base:5.1f} x  {figure}\n")
    sys.stdout.write(json.dumps({each: round(median, 2) for each, median, _ in rows}) + "\n")


if __name__ == "__main__":
    main()
