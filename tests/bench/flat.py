"""The memory bench: resident size of proxy and recorder, second by second, under a steady load.

What is printed is the highest size, and the slope after the first third, in which caches fill and the allocator finds
its size. It exits 1 when calls failed, 2 when it cannot run. No verdict on a run of less than three minutes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

import lanes
import ledger
import machine
import report
from load import LoadError, run_wrk, write_script

BOUNDS = {"proxy": 70.0, "recorder": 90.0}
SLOPE = 1.0
"""MB a minute: less is not told from the noise of an allocator in some minutes."""


def sample(pids: dict[str, int], stop: threading.Event) -> dict[str, list[float]]:
    """Resident MB of each process once a second until `stop`."""
    seen: dict[str, list[float]] = {name: [] for name in pids}
    while not stop.wait(1):
        for name, pid in pids.items():
            seen[name].append(ledger.memory(pid)["now"])
    return seen


def slope(values: list[float]) -> float:
    """Least squares, per minute, of values a second apart."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    above = sum((at - middle) * (value - mean) for at, value in enumerate(values))
    return 60 * above / sum((at - middle) ** 2 for at in range(len(values)))


def measure(options: argparse.Namespace, folder: Path) -> int:
    """Load, samples, table; the exit code."""
    say(*(f"{name:9} {value}" for name, value in machine.describe(lanes.ROOT).items()))
    with ExitStack() as stack:
        mock = stack.enter_context(lanes.mock(folder))
        lane = stack.enter_context(lanes.helicli(folder, mock.address))
        lanes.check(lane)
        seconds = int(options.minutes * 60)
        stop, found = threading.Event(), dict[str, list[float]]()
        watching = threading.Thread(target=lambda: found.update(sample(lane.pids, stop)))
        watching.start()
        try:
            ran = run_wrk(lane.address, write_script(folder), options.clients, seconds)
        finally:
            stop.set()
            watching.join()
        drain = ledger.wait_empty(lane.address)
        assert lane.database is not None
        failed = sum(ran[name] for name in ("connect", "read", "write", "status", "timeout"))
        say(
            "",
            f"{ran['requests']:,} calls in {seconds} s by {options.clients} clients, {failed} failed; "
            f"{ledger.rows(lane.database):,} rows, journal empty {drain:.1f} s after",
            "",
        )
        show(found)
    return 1 if failed else 0


def show(found: dict[str, list[float]]) -> None:
    """Size at a few moments, the highest, and the slope after the first third."""
    rows: report.Rows = [("process", "MB after 1/3", "2/3", "end", "highest", "MB a minute", "", "")]
    for name, values in found.items():
        third = len(values) // 3
        later = slope(values[third:])
        flat = "flat" if abs(later) <= SLOPE else "grows" if later > 0 else "shrinks"
        verdict = f"{flat}, {'within' if max(values) <= BOUNDS[name] else 'beyond'} {BOUNDS[name]:.0f} MB"
        cells = [f"{values[at]:.1f}" for at in (third, 2 * third, -1)]
        rows.append((name, *cells, f"{max(values):.1f}", f"{later:+.2f}", verdict if len(values) >= 170 else "", ""))
    say(*report.align(rows))


def say(*lines: str) -> None:
    sys.stdout.write("".join(line + "\n" for line in lines))
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description="Whether proxy and recorder stay as large as they are under load.")
    parser.add_argument("--minutes", type=float, default=5.0, help="default: 5")
    parser.add_argument("--clients", type=int, default=4, help="connections of wrk (default: 4)")
    options = parser.parse_args()
    if complaints := machine.missing():
        sys.stderr.write("\n".join(complaints) + "\n")
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="helicli-flat-") as folder:
            return measure(options, Path(folder))
    except (lanes.LaneError, LoadError, ledger.Stuck, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
