"""The streaming bench: what helicli adds to the first byte and to the gaps of streams, beside direct and the bare pump.

Rounds of the lanes are interleaved, because a shared machine drifts, and the next lane begins only when the journal is
empty. It prints no figure without its reference, exits 1 when a stream failed or has no row, 2 when it cannot run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import lanes
import ledger
import machine
import profile_proxy
import report
from drink import Stream, StreamError, drink, first_bytes

NAMES = ("direct", "pump", "helicli")
FIRST_US, ADDED_GAP_MS, GAP_MS, WORST_MS = 400.0, 2.0, 60.0, 500.0


@dataclass
class Seen:
    """What one lane showed, over all its rounds."""

    first_us: list[list[float]] = field(default_factory=list)
    gaps_one: list[float] = field(default_factory=list)
    gaps_many: list[float] = field(default_factory=list)
    late_many: list[float] = field(default_factory=list)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    streams: int = 0


@contextmanager
def dripping(folder: Path) -> Iterator[lanes.Lane]:
    """The mock, which is the direct lane too."""
    ready, log = folder / "drip.json", folder / "drip.log"
    command = [sys.executable, str(lanes.HERE / "drip.py"), "--ready-file", str(ready)]
    with lanes.child(command, log) as process:
        yield lanes.Lane("direct", lanes.wait_ready(process, ready, log)["address"], {"mock": process.pid})


def percentile(values: list[float], share: float) -> float:
    """The value that so large a share stays below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def settle(lane: lanes.Lane) -> None:
    if lane.database is not None:
        ledger.wait_empty(lane.address)


def one(lane: lanes.Lane, seen: Seen, options: argparse.Namespace) -> None:
    """First bytes of short streams one after another, then the gaps of one fast stream."""
    seen.first_us.append(first_bytes(lane.address, options.firsts))
    [stream] = drink(lane.address, 1, 5, options.events)
    seen.gaps_one += stream.added_gaps_ms()
    seen.streams += options.firsts + 1
    settle(lane)


def many(lane: lanes.Lane, pids: dict[str, int], seen: Seen, options: argparse.Namespace) -> None:
    """A thousand streams of twenty events a second."""
    used = {name: ledger.cpu_seconds(pid) for name, pid in pids.items()}
    own, began = time.process_time(), time.monotonic()
    streams: list[Stream] = drink(lane.address, options.streams, 50, 20 * options.seconds, ramp=2.0)
    took = time.monotonic() - began
    for name, pid in pids.items():
        seen.cpu.setdefault(name, []).append((ledger.cpu_seconds(pid) - used[name]) / took)
    seen.cpu.setdefault("load", []).append((time.process_time() - own) / took)
    for stream in streams:
        seen.gaps_many += stream.gaps_ms()
        seen.late_many += [(came - sent) / 1e6 for sent, came in zip(stream.sent, stream.came, strict=True)]
    seen.streams += options.streams
    settle(lane)


def measure(options: argparse.Namespace, folder: Path) -> int:
    where = machine.describe(lanes.ROOT)
    say(*(f"{name:9} {value}" for name, value in where.items()))
    with ExitStack() as stack:
        mock = stack.enter_context(dripping(folder))
        makers = {"pump": lanes.pump, "helicli": lanes.helicli}
        running = [mock]
        running += [
            stack.enter_context(makers[name](folder, mock.address)) for name in NAMES[1:] if name in options.lanes
        ]
        seen = {lane.name: Seen() for lane in running}
        for lane in running:
            drink(lane.address, 8, 1, 100)
            seen[lane.name].streams += 8
            settle(lane)
        for turn in range(options.rounds):
            shift = turn % len(running)
            for lane in running[shift:] + running[:shift]:
                one(lane, seen[lane.name], options)
                note(f"one stream {turn + 1}/{options.rounds}  {lane.name}")
        for turn in range(options.loads):
            shift = turn % len(running)
            for lane in running[shift:] + running[:shift]:
                many(lane, mock.pids | lane.pids, seen[lane.name], options)
                note(f"{options.streams} streams {turn + 1}/{options.loads}  {lane.name}")
        lost = 0
        for lane in running:
            if lane.database is not None:
                lost = seen[lane.name].streams - ledger.rows(lane.database)
        show(seen, lost, options)
        if options.profile:
            target = running[-1]
            say(
                "",
                *profile_proxy.profile(
                    target, lambda seconds: drink(target.address, options.streams, 50, 20 * seconds), folder
                ),
            )
    return 1 if lost else 0


