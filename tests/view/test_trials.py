"""A trial as people see it."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from helicli.query.prompts import Recorded
from helicli.view.style import Style
from helicli.view.text import cells
from helicli.view.trials import answers, objects, sums


class One(Struct):
    values: dict[str, Any]
    number: int
    model: str
    status: int | None = 200
    answer: str = ""
    error: str = ""
    recorded: Recorded | None = None


TRIALS = [
    One({"q": "Hi"}, 2, "gpt-4o", answer="Hello\nthere", recorded=Recorded(1, 1_000_000, 2_000_000, 7)),
    One({"q": "Hi"}, 1, "gpt-4o", answer="\x1b[2J", recorded=Recorded(2, 2_000_000, None, 3)),
    One({"q": "Bye"}, 2, "gpt-4o", answer="Ciao", recorded=Recorded(3, 3_000_000, 1_000_000, 1)),
    One({"q": "Bye"}, 1, "gpt-4o", 429, error="limit"),
]


def test_sums():
    assert sums(TRIALS) == [
        "VERSION  MODEL   CALLS  FAILED    P50  TOKENS     COST",
        "v2       gpt-4o      2       0  2.00s       8  $0.0030",
        "v1       gpt-4o      2       1  2.00s       3        –",
    ]


def test_answers_stand_below_one_another():
    assert list(answers(TRIALS, 60, Style(False))) == [
        "",
        '1  {"q":"Hi"}',
        "v2 gpt-4o                 Hello",
        "                          there",
        "v1 gpt-4o                 ·[2J",
        "",
        '2  {"q":"Bye"}',
        "v2 gpt-4o                 Ciao",
        "v1 gpt-4o                 limit",
    ]


def test_where_there_is_room_they_stand_side_by_side():
    assert list(answers(TRIALS, 80, Style(False))) == [
        "",
        '1  {"q":"Hi"}',
        "v2 gpt-4o                                v1 gpt-4o",
        "Hello                                    ·[2J",
        "there",
        "",
        '2  {"q":"Bye"}',
        "v2 gpt-4o                                v1 gpt-4o",
        "Ciao                                     limit",
    ]
    long = [One({}, 1, "gpt-4o", answer="wide 日本語 " * 20), One({}, 1, "other", error="no " * 60)]
    told = list(answers(long, 80, Style(True)))
    assert max(cells(re.sub("\x1b[^m]*m", "", line)) for line in told) <= 80
    assert "\x1b[31mno no" in told[3]
    assert list(answers(TRIALS[:1], 200, Style(False)))[2].startswith("v2 gpt-4o                 Hello")


def test_objects():
    told = objects(TRIALS)
    assert [each["set"] for each in told] == [1, 1, 2, 2]
    assert (told[0]["latency_ms"], told[0]["cost_usd"], told[1]["cost_usd"]) == (1000.0, 0.002, None)
    assert (told[3]["status"], told[3]["error"], told[3]["seq"]) == (429, "limit", None)
