"""Limits as people see them."""

from __future__ import annotations

from datetime import UTC

import pytest

from helicli.limits import Limit
from helicli.policy import parse
from helicli.query.limits import Replayed
from helicli.store.limits import StoredLimit
from helicli.view import limits as view

T0 = 1_795_269_791_204
FEW = StoredLimit("few", "1;w=60;u=user", "model:gpt-4o*", T0)


def standing(name="few", policy="10;w=60;s=user", segment="ada", used=4, limit=10, wait_ms=0):
    return {"name": name, "policy": policy, "segment": segment, "used": used, "limit": limit, "wait_ms": wait_ms}


def test_a_stored_limit():
    assert view.sentence(FEW) == "1 request per minute, counted for each user, of calls with model:gpt-4o*"
    assert view.as_object(FEW) == {
        "name": "few",
        "policy": "1;w=60;u=user",
        "normalised": "1;w=60;s=user",
        "sentence": view.sentence(FEW),
        "selection": "model:gpt-4o*",
        "created_at": "2026-11-21T14:03:11.204Z",
    }
    assert view.list_row(FEW) == ["few", "1;w=60;u=user", "model:gpt-4o*", "2026-11-21T14:03:11.204Z"]
    assert view.list_row(StoredLimit("all", "5;w=day", created_at=T0), T0 + 120_000)[2:] == ["all calls", "2m ago"]
    assert view.adding(FEW) == "helicli limits add few '1;w=60;u=user' 'model:gpt-4o*'"
    assert view.adding(StoredLimit("few", "1;w=60")) == "helicli limits add few '1;w=60'"


def test_how_full_segments_are():
    rows = [
        standing(),
        standing(segment="linus", used=10, wait_ms=720_000),
        standing("", "50;w=day;u=cents", "", 123_456_789, 500_000_000, 0),
        standing("none", "0;w=60;s=user", "", 0, 0, None),
    ]
    assert [view.usage_line(each, each["policy"]) for each in rows] == [
        ["few", "10;w=60;s=user", "ada", "4/10", "–", "████▊"],
        ["few", "10;w=60;s=user", "linus", "10/10", "12m 0s", "████████████"],
        ["", "50;w=day;u=cents", "all", "12.35/50", "–", "███"],
        ["none", "0;w=60;s=user", "(none)", "0/0", "never", "████████████"],
    ]
    assert [view.usage_row(each) for each in rows] == [
        ["few", "10;w=60;s=user", "ada", "4", "10", "0"],
        ["few", "10;w=60;s=user", "linus", "10", "10", "720"],
        ["", "50;w=day;u=cents", "", "12.3456789", "50", "0"],
        ["none", "0;w=60;s=user", "", "0", "0", ""],
    ]
    assert view.usage_object(rows[2])["used"] == 12.3456789
    assert [view.share(each) for each in rows[:2]] == [0.4, 1.0]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            Replayed(12_478, {"ada": 35, "linus": 3}, T0),
            "38 of 12,478 calls (0.3 %), 2 users: ada 35, linus 3; first at",
        ),
        (Replayed(2, {"ada": 1}, T0), "1 of 2 calls (50.0 %), 1 user: ada 1; first at Sat 21 Nov 14:03"),
        (Replayed(9, dict.fromkeys("abcd", 1), T0), "4 of 9 calls (44.4 %), 4 users: a 1, b 1, c 1, …; first at"),
        (Replayed(2, {"": 1}, T0), "1 of 2 calls (50.0 %); first at"),
        (Replayed(3, {"": 1, "ada": 1}, T0), "2 of 3 calls (66.7 %), 2 users: (none) 1, ada 1; first at"),
        (Replayed(1, {}, None), "none of 1 call"),
    ],
)
def test_what_would_have_been_refused(found, told):
    said = view.replayed(parse("1;w=60;u=user"), found, view.moment(found, UTC))
    assert said.startswith(f"would have refused {told}")
    assert (view.instant(found) is None) is (found.first_at is None)


def test_a_policy_for_json():
    told = view.explained(Limit(parse("0.5;w=month;u=cents;s=team")))
    assert (told["limit"], told["calendar"], told["window_seconds"], told["property"]) == (0.5, "month", None, True)
