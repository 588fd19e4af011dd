"""Costs by model."""

from __future__ import annotations

from helicli.query.costs import ModelCost, by_model
from helicli.query.reading import opened
from tests.query import logs


def test_the_dearest_first_and_unknown_is_none(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        logs.call(
            1, model="gpt-4o-2024-08-06", cost_nano=10, input_tokens=1, cache_read_tokens=2, cache_write_tokens=4
        ),
        logs.call(2, model="gpt-4o", cost_nano=20, input_tokens=8, output_tokens=5),
        logs.call(3, model="dear", requested_model="dear", cost_nano=100),
        logs.call(4, model="odd", requested_model="odd", cost_nano=None),
        logs.failed(5, requested_model="gpt-4o"),
    )
    with opened(path) as log:
        costs = by_model(log)
    assert [(each.model, each.cost_nano) for each in costs] == [("dear", 100), ("gpt-4o", 30), ("odd", None)]
    assert costs[1] == ModelCost("gpt-4o", 3, 1, 1 + 2 + 4 + 8, 96 + 5, 30)