def show(seen: dict[str, Seen], lost: int, options: argparse.Namespace) -> None:
    """The tables and the figures."""
    direct = seen["direct"]
    firsts: report.Rows = [
        ("one stream", "first byte ms p50", "p95", "added p50", "added gap ms p50", "p99", "worst", "", "")
    ]
    for name, lane in seen.items():
        flat = [value for each in lane.first_us for value in each]
        added = "-" if name == "direct" else report.ms(added_first(lane, direct))
        gaps = [
            f"{value:.3f}" for value in (median(lane.gaps_one), percentile(lane.gaps_one, 0.99), max(lane.gaps_one))
        ]
        firsts.append((name, report.ms(median(flat)), report.ms(percentile(flat, 0.95)), added, *gaps, "", ""))
    loads: report.Rows = [
        (f"{options.streams} streams", "gap ms p50", "p99", "worst", "delay ms p50", "p99", "CPU of one core", "")
    ]
    for name, lane in seen.items():
        cells = [
            f"{value:.1f}" for value in (median(lane.gaps_many), percentile(lane.gaps_many, 0.99), max(lane.gaps_many))
        ]
        cells += [f"{value:.1f}" for value in (median(lane.late_many), percentile(lane.late_many, 0.99))]
        cpu = ", ".join(f"{each} {median(shares):.0%}" for each, shares in lane.cpu.items())
        loads.append((name, *cells, cpu, ""))
    say("", *report.align(firsts), "", *report.align(loads), "")
    if percentile(direct.gaps_many, 0.99) > GAP_MS or max(direct.gaps_many) > WORST_MS:
        say(
            "mock-bound: the direct lane itself misses the figures of many streams, so they say nothing of the others",
            "",
        )
    if "helicli" not in seen:
        return
    own = seen["helicli"]
    say(f"rows    {own.streams:,} streams, {lost} of them without a row", "")
    held = [
        report.Figure("added first byte, p50", added_first(own, direct) / 1000, FIRST_US / 1000, "ms"),
        report.Figure("added gap, one stream, p99", percentile(own.gaps_one, 0.99), ADDED_GAP_MS, "ms"),
        report.Figure(f"gap, {options.streams} streams, p99", percentile(own.gaps_many, 0.99), GAP_MS, "ms"),
        report.Figure(f"gap, {options.streams} streams, worst", max(own.gaps_many), WORST_MS, "ms"),
    ]
    say(*report.figure_table(held))


def added_first(lane: Seen, direct: Seen) -> float:
    """Microseconds: the median over rounds of lane - direct, each round beside its own."""
    return median(median(a) - median(b) for a, b in zip(lane.first_us, direct.first_us, strict=True))


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What helicli adds to streams, beside direct and the bare pump.")
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    parser.add_argument("--streams", type=int, default=1000, metavar="N", help="how many at once (default: 1000)")
    parser.add_argument("--lanes", default=",".join(NAMES), help="which lanes, such as direct,helicli (default: all)")
    parser.add_argument("--profile", action="store_true", help="at last, where the proxy's time goes (needs py-spy)")
    options = parser.parse_args(arguments)
    options.lanes = options.lanes.split(",")
    options.firsts, options.events = (50, 400) if options.quick else (200, 1000)
    options.rounds, options.loads, options.seconds = (2, 1, 5) if options.quick else (6, 3, 15)
    return options


def say(*lines: str) -> None:
    sys.stdout.write("".join(line + "\n" for line in lines))
    sys.stdout.flush()


def note(line: str) -> None:
    """Progress, on a terminal only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"  {line}\n")


def main() -> int:
    options = parse(sys.argv[1:])
    if complaints := machine.missing(tools=()):
        sys.stderr.write("\n".join(complaints) + "\n")
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="helicli-streams-") as folder:
            return measure(options, Path(folder))
    except (lanes.LaneError, StreamError) as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, lanes.LaneError) else 1
    except (ledger.Stuck, OSError) as error:
        sys.stderr.write(f"a process of the bench is gone or does not answer: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
