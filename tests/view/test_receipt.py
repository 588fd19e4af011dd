"""The receipt of a run in two lines."""

from __future__ import annotations

from helicli.query.runs import Failure, Receipt
from helicli.view.receipt import lines, rule
from helicli.view.style import Style

PLAIN = Style(False)
FULL = Receipt(
    calls=41,
    cached=3,
    errors=4,
    input_tokens=61_200,
    output_tokens=8_400,
    cost_nano=238_000_000,
    unpriced=2,
    p50_us=1_100_000,
    p95_us=3_900_000,
    slowest=12_470,
    slowest_us=6_200_000,
    failures=(Failure(12_474, 500), Failure(12_475, None), Failure(12_476, 429)),
)
SMALL = Receipt(1, 0, 0, 8, 20, 1_000_000, 0, 5000, 5000, 1, 5000, ())


def test_all_there_is_to_say():
    assert lines(FULL, "helicli tail --run run-7f3a", PLAIN) == [
        "41 calls · 3 cached · 4 errors · 61k→8.4k tokens · $0.2380 · 2 unpriced · p50 1.10s p95 3.90s",
        "slowest 12470 6.20s    errors 12474 500, 12475 –, 12476 429 …    helicli tail --run run-7f3a",
    ]


def test_what_there_is_none_of_is_not_said():
    first, second = lines(SMALL, "see", PLAIN)
    assert first == "1 call · 0 errors · 8→20 tokens · $0.0010 · p50 5ms p95 5ms"
    assert second == "slowest 1 5ms    see"


def test_colour_marks_what_went_wrong():
    first, _ = lines(FULL, "see", Style(True))
    assert "\x1b[31m4 errors\x1b[0m" in first


def test_the_rule_is_as_wide_as_there_is_room_for():
    assert len(rule(40, PLAIN)) == 40
    assert len(rule(200, PLAIN)) == 72
    assert rule(3, PLAIN) == "── helicli "
