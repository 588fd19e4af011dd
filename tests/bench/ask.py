"""The bench of questions: each command's whole process beside sqlite3 with the plain SQL of the same answer.

Owns the log it asks, which is built once under the cache folder and kept. A question is asked of a file that the system
has in memory; the median of several rounds counts. Exit code 1 where a figure is missed.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import machine

SIZES = (10_000, 1_000_000, 10_000_000)
FIGURES = {10_000: 100.0, 1_000_000: 300.0, 10_000_000: 300.0}
"""Milliseconds for a whole process."""
SCAN_FIGURE = 3.0
"""Millions of calls a second, looked through without an index."""

USER = "user-0100"
_WORD = "(SELECT id FROM words WHERE word = '{}')"
_MODEL = "coalesce(requested_model, model)"


def questions(now: datetime) -> list[tuple[str, list[str], str]]:
    """The name, the command and the plain SQL of each question."""

    def since(days: int) -> int:
        return round((now - timedelta(days=days)).timestamp() * 1000)

    user, feature = _WORD.format(USER), _WORD.format("feature")
    glob = "IN (SELECT id FROM words WHERE word GLOB 'gpt-4o*')"
    return [
        (
            "tail of a user",
            ["tail", "--no-follow", "-n", "20", "--user", USER, "--json"],
            f"SELECT * FROM calls WHERE user = {user} ORDER BY seq DESC LIMIT 20",
        ),
        (
            "filter user, model",
            ["filter", f"user:{USER} model:gpt-4o*", "-n", "20", "--json"],
            f"SELECT * FROM calls WHERE user = {user} AND (model {glob} OR requested_model {glob})"
            f" AND created_at >= {since(30)} ORDER BY seq DESC LIMIT 20",
        ),
        (
            "filter status:error",
            ["filter", "status:error", "-n", "20"],
            "SELECT * FROM calls WHERE (error IS NOT NULL OR status >= 400)"
            f" AND created_at >= {since(30)} ORDER BY seq DESC LIMIT 20",
        ),
        (
            "costs by model, 30 d",
            ["costs", "--by", "model", "--since", "30d", "--json"],
            f"SELECT {_MODEL}, count(*), sum(input_tokens), sum(output_tokens), sum(cost_nano) FROM calls"
            f" WHERE created_at >= {since(30)} GROUP BY 1",
        ),
        (
            "costs by property, 30 d",
            ["costs", "--by", "prop.Feature", "--since", "30d", "--json"],
            "SELECT p.value, count(*), sum(input_tokens), sum(output_tokens), sum(cost_nano) FROM calls c"
            f" LEFT JOIN properties p ON p.seq = c.seq AND p.name = {feature}"
            f" WHERE created_at >= {since(30)} GROUP BY 1",
        ),
        (
            "stats, 7 d",
            ["stats", "--since", "7d", "--json"],
            "SELECT count(*), sum(error IS NOT NULL OR status >= 400), max(latency_us) FROM calls"
            f" WHERE created_at >= {since(7)};"
            f"SELECT latency_us FROM calls WHERE created_at >= {since(7)} ORDER BY 1 LIMIT 1 OFFSET"
            f" (SELECT count(*) * 95 / 100 FROM calls WHERE created_at >= {since(7)})",
        ),
        (
            "users, 90 d",
            ["users", "--since", "90d", "-n", "20", "--json"],
            "SELECT user, count(*), sum(cost_nano) FROM calls WHERE user IS NOT NULL"
            f" AND created_at >= {since(90)} GROUP BY 1 ORDER BY 3 DESC LIMIT 20",
        ),
    ]


def built(folder: Path, calls: int) -> Path:
    """The log of so many calls, built where it is not there."""
    path = folder / f"{calls}.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "helicli", "demo", "--calls", str(calls), "--db", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        size = path.stat().st_size / 1e6
        sys.stdout.write(
            f"built {calls:,} calls in {time.monotonic() - started:.0f} s ({busy:.0f} s of processor), {size:,.0f} MB\n"
        )
    return path


def timed(command: list[str], env: dict[str, str], rounds: int) -> tuple[float, float]:
    """The medians of milliseconds and of milliseconds of processor of a whole process."""
    walls, busy = [], []
    for _ in range(rounds + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        done = subprocess.run(command, env=env, capture_output=True)
        walls.append((time.perf_counter() - started) * 1000)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
        if done.returncode:
            sys.exit(f"{' '.join(command)}: {done.stderr.decode()}")
    # The first one has warmed the system's memory.
    return statistics.median(walls[1:]), statistics.median(busy[1:])


def ask(path: Path, calls: int, rounds: int, only: str) -> bool:
    """Ask every question of a log; whether all figures hold."""
    now = datetime.now(UTC)
    env = {"PATH": os.environ["PATH"], "HOME": str(path.parent), "HELICLI_DB": str(path), "TZ": "UTC"}
    figure, held = FIGURES.get(calls, 300.0), True
    sys.stdout.write(f"\n{calls:,} calls, {path.stat().st_size / 1e6:,.0f} MB; at most {figure:.0f} ms\n")
    sys.stdout.write(f"{'':26}{'helicli':>10}{'processor':>11}{'sqlite3':>11}\n")
    for name, command, statement in questions(now):
        if only not in name:
            continue
        wall, busy = timed([sys.executable, "-m", "helicli", *command], env, rounds)
        plain = "–"
        if shutil.which("sqlite3"):
            plain = f"{timed(['sqlite3', '-readonly', str(path), statement], env, 1)[0]:,.0f} ms"
        missed = wall > figure
        held = held and not missed
        mark = "   missed" if missed else ""
        sys.stdout.write(f"{name:26}{wall:>7,.0f} ms{busy:>8,.0f} ms{plain:>11}{mark}\n")
        sys.stdout.flush()
    if calls >= 1_000_000 and only in "scan":
        held = scan(path, calls, env) and held
    return held


def scan(path: Path, calls: int, env: dict[str, str]) -> bool:
    """Look through all calls for what has no index: how many a second, and when the first match is shown."""
    helicli = [sys.executable, "-m", "helicli", "filter", "--since", "all"]
    start, started = timed([*helicli, "seq:1", "-n", "1", "--json"], env, 3)
    wall, busy = timed([*helicli, "output_tokens:>1000000000", "-n", "1", "--json"], env, 3)
    speed, alone = (calls / max(took, 1) / 1000 for took in (wall - start, busy - started))
    begun = time.perf_counter()
    with subprocess.Popen(
        [*helicli, "latency:>1us", "-n", "0", "--format", "jsonl"], env=env, stdout=subprocess.PIPE
    ) as all_:
        assert all_.stdout is not None
        all_.stdout.readline()
        first = (time.perf_counter() - begun) * 1000
        all_.kill()
    missed = "" if speed >= SCAN_FIGURE else "   missed"
    sys.stdout.write(f"scan without an index: {speed:.1f} M calls/s, {alone:.1f} M a second of processor")
    sys.stdout.write(f" (at least {SCAN_FIGURE:.0f}){missed};")
    sys.stdout.write(f" first of many matches after {first:,.0f} ms\n")
    return not missed


def main() -> int:
    parser = argparse.ArgumentParser(description="How long questions take, beside plain SQL.")
    parser.add_argument("--calls", type=int, nargs="*", default=SIZES, metavar="N", help="logs of so many calls")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="each question so often (default: 5)")
    parser.add_argument("--only", default="", metavar="TEXT", help="questions with this in their name")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "helicli" / "bench"
    parser.add_argument("--folder", type=Path, default=cache, metavar="DIR", help=f"where logs are kept ({cache})")
    options = parser.parse_args()
    for name, value in machine.describe(Path(__file__).parents[2]).items():
        sys.stdout.write(f"{name:9} {value}\n")
    held = [ask(built(options.folder, calls), calls, options.rounds, options.only) for calls in options.calls]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
