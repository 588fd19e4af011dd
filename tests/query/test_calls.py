"""Rows as values, and the ways to name one."""

from __future__ import annotations

import pytest

from helicli.columns import COLUMNS, column
from helicli.errors import NotFoundError
from helicli.query.calls import Call, Order, after, find, last_seq, newest, sorted_by
from helicli.query.reading import opened
from tests.query import logs
from tests.query.logs import chosen

ALL = chosen()


def test_a_call_has_the_columns_of_the_table_in_their_order():
    assert Call.__struct_fields__ == tuple(column.field for column in COLUMNS)


def test_values_come_back_as_they_were_written(log):
    call = find(log, "1")
    assert (call.user, call.session, call.model, call.status) == ("ada", "chat-17", "gpt-4o", 200)
    assert (call.created_at, call.latency_us, call.cost_nano) == (logs.T0, 1_240_000, 1_990_000)
    assert call.properties == {"environment": "production"}
    assert call.stream is False and find(log, "3").stream is True
    assert find(log, "2").usage_estimated is True and find(log, "2").cost_nano is None


def test_newest_gives_the_last_ones_oldest_first(log):
    assert [call.seq for call in newest(log, ALL, 2)] == [4, 5]


def test_after_gives_the_first_ones_that_come_next(log):
    assert [call.seq for call in after(log, 2, ALL, 2)] == [3, 4]
    assert [call.seq for call in after(log, 2, chosen(user=("ada",)), 9)] == [3, 4]
    assert after(log, 5, ALL, 9) == []


def test_young_calls_are_found_by_their_time_among_others(log):
    young = chosen(user=("ada",), since_ms=logs.T0 + 60_000)
    assert [call.seq for call in newest(log, young, 1)] == [4]
    assert [call.seq for call in after(log, 0, young, 1)] == [3]


@pytest.mark.parametrize(
    ("ref", "seq"),
    [
        ("3", 3),
        ("last", 5),
        ("-1", 5),
        ("-5", 1),
        ("order-4411", 4),
        ("00020002-0002-0002-0002-000200020002", 2),
        ("00020002000200020002000200020002", 2),
        ("0002", 2),
        (" 3 ", 3),
    ],
)
def test_finds(log, ref, seq):
    assert find(log, ref).seq == seq


@pytest.mark.parametrize(
    "ref", ["99999", "-6", "-0", "nothing", "fff0", "00", "00001", "01", "-01", "", "-", "²", "1" * 40, "x' OR 1=1"]
)
def test_what_names_no_call_says_which_is_the_newest(log, ref):
    with pytest.raises(NotFoundError) as caught:
        find(log, ref)
    assert caught.value.message == f"no call {ref}; the newest is 5"
    assert caught.value.fix == "helicli show last"


def test_what_is_no_number_of_a_call_may_begin_an_id(tmp_path):
    ids = [bytes.fromhex(f"0000{digit}0") * 5 + b"x" for digit in (8, 7, 6)]
    path = logs.write(tmp_path / "x.db", *(logs.call(n, id=ids[n]) for n in range(3)))
    with opened(path) as db:
        assert find(db, "00007").seq == 2


def test_an_empty_log_says_so(tmp_path):
    with opened(logs.write(tmp_path / "x.db")) as db:
        assert last_seq(db) == 0
        with pytest.raises(NotFoundError, match="the log is empty"):
            find(db, "last")


def test_the_newest_is_meant_where_a_name_is_not_unique(tmp_path):
    path = logs.write(tmp_path / "x.db", *(logs.call(n, request_id="same") for n in (1, 2)), logs.call(3))
    with opened(path) as db:
        assert find(db, "same").seq == 2


@pytest.mark.parametrize(
    ("name", "down", "seqs"),
    [
        ("cost", True, [5, 3, 1, 4, 2]),
        ("cost", False, [4, 3, 1, 5, 2]),
        ("user", False, [4, 3, 1, 2, 5]),
        ("seq", True, [5, 4, 3, 2, 1]),
    ],
)
def test_sorted_with_what_is_not_known_last(log, name, down, seqs):
    assert [call.seq for call in sorted_by(log, ALL, None, Order(column(name), down))] == seqs


def test_sorted_gives_the_first_of_those_chosen(log):
    found = sorted_by(log, chosen(user=("ada",)), 2, Order(column("latency"), True))
    assert [call.seq for call in found] == [3, 1]


def test_a_fallback_goes_by_the_model_that_answered(tmp_path):
    fell = {"requested_model": "gpt-4o", "model": "gpt-4o-mini-2024-07-18", "fallback_index": 1}
    listed = {"requested_model": "a, b", "model": "b-2"}
    plain = {"requested_model": "gpt-4o", "model": "gpt-4o-2024-08-06", "fallback_index": 0}
    made = [logs.call(number, **each) for number, each in enumerate((fell, listed, plain), 1)]
    with opened(logs.write(tmp_path / "x.db", *made)) as db:
        found = [find(db, str(number)) for number in (1, 2, 3)]
    assert [call.short_model for call in found] == ["gpt-4o-mini", "b-2", "gpt-4o"]
    assert [call.sought_model for call in found] == ["gpt-4o-mini-2024-07-18", "b-2", "gpt-4o"]
