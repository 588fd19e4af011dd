"""The receipt of a run."""

from __future__ import annotations

from helicli.query.reading import opened
from helicli.query.runs import Failure, Receipt, receipt
from tests.query import logs


def test_the_sums_of_one_run_alone(tmp_path):
    calls = [
        logs.call(number, run="run-a", latency_us=number * 1000, input_tokens=1, output_tokens=2, cost_nano=10)
        for number in range(1, 21)
    ]
    path = logs.write(
        tmp_path / "x.db",
        *calls,
        logs.failed(21, run="run-a"),
        logs.call(22, run="run-a", cost_nano=None, latency_us=7, cache_read_tokens=5),
        logs.call(23, run="run-b"),
        logs.call(24),
    )
    with opened(path) as log:
        found = receipt(log, "run-a")
        none = receipt(log, "run-c")
    assert found == Receipt(
        calls=22,
        cached=0,
        errors=1,
        input_tokens=20 + 412 + 5,
        output_tokens=40 + 96,
        cost_nano=200,
        unpriced=1,
        p50_us=9000,
        p95_us=19_000,
        slowest=20,
        slowest_us=20_000,
        failures=(Failure(21, 429),),
    )
    assert (none.calls, none.slowest, none.p95_us) == (0, None, 0)


def test_it_reads_by_index(tmp_path):
    path = logs.sample(tmp_path / "x.db")
    with opened(path) as log:
        asked = []
        log.set_trace_callback(asked.append)
        receipt(log, "run-a")
        log.set_trace_callback(None)
        for statement in asked:
            plan = " ".join(row[3] for row in log.execute(f"EXPLAIN QUERY PLAN {statement}"))
            assert "calls_run" in plan, plan
