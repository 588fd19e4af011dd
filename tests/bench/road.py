"""The road bench: what helicli adds to a call and how many it carries, beside nginx and the bare pump in one run.

Rounds of the lanes are interleaved, because a shared machine drifts, and the next lane begins only when the journal
is empty. It prints no figure without its reference and exits 1 when a call was lost or failed, 2 when it cannot run.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import lanes
import ledger
import machine
import profile_proxy
import report
from load import LoadError, Round, as_round, run_wrk, write_script

NAMES = ("direct", "nginx", "pump", "helicli")


@dataclass(frozen=True)
class Phase:
    """So many rounds of so many seconds with so many clients."""

    name: str
    clients: int
    rounds: int
    seconds: int


@dataclass
class Bench:
    """The lanes that run and what has been seen of them; `reached` counts the calls nginx served for helicli."""

    running: list[lanes.Lane]
    script: Path
    rounds: list[Round]
    served: ledger.Served
    reached: int = 0

    def run(self, phase: Phase) -> None:
        """All rounds of a phase; each begins one lane later, so that no lane always has the same neighbour."""
        for turn in range(phase.rounds):
            shift = turn % len(self.running)
            for lane in self.running[shift:] + self.running[:shift]:
                one = self.one_round(lane, phase)
                self.rounds.append(one)
                note(f"{phase.name} {turn + 1}/{phase.rounds}  {lane.name:8} {one.per_second:10,.0f} req/s")

    def one_round(self, lane: lanes.Lane, phase: Phase) -> Round:
        """Load on one lane; for helicli also the wait for its journal and the count of what reached the mock."""
        before = self.served.settled()
        used = {name: ledger.cpu_seconds(pid) for name, pid in lane.pids.items()}
        began = time.monotonic()
        seen = run_wrk(lane.address, self.script, phase.clients, phase.seconds)
        took = time.monotonic() - began
        cpu = {name: (ledger.cpu_seconds(pid) - used[name]) / took for name, pid in lane.pids.items()}
        one = as_round(lane.name, phase.name, phase.clients, seen, cpu)
        if lane.database is None:
            return one
        drain = ledger.wait_empty(lane.address)
        after = self.served.settled()
        # Calls that were still running at the first look have ended by now; they too must be rows before the next lane.
        ledger.wait_empty(lane.address)
        self.reached += after - before
        return replace(one, drain=drain)


def plan(options: argparse.Namespace) -> list[Phase]:
    """The phases of a run; 64 clients for 60 s with --full."""
    seconds = 3 if options.quick else 10
    latency = Phase("latency", 1, 4, 1) if options.quick else Phase("latency", 1, 12, 1)
    many = Phase("load", 64, 1, 60) if options.full else Phase("load", 64, 1, seconds)
    return [Phase("warm-up", 8, 1, 1), latency, Phase("load", 8, 1, seconds), many]


def start(stack: ExitStack, folder: Path, names: list[str]) -> list[lanes.Lane]:
    """The lanes asked for, in their order, each checked with one call; the direct one is always there."""
    mock = stack.enter_context(lanes.mock(folder))
    makers = {"nginx": lanes.nginx_pass, "pump": lanes.pump, "helicli": lanes.helicli}
    running = [mock]
    running += [stack.enter_context(makers[name](folder, mock.address)) for name in NAMES[1:] if name in names]
    for lane in running:
        lanes.check(lane)
    return running


def account(bench: Bench, lane: lanes.Lane, before: int) -> dict[str, Any]:
    """What helicli kept of the load, and the memory it took; `before` is the number of rows at the start."""
    rounds = report.of(bench.rounds, lane.name)
    assert lane.database is not None
    rows = ledger.rows(lane.database) - before
    cut = sum(one.clients for one in rounds)
    return {
        "answered": sum(one.requests for one in rounds),
        "reached": bench.reached,
        "rows": rows,
        "cut_at_most": cut,
        "lost": max(0, bench.reached - rows),
        "doubled": max(0, rows - bench.reached - cut),
        "drain": max(one.drain or 0 for one in rounds),
        "health": ledger.health(lane.address),
    }


def measure(options: argparse.Namespace, folder: Path) -> int:
    """Runs the bench and prints it; the exit code."""
    where = machine.describe(lanes.ROOT)
    say(*(f"{name:9} {value}" for name, value in where.items()))
    with ExitStack() as stack:
        running = start(stack, folder, options.lanes)
        named = {lane.name: lane for lane in running}
        own = named.get("helicli")
        if own:
            ledger.wait_empty(own.address)
        before = ledger.rows(own.database) if own and own.database else 0
        bench = Bench(running, write_script(folder), [], ledger.Served(running[0].address))
        phases = plan(options)
        for phase in phases:
            bench.run(phase)
        memory = {lane.name: {name: ledger.memory(pid) for name, pid in lane.pids.items()} for lane in running}
        kept = account(bench, own, before) if own else None
        code = show(bench.rounds, list(named), memory, kept)
        if options.json:
            record = {"where": where, "phases": [asdict(one) for one in phases], "memory": memory, "kept": kept}
            record["rounds"] = [asdict(one) for one in bench.rounds]
            options.json.write_text(json.dumps(record, indent=1) + "\n")
        if options.profile:
            target = own or named["pump"]
            say("", *profile_proxy.profile(target, partial(run_wrk, target.address, bench.script, 64), folder))
    return code


def show(rounds: list[Round], names: list[str], memory: dict[str, Any], kept: dict[str, Any] | None) -> int:
    """Prints the tables, the ledger and the figures; 1 where something failed or was lost."""
    say("", *report.latency_table(rounds, names))
    say("", *report.load_table(rounds, names, (1, 8, 64)), "")
    for lane, processes in memory.items():
        say(*(f"memory  {lane} {name}: {at['now']:.1f} MB, peak {at['peak']:.1f} MB" for name, at in processes.items()))
    failed = sum(one.failed for one in rounds)
    if kept is None:
        return 1 if failed else 0
    say(
        f"journal empty {kept['drain']:.2f} s after a round at most",
        f"calls   {kept['answered']:,} answered, {kept['reached']:,} served upstream, {kept['rows']:,} rows "
        f"(at most {kept['cut_at_most']} cut off by wrk): {kept['lost']} lost, {kept['doubled']} doubled",
    )
    if "pump" in names:
        say("", *report.figure_table(report.figures(rounds, kept["drain"], memory["helicli"])))
    return 1 if failed or kept["lost"] or kept["doubled"] else 0


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What helicli adds to a call, beside nginx and the bare pump.")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="3 s a measurement instead of 10")
    length.add_argument("--full", action="store_true", help="60 s with 64 clients")
    parser.add_argument("--lanes", default=",".join(NAMES), help="which lanes, such as direct,pump (default: all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round to FILE")
    parser.add_argument("--profile", action="store_true", help="at last, where the proxy's time goes (needs py-spy)")
    options = parser.parse_args(arguments)
    options.lanes = options.lanes.split(",")
    if unknown := set(options.lanes) - set(NAMES):
        parser.error(f"no lane {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if options.profile and not {"pump", "helicli"} & set(options.lanes):
        parser.error("--profile needs the lane helicli or pump")
    return options


def say(*lines: str) -> None:
    sys.stdout.write("".join(line + "\n" for line in lines))
    sys.stdout.flush()


def note(line: str) -> None:
    """Progress, on a terminal only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"  {line}\n")


def leave(number: int, _: object) -> NoReturn:
    raise SystemExit(128 + number)


def main() -> int:
    options = parse(sys.argv[1:])
    if complaints := machine.missing():
        sys.stderr.write("\n".join(complaints) + "\n")
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    try:
        with tempfile.TemporaryDirectory(prefix="helicli-road-") as folder:
            return measure(options, Path(folder))
    except (lanes.LaneError, LoadError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (ledger.Stuck, OSError) as error:
        sys.stderr.write(f"a process of the bench is gone or does not answer: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
