"""How long commands take to start, beside bare Python in the same run; `make bench`.

Each command and bare Python take turns, so that a busy machine slows both; the median of the turns is told, with its
ratio to bare Python and the figure it is to hold. They are started as users start them: by the installed script, in a
folder and a home without settings; those of a file cost 5 ms more.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.query import logs  # noqa: E402

ROUNDS = 15
PYTHON = [sys.executable, "-c", "pass"]
SCRIPT = Path(sys.executable).with_name("helicli")
HELICLI = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "helicli"]
COMMANDS = {
    "--version": (["--version"], "2 x bare Python"),
    "help": (["--help"], "150 ms"),
    "tail --help": (["tail", "--help"], "150 ms"),
    "tail --json": (["tail", "--no-follow", "--json"], "100 ms"),
    "tail": (["tail", "--no-follow"], "-"),
    "show last --json": (["show", "last", "--json"], "-"),
    "value completion": (["__complete", "users", ""], "40 ms"),
    "column completion": (["__complete", "columns", ""], "40 ms"),
}


def taken(command: list[str], env: dict[str, str]) -> float:
    """Milliseconds a command takes from start to end."""
    begun = time.perf_counter()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, cwd=env["HOME"])
    return (time.perf_counter() - begun) * 1000


def listening(env: dict[str, str], folder: Path) -> float:
    """Milliseconds from the start of serve until its port answers."""
    ready = folder / "ready.json"
    begun = time.perf_counter()
    command = [*HELICLI, "serve", "--port", "0", "--ready-file", str(ready), "-q", "--db", str(folder / "serve.db")]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not ready.exists():
            time.sleep(0.002)
        return (time.perf_counter() - begun) * 1000
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def main() -> None:
    """Measure and print a table, and the same as JSON on the last line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = logs.sample(folder / "x.db")
        env = {**os.environ, "HOME": name, "HELICLI_DB": str(database), "NO_COLOR": "1"}
        bare: list[float] = []
        times: dict[str, list[float]] = {each: [] for each in COMMANDS}
        for _ in range(ROUNDS):
            bare.append(taken(PYTHON, env))
            for each, (args, _figure) in COMMANDS.items():
                times[each].append(taken([*HELICLI, *args], env))
        serve = [listening(env, folder) for _ in range(5)]
    base = statistics.median(bare)
    rows = [("bare Python", base, "")]
    rows += [(each, statistics.median(found), COMMANDS[each][1]) for each, found in times.items()]
    rows.append(("serve listening", statistics.median(serve), "500 ms"))
    for each, median, figure in rows:
        sys.stdout.write(f"{each:<20} {median:7.1f} ms  {median / base:5.1f} x  {figure}\n")
    sys.stdout.write(json.dumps({each: round(median, 2) for each, median, _ in rows}) + "\n")


if __name__ == "__main__":
    main()
