"""The figures of a call."""

from __future__ import annotations

from rich.cells import cell_len

from helicli.query.reading import opened
from helicli.tui import facts, one_call
from tests.query import logs


def told(path, new, width=44):
    with opened(logs.write(path / "x.db", new)) as db:
        lines = facts.lines(next(one_call.read(db, 1)), width)
    assert all(sum(cell_len(text) for text, _ in line) <= width for line in lines)
    return ["".join(text for text, _ in line).rstrip() for line in lines]


def test_where_the_time_went_stands_on_one_scale(tmp_path):
    lines = told(tmp_path, logs.call(1, ttft_us=310_000, stream=True))
    timing = lines[1:5]
    assert [line.split()[:2] for line in timing[:1]] == [["overhead", "1ms"]]
    assert timing[1].startswith(" first token   309ms") and timing[2].startswith(" stream")
    # Each bar begins where the one before ended.
    ends = [line.rindex("█") for line in timing[:3]]
    assert ends == sorted(ends) and timing[2].index("█") >= ends[1]
    assert timing[3].split() == ["total", "1.24s"]


def test_tokens_cost_and_whose_it_was(tmp_path):
    lines = told(
        tmp_path,
        logs.call(1, user="ada", session="chat-1", cache_read_tokens=80, reasoning_tokens=7, properties={"a": "b"}),
    )
    text = "\n".join(lines)
    for part in (
        f" {'input':<12}{'412':>7} ",
        f" {'cache read':<12}{'80':>7} ",
        "7 of output",
        "$0.00199",
        " user         ada",
        " a            b",
    ):
        assert part in text, part


def test_a_hit_an_unpriced_call_and_one_that_failed(tmp_path):
    hit = told(tmp_path, logs.call(1, cache="hit", cost_nano=0, saved_nano=5_000_000, cached_from=None))
    assert " cost         $0, from the cache" in hit and " saved        $0.005" in hit
    (tmp_path / "b").mkdir()
    assert " cost         not known: no price for" in "\n".join(told(tmp_path / "b", logs.call(1, cost_nano=None)))
    (tmp_path / "c").mkdir()
    assert told(tmp_path / "c", logs.failed(1))


def test_text_from_elsewhere_is_safe_and_in_its_place(tmp_path):
    bad = "\x1b[2J" + "日本" * 40
    lines = told(tmp_path, logs.call(1, user=bad, session=bad, properties={bad: bad}))
    assert "\x1b" not in "".join(lines)
