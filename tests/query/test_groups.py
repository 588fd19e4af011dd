"""Groups: cells and rows tell the same of any log, filter, window and zone."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from helicli.filters import Filter, parse
from helicli.grouping import begin, by, every
from helicli.query import groups
from helicli.query.calls import newest
from helicli.query.cover import cover
from helicli.query.groups import sums, times
from helicli.query.reading import opened
from helicli.query.totals import Times, Totals
from helicli.store import cells
from helicli.store.cell_mark import last_seq
from helicli.store.cells import CellWriter
from helicli.store.connect import open_writer
from helicli.store.dimensions import FIRST, OVERHEAD, TIMES
from tests.query import logs

DAY = 86_400_000
# Around the Sunday on which Europe's clocks go back.
FROM = 1_792_800_000_000 - 1_792_800_000_000 % DAY
_NAMES = ("Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Los_Angeles", "Pacific/Kiritimati")
ZONES = [UTC, *map(ZoneInfo, _NAMES)]
FILTERS = [
    "", "user:ada", "-user:ada", "user:ada,linus", "model:gpt-4o*", "-model:gpt-4o", "provider:anthropic",
    "status:error", "status:ok", "-status:5xx", "error:timeout", "cache:hit", "-cache:hit", "name:a", "prompt:p",
    "prop.feature:x", "-prop.feature:x", "prop.feature:*", "user:ada model:gpt-4o", "user:ada or user:grace",
    "fallback_index:1", "latency:>1s", "prop.feature:x prop.tenant:t1", "not (user:ada or user:linus)",
    "model:gpt-4o status:error", "cache:hit -model:gpt-4o", "-status:error provider:openai cache:miss",
]  # fmt: skip
GROUPS = [
    [], ["model"], ["provider"], ["user"], ["status"], ["error", "status"], ["cache"], ["prop.feature"], ["name"],
    ["prop.none"], ["day"], ["hour", "model"], ["week", "user"], ["month"], ["day", "prop.feature"], ["session"],
    ["user", "model"], ["prompt"], ["key"], ["day", "user"], ["day", "month", "name"], ["model", "status", "error"],
    ["cache", "week", "model"], ["fallback_index"],
]  # fmt: skip


def random_log(path, seed: int, count: int, block: int, late: int) -> None:
    """A log with calls of 24 days, most of them in cells; `late` calls end long after they began."""
    chance = random.Random(seed)
    calls = []
    for number in range(1, count + 1):
        at = FROM + number * 24 * DAY // count - (chance.randrange(DAY) if number % 7 < late else 0)
        error = chance.choice([None] * 8 + ["timeout"])
        model = chance.choice(["gpt-4o", "gpt-4o-2024-08-06", "claude-sonnet-4", None])
        calls.append(
            logs.call(
                number,
                at=at,
                user=chance.choice(["ada", "linus", "grace", None]),
                name=chance.choice(["a", "b", None]),
                prompt=chance.choice(["p", None]),
                session=chance.choice(["s1", "s2", None]),
                model=model,
                requested_model=chance.choice([model, "gpt-4o", "a, gpt-4o", None]),
                fallback_index=chance.choice([None, None, 0, 1]),
                provider="anthropic" if model == "claude-sonnet-4" else "openai",
                status=None if error else chance.choice([200, 200, 200, 429, 500]),
                error=error,
                cost_nano=chance.choice([None, 0, 1, 12_345_678_901]),
                latency_us=chance.randrange(1, 10**8),
                ttft_us=chance.choice([None, 1000, 25_000]),
                overhead_us=chance.choice([None, 300]),
                input_tokens=chance.choice([None, 5, 10_000]),
                properties={
                    name: value
                    for name, value in (("feature", chance.choice("xyz")), ("tenant", f"t{chance.randrange(4)}"))
                    if chance.random() < 0.7
                },
                request=b"", response=b"",
            )
        )  # fmt: skip
    logs.write(path, *calls)
    with closing(open_writer(path)) as db:
        # Nothing writes these columns yet.
        for word in ("hit", "miss", "k1"):
            db.execute("INSERT OR IGNORE INTO words (word) VALUES (?)", (word,))
        db.execute("UPDATE calls SET cache = (SELECT id FROM words WHERE word = 'miss') WHERE seq % 3 = 0")
        hit = "SELECT id FROM words WHERE word = 'hit'"
        db.execute(f"UPDATE calls SET cache = ({hit}), saved_nano = 7, saved_us = 9 WHERE seq % 5 = 0")
        db.execute("UPDATE calls SET key = (SELECT id FROM words WHERE word = 'k1') WHERE seq % 4 = 0")
        writer = CellWriter(db)
        db.execute("BEGIN")
        while writer.advance(last_seq(db), block):
            pass
        db.execute("COMMIT")


@pytest.fixture(scope="module")
def logs_made(tmp_path_factory):
    """Three logs: all in cells but a few calls, in small blocks with late calls, and without a whole block."""
    folder = tmp_path_factory.mktemp("logs")
    made = []
    for seed, (count, block, late) in enumerate(((700, 690, 0), (500, 45, 3), (300, 301, 1))):
        random_log(folder / f"{seed}.db", seed, count, block, late)
        made.append(folder / f"{seed}.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "VALUES_MAX", 2)
        random_log(folder / "full.db", 9, 400, 100, 1)
    return [*made, folder / "full.db"]


windows = st.one_of(
    st.none(), st.integers(FROM - DAY, FROM + 25 * DAY), st.integers(-1, 25).map(lambda day: FROM + day * DAY)
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    which=st.integers(0, 3),
    text=st.sampled_from(FILTERS),
    words=st.sampled_from(GROUPS),
    zone=st.sampled_from(ZONES),
    since=windows,
    until=windows,
    known=st.booleans(),
)
def test_cells_and_rows_agree(logs_made, which, text, words, zone, since, until, known):
    chosen = replace(parse(text), since_ms=since, until_ms=until)
    what = [by(word) for word in words]
    with opened(logs_made[which]) as db:
        by_cells = sums(db, chosen, what, zone, known=known)
        by_rows = sums(db, chosen, what, zone, known=known, rows_only=True)
        assert {key: plain(total) for key, total in by_cells.items()} == {
            key: plain(total) for key, total in by_rows.items()
        }
        took = times(db, chosen, what, zone)
        assert took == times(db, chosen, what, zone, rows_only=True)
        for only, below in ((TIMES[:1], FIRST), (TIMES[:2], OVERHEAD)):
            some = {key: Times({at: n for at, n in each.buckets.items() if at < below}) for key, each in took.items()}
            assert times(db, chosen, what, zone, only=only) == some
            assert times(db, chosen, what, zone, only=only, rows_only=True) == some
        if not words:
            whole = sums(db, chosen, what, zone, maxima=True)
            assert whole == sums(db, chosen, what, zone, maxima=True, rows_only=True)


def test_the_longest_call_is_one_of_the_window(logs_made):
    # The first cell of the outcome has a longer one, before the window begins.
    chosen = replace(parse("model:gpt-4o status:error"), since_ms=1_794_535_892_302)
    with opened(logs_made[1]) as db:
        assert sums(db, chosen, maxima=True) == sums(db, chosen, maxima=True, rows_only=True)
        assert cover(db, chosen, ()).pieces[-1].sign == -1


def plain(total: Totals) -> Totals:
    return replace(total, latency_max_us=0, last_at=0)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.sampled_from(FILTERS), zone=st.sampled_from(ZONES), since=windows, step=st.sampled_from([5, 7, 60]))
def test_they_agree_with_the_calls_one_by_one(logs_made, text, zone, since, step):
    chosen = replace(parse(text), since_ms=since)
    stretch = every(step * 60_000)
    with opened(logs_made[1]) as db:
        calls = newest(db, chosen, 10_000)
        whole = sums(db, chosen, (), zone, maxima=True).get((), Totals())
        volume = sums(db, chosen, (stretch, by("user")), zone)
    assert whole.calls == len(calls)
    assert whole.errors == sum(call.failed for call in calls)
    assert whole.cost_nano == sum(call.cost_nano or 0 for call in calls)
    assert whole.unpriced == sum(call.cost_nano is None for call in calls)
    assert whole.input_tokens == sum(call.input_tokens or 0 for call in calls)
    assert whole.latency_max_us == max((call.latency_us for call in calls), default=0)
    counted = Counter((begin(stretch, call.created_at, zone), call.user) for call in calls)
    assert {key: total.calls for key, total in volume.items()} == counted


@pytest.mark.parametrize(
    ("text", "words", "dimension"),
    [
        ("", [], "total"),
        ("", ["day"], "total"),
        ("model:gpt-4o*", ["provider"], "model"),
        ("status:error", ["error"], "status"),
        ("user:ada", [], "user"),
        ("user:ada", ["user"], "user"),
        ("prop.feature:x", ["prop.feature"], "property"),
        ("prop.feature:x", ["prop.tenant"], None),
        ("user:ada", ["model"], None),
        ("model:gpt-4o", ["status", "error"], "outcome"),
        ("cache:hit", ["provider", "week"], "outcome"),
        ("cache:hit", ["provider", "hour"], None),
        ("latency:>1s", [], None),
        ("", ["session"], None),
        ("user:ada", ["day"], "user"),
        ("user:ada", ["hour"], None),
    ],
)
def test_which_cells_answer(logs_made, text, words, dimension):
    with opened(logs_made[0]) as db:
        found = cover(db, parse(text), [by(word) for word in words])
        assert (found.dimension.name if found.dimension else None) == dimension


def test_whatever_cells_there_are_only_whole_blocks_were_counted(logs_made):
    with opened(logs_made[2]) as db:
        assert cover(db, Filter(), ()).dimension is None
    with opened(logs_made[1]) as db:
        assert len(cover(db, Filter(), ()).pieces) == 1
        assert len(cover(db, Filter(since_ms=FROM + 5), ()).pieces) == 2


def test_a_day_without_cells_is_read_of_rows(logs_made):
    with opened(logs_made[3]) as db:
        found = cover(db, Filter(), (by("prop.tenant"),))
        assert found.dimension is not None
        assert len(found.pieces) > 2
        assert len(found.ranges) < len(found.pieces)


def test_wide_cells_have_the_sums_of_whole_weeks_and_days(logs_made):
    with opened(logs_made[0]) as db:
        tables = {table for table, _, _ in cover(db, Filter(since_ms=FROM + 5), (by("user"),)).windows}
        assert tables == {"cells", "wide_cells"}
        assert len(list(cover(db, Filter(), (by("model"),)).windows)) == 1
        elsewhere = cover(db, Filter(), (by("model"), by("day")), ZONES[1])
        assert {table for table, _, _ in elsewhere.windows} == {"cells"}
        by_day = cover(db, Filter(), (by("model"), by("day")))
        assert {table for table, _, _ in by_day.windows} == {"wide_cells"}
    with opened(logs_made[3]) as db:
        days = [each for each in cover(db, Filter(), (by("prop.tenant"),)).windows if each[0] == "wide_cells"]
        gaps = [row[0] for row in db.execute("SELECT start FROM cell_gaps WHERE dimension = 'property'")]
        assert gaps and not any(since <= gap < until for _, since, until in days for gap in gaps)


def test_explained(logs_made):
    with opened(logs_made[0]) as db:
        told = groups.explained(db, Filter(since_ms=FROM + 5), (by("user"),))
        assert told[0].startswith("cells by user, from 2026-")
        assert told[1].startswith("wide_cells by user, from 2026-") and told[1].endswith("to now")
        assert [line.split(" WHERE ")[0] for line in told[2::2]] == [
            "rows of calls c NOT INDEXED", "less rows of calls c INDEXED BY calls_created_at",
        ]  # fmt: skip
        rows = groups.explained(db, parse("user:ada latency:>1s"))
        assert rows[0].startswith("rows of calls c WHERE c.user =") and rows[1] == "parameters: 'ada', 1000000"
        assert groups.explained(db, Filter(), (by("prop.Feature"),))[0].startswith(
            "wide_cells by property feature, from the"
        )


def test_nothing_is_held_open(logs_made):
    with opened(logs_made[0]) as db:
        sums(db, Filter(), (by("user"),))
        assert not db.in_transaction
        with groups.snapshot(db), groups.snapshot(db):
            assert db.in_transaction
        assert not db.in_transaction


@pytest.mark.parametrize("block", [0, 2])
def test_the_money_of_a_fallback_is_that_of_the_model_that_answered(tmp_path, block):
    plain = {"requested_model": "gpt-4o", "model": "gpt-4o-2024-08-06"}
    fell = {"requested_model": "gpt-4o", "model": "gpt-4o-mini-2024-07-18", "fallback_index": 1, "cost_nano": 7}
    listed = {"requested_model": "a, b", "model": "b-2", "cost_nano": 5}
    first = {"requested_model": "gpt-4o", "model": "gpt-4o-2024-08-06", "fallback_index": 0}
    calls = [logs.call(number, **each) for number, each in enumerate([plain, fell, listed, first], 1)]
    path = logs.write(tmp_path / "x.db", *calls)
    if block:
        with closing(open_writer(path)) as db:
            writer = CellWriter(db)
            db.execute("BEGIN")
            while writer.advance(last_seq(db), block):
                pass
            db.execute("COMMIT")
    with opened(path) as db:
        found = sums(db, parse(""), [by("model")])
        assert {key[0]: total.calls for key, total in found.items()} == {
            "gpt-4o": 2,
            "gpt-4o-mini": 1,
            "b-2": 1,
        }
        assert found[("gpt-4o-mini",)].cost_nano == 7
