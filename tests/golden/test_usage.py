"""The golden table: what is read of a provider's answer, and what it cost, against figures worked out by hand.

A case is one file in `usage/`: where its shape was read (`source`), what is odd about it (`odd`), the exact bytes, the
classes, the provider's own total, and the cost as terms of tokens and nano-dollars for one token; what is charged one
by one stands in `fees`. What a provider's total leaves out, though it was used and charged for, is `beyond_total`.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helicli.call import Begin, Body, End, Exchange, Head, Tags
from helicli.providers.read import has_ended, read_usage
from helicli.providers.registry import BUILT_IN
from helicli.rates import split
from helicli.recorder.price import Prices
from helicli.recorder.rows import make_row

FILES = sorted((Path(__file__).parent / "usage").glob("*.toml"))
PRICES = Prices()
CREATED = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp() * 1000)
CLASSES = ("input", "output", "cache_read", "cache_write")
PARTS = ("input_audio", "input_image", "input_video", "cache_read_audio", "cache_read_image", "output_audio")
PARTS += ("output_image", "output_video", "web_searches")


def _case(path: Path) -> dict:
    return tomllib.loads(path.read_text("utf-8"))


def _row(case: dict):
    request, response = case["request"].encode(), case["response"].encode()
    begin = Begin(
        id=bytes(16),
        created_at=CREATED,
        provider=case["provider"],
        dialect=BUILT_IN[case["provider"]].dialect,
        method="POST",
        path=case["path"],
        provider_key=None,
        headers=[],
        tags=Tags(),
    )
    end = End(
        ended_at=CREATED + 1000,
        latency_us=1_000_000,
        ttft_us=None,
        overhead_us=0,
        status=200,
        error=None,
        error_message=None,
        attempts=1,
    )
    head = Head(200, [(b"content-type", case["content_type"].encode())])
    return make_row(Exchange(begin, head, Body(request, len(request)), Body(response, len(response)), end), PRICES, "m")


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_usage(path):
    case = _case(path)
    row = _row(case)
    assert (row.words.error, row.plain.error_message) == (None, None)
    assert (row.words.model, row.words.finish_reason) == (case["model"], case.get("finish"))
    assert row.plain.stream is case["stream"]
    assert not row.plain.usage_estimated
    told = [getattr(row.plain, f"{name}_tokens") for name in (*CLASSES, "reasoning")]
    if "usage" not in case:
        assert told == [None] * 5
    else:
        assert told == [case["usage"].get(name, 0) for name in (*CLASSES, "reasoning")]
        assert sum(told[:4]) == case["total"] + case.get("beyond_total", 0)
    assert row.plain.cost_nano == case.get("cost_nano")
    assert (row.words.price_source or "").partition(" ")[0] == case["priced_by"]


PRICED = [path for path in FILES if "usage" in _case(path)]


@pytest.mark.parametrize("path", PRICED, ids=[path.stem for path in PRICED])
def test_what_is_kept_of_a_usage_explains_its_price(path):
    case = _case(path)
    row = _row(case)
    if not row.plain.usage:
        assert not row.plain.cost_nano
        return
    told = read_usage(BUILT_IN[case["provider"]].dialect, row.words.path, row.plain.usage.encode())
    assert told is not None
    assert [getattr(told, name) for name in PARTS] == [case["usage"].get(name, 0) for name in PARTS]
    assert [getattr(told, name) for name in CLASSES] == [case["usage"].get(name, 0) for name in CLASSES]
    assert (row.priced is not None) is (case["priced_by"] == "genai-prices")
    if row.priced:
        parts = split(row.priced.tier, told)
        assert parts.cost_nano == row.plain.cost_nano
        assert parts.fees_nano == sum(count * nano for count, nano, _ in case.get("fees", []))
        # The first word of a term tells its side.
        written = [n * nano for n, nano, what in case["cost"] if what.split()[0] in ("output", "thoughts", "reasoning")]
        assert parts.output_nano == sum(written)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_figures_of_a_case_agree_with_each_other(path):
    case = _case(path)
    assert case["source"]
    assert case["odd"]
    if case["priced_by"] == "genai-prices":
        terms = [*case.get("cost", []), *case.get("fees", [])]
        assert sum(count * nano for count, nano, _ in terms) == case["cost_nano"]
        assert sum(tokens for tokens, _, _ in case.get("cost", [])) == case["total"] + case.get("beyond_total", 0)
    assert case["priced_by"] or not case.get("cost_nano")


def test_the_table_is_wide_enough():
    cases = [_case(path) for path in FILES]
    assert len(cases) >= 40
    assert sum(case["stream"] for case in cases) >= 15
    assert len({(case["provider"], case["path"]) for case in cases}) >= 25
    assert {case["provider"] for case in cases} == set(BUILT_IN)


STREAMS = [path for path in FILES if _case(path)["stream"]]


@pytest.mark.parametrize("path", STREAMS, ids=[path.stem for path in STREAMS])
def test_a_stream_without_its_last_piece_was_cut(path):
    case = _case(path)
    whole = case["response"]
    dialect = BUILT_IN[case["provider"]].dialect
    assert has_ended(dialect, case["path"], whole.encode())
    gap = "\n\n" if "data:" in whole else "\n"
    short = gap.join(whole.rstrip("\n").split(gap)[:-1]) + gap
    row = _row(case | {"response": short})
    assert row.words.error == "upstream_cut"
    assert row.plain.usage_estimated or row.plain.input_tokens is None
    assert not has_ended(dialect, case["path"], short.encode())
