"""What rows come to: each call in every cell it belongs to, and the sums of a group in one number."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

import pytest

from helicli.histogram import bucket, counted
from helicli.store import cell_rows
from helicli.store.cell_rows import Measured, joined
from helicli.store.connect import open_writer
from helicli.store.dimensions import DIMENSIONS, SUMS
from tests.query import logs

DAY = 86_400_000


@pytest.fixture
def found(tmp_path, monkeypatch):
    # In several portions, which are told as one.
    monkeypatch.setattr(cell_rows, "_CHUNK", 4)
    path = logs.write(
        tmp_path / "x.db",
        *(
            logs.call(n, at=logs.T0 + n * DAY // 8, user="ada" if n % 2 else None, name="a", prompt="p",
                      prompt_version=n % 2, latency_us=n * 1000, ttft_us=7 if n == 3 else None,
                      properties={"feature": "x", "tenant": str(n)})
            for n in range(1, 11)
        ),
        logs.failed(11, at=logs.T0 + DAY, status=None, error="timeout"),
    )  # fmt: skip
    with closing(open_writer(path)) as db:
        yield list(Measured(db, 0, 11).cells())


def test_every_dimension_has_its_cells(found):
    cells = Counter(key[0] for key, _, _ in found)
    assert set(cells) == {each.name for each in DIMENSIONS} - {"key", "cache"}
    for dimension in DIMENSIONS:
        spans = {start % dimension.span_ms for key, start, _ in found if key[0] == dimension.name}
        assert spans <= {0}
    assert len({(key, start) for key, start, _ in found}) == len(found)


def test_what_they_come_to(found):
    def whole(name: str) -> dict[str, int]:
        folded = joined([folded for key, _, folded in found if key[0] == name])
        return dict(zip(SUMS, folded.sums, strict=True))

    assert whole("total")["calls"] == whole("outcome")["calls"] == whole("status")["calls"] == 11
    assert whole("total") == whole("model") == whole("outcome")
    assert (whole("total")["errors"], whole("total")["cost_nano"]) == (1, 10 * 1_990_000)
    assert whole("user")["calls"] == 5
    assert whole("property")["calls"] == 20
    total = joined([folded for key, _, folded in found if key[0] == "total"])
    assert (total.latency_max, total.last_at) == (10_000, logs.T0 + 10 * DAY // 8)
    assert counted(total.ttft) == {7: 1}
    assert counted(total.latency) == Counter(map(bucket, [*range(1000, 11_000, 1000), 420]))
