"""What calls would have cost as another model's."""

from __future__ import annotations

from msgspec.structs import replace

from helicli.query.costs import as_model, known_rate
from helicli.query.reading import opened
from helicli.query.totals import Totals
from helicli.rates import Rate, make_tier
from helicli.store.calls import Priced
from tests.query import logs

TIER = make_tier(-1, {"input": 150_000, "output": 600_000, "cache_read": 75_000, "request": 1000})
RATE = Rate("openai", "gpt-4o-mini", "x", (TIER,), valid_until=logs.T0 + 1)


def test_tokens_by_class_and_a_fee_for_each_paid_call():
    total = Totals(calls=10, hits=2, errors=1, input_tokens=1000, output_tokens=100, cache_read_tokens=10)
    assert as_model(total, TIER) == 150_000 + 60_000 + 750 + 7
    assert as_model(Totals(), TIER) == 0


def test_the_rate_of_a_model_that_was_met_while_it_is_valid(tmp_path):
    path = logs.write(tmp_path / "x.db", replace(logs.call(1), priced=Priced(RATE, TIER, (RATE,))))
    with opened(path) as db:
        assert known_rate(db, "gpt-4o-mini", logs.T0) == RATE
        assert known_rate(db, "gpt-4o-mini", logs.T0 + 1) is None
        assert known_rate(db, "gpt-5", logs.T0) is None
