"""What a filter that is being typed may go on with."""

from __future__ import annotations

import pytest

from helicli.filters import parse
from helicli.query.reading import opened
from helicli.tui import completing
from tests.query import logs


@pytest.mark.parametrize(
    ("text", "field", "begun", "start"),
    [
        ("", "", "", 0),
        ("us", "", "us", 0),
        ("user:", "user", "", 5),
        ("user:ad", "user", "ad", 5),
        ("user:ada,li", "user", "li", 9),
        ("user:ada -sta", "", "sta", 10),
        ("(model=gp", "model", "gp", 7),
        ('user:"ada l', "user", "ada l", 5),
        ('user:"a b" cac', "", "cac", 11),
        ("prop.env", "", "prop.env", 0),
        ("prop.env:pro", "prop.env", "pro", 9),
        ("@sl", "@", "sl", 1),
        ("latency:>1", "latency", ">1", 8),
    ],
)
def test_the_word_under_the_cursor(text, field, begun, start):
    where = completing.place(text, len(text))
    assert (where.field, where.begun, where.start, where.end) == (field, begun, start, len(text))


def test_the_cursor_may_stand_within():
    where = completing.place("user:ada status:error", 8)
    assert (where.field, where.begun) == ("user", "ada")


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("us", ["user:", "usage_estimated:"]),
        ("sta", ["status:error", "status:"]),
        ("status:e", ["error"]),
        ("stream:", ["true", "false"]),
        ("cache:h", ["hit"]),
        ("@sl", ["slow"]),
        ("is:c", ["cached"]),
    ],
)
def test_what_is_known_without_the_log(text, offered):
    assert completing.known(completing.place(text, len(text)), {"slow": "", "bad": ""}) == offered


def test_all_that_is_offered_can_be_read():
    for text in ("", "s", "status:", "has:", "is:", "latency:", "cost:", "created_at:", "error:", "cache:"):
        where = completing.place(text, len(text))
        for offer in completing.known(where, ()):
            whole, _ = completing.put(text, where, offer)
            if not whole.strip().endswith((":", ".")):
                parse(whole)


def test_what_the_log_knows(tmp_path):
    path = logs.write(
        tmp_path / "x.db",
        logs.call(1, user="ada l", properties={"feature": "search it", "tier": "gold"}),
        logs.call(2, user="adam"),
        logs.call(3, user="adam", model="claude"),
    )
    with opened(path) as db:

        def given(text):
            where = completing.place(text, len(text))
            return completing.values(db, where) if completing.asks(where) else None

        assert given("user:ad") == ["adam", '"ada l"']
        assert given("model:cl") == ["claude"]
        assert given("prop.f") == ["prop.feature:"]
        assert given("prop.feature:s") == ['"search it"']
        assert given("status:e") is None and given("us") is None


def test_putting_it_in():
    where = completing.place("user:a status:error", 6)
    assert completing.put("user:a status:error", where, "ada") == ("user:ada status:error", 9)
    where = completing.place("us", 2)
    assert completing.put("us", where, "user:") == ("user:", 5)
