"""Limits: their names and keys, whose calls they are for, and what settings may say."""

from __future__ import annotations

import pytest
from msgspec import Struct

from helicli.call import Tags
from helicli.errors import UsageError
from helicli.filters import Filter
from helicli.filters import parse as filter_of
from helicli.limits import ASKED, Limit, LimitSettings, check_selection, measured, segment, unstored, zone
from helicli.policy import PolicyError, parse
from helicli.providers.registry import BUILT_IN
from helicli.proxy.expense import Asked
from tests.query.logs import chosen


class Call(Struct):
    user: str | None = None
    session: str | None = None
    key: str | None = None
    model: str | None = None
    provider: str | None = None
    run: str | None = None
    name: str | None = None
    properties: dict[str, str] = {}


CALL = Call("ada", "chat-1", "k1", "gpt-4o-mini", "openai", "run-1", "ticket", {"team": "red"})


@pytest.mark.parametrize(
    ("policy", "whose"),
    [
        ("1;w=1", ""),
        ("1;w=1;u=global", ""),
        ("1;w=1;u=user", "ada"),
        ("1;w=1;u=org", "local"),
        ("1;w=1;u=key", "k1"),
        ("1;w=1;u=model", "gpt-4o-mini"),
        ("1;w=1;u=provider", "openai"),
        ("1;w=1;s=Team", "red"),
        ("1;w=1;s=other", ""),
    ],
)
def test_for_whom_a_call_is_counted(policy, whose):
    assert segment(parse(policy), CALL) == whose
    if whose != "local":
        assert segment(parse(policy), Call()) == ""


@pytest.mark.parametrize(
    ("selection", "theirs"),
    [
        (chosen(), True),
        (chosen(user=("linus", "ada")), True),
        (chosen(user=("linus",)), False),
        (chosen(model=("gpt-4o*",)), True),
        (chosen(model=("gpt-4o",)), False),
        (chosen(model=("gpt-?o-mini",)), False),
        (chosen(session=("chat-1",), run=("run-1",)), True),
        (chosen(session=("chat-1",), run=("run-2",)), False),
        (chosen(session=("chat-2",)), False),
        (chosen(provider=("openai",), name=("ticket", "other"), prop=(("Team", "red"),)), True),
        (chosen(provider=("groq",)), False),
        (chosen(name=("other",)), False),
        (chosen(prop=(("team", "red"), ("feature", "x"))), False),
        (chosen(prop=(("team", "Red"),)), False),
    ],
)
def test_whose_calls(selection, theirs):
    assert selection.matches(CALL) is theirs
    assert selection.matches(Call()) is (selection == chosen())


def test_one_policy_is_counted_apart_wherever_it_was_given():
    policy = parse("10;w=60;u=user")
    limits = [Limit(policy), Limit(policy, configured=True), Limit(policy, "few"), Limit(policy, "more")]
    assert len({limit.key for limit in limits}) == 4
    assert [limit.shown for limit in limits] == ["10;w=60;s=user", "10;w=60;s=user", "few", "more"]
    assert Limit(parse("20;w=60;u=user"), "few").key == limits[2].key
    assert Limit(parse("10;w=60;u=tokens;s=user"), "few").key != limits[2].key


LIMITS = [
    Limit(parse("10;w=60;u=user")),
    Limit(parse("10;w=60;u=user"), configured=True),
    Limit(parse("10;w=60;u=user"), run="run-1a"),
    Limit(parse("10;w=day;u=cents;s=team"), "few"),
    Limit(parse("10;w=60;u=tokens"), "few", filter_of("user:ada -model:o3")),
    Limit(parse("10;w=60"), "config"),
    Limit(parse("10;w=60"), "run-1a", filter_of("user:ada")),
]


@pytest.mark.parametrize("limit", LIMITS)
def test_what_is_counted_can_be_told_from_its_key_alone(limit):
    policy = measured(limit.key)
    assert policy.measure == limit.policy.measure
    assert policy.limit == (0 if limit.name else limit.policy.limit)
    assert unstored(limit.key) == (None if limit.name or limit.configured else limit)
    assert len({each.key for each in LIMITS}) == len(LIMITS)


def test_long_values_are_cut_and_stay_apart():
    policy, long = parse("1;w=1;s=team"), "é" * 100_000
    first, second = (segment(policy, Call(properties={"team": long + end})) for end in "ab")
    assert len(first) < 200 and first != second and first.startswith("é" * 100)
    assert segment(policy, Call(properties={"team": "é" * 160})) == "é" * 160


@pytest.mark.parametrize(
    ("text", "theirs"),
    [
        ("user:ada -model:o3 prop.team:red", True),
        ("session:chat-* OR user:linus", True),
        ("provider_key:k2", False),
        ("has:session_name", False),
        ("requested_model:gpt-4o-mini has:properties", True),
    ],
)
def test_a_filter_of_what_is_known_before_a_call(text, theirs):
    tags = Tags("ada", "chat-1", properties={"team": "red"})
    call = Asked(tags, BUILT_IN["openai"], "/v1/chat/completions", [], b'{"model":"gpt-4o-mini"}', 0)
    assert check_selection(filter_of(text)).matches(call) is theirs


@pytest.mark.parametrize("name", ASKED)
def test_every_field_that_a_limit_may_ask_for_is_one_of_a_call(name):
    assert hasattr(Asked, name)


@pytest.mark.parametrize("text", ["status:429", "latency:>1s", "user:ada OR cached_from:3", '"spam"', "has:score"])
def test_a_filter_of_what_is_not(text):
    with pytest.raises(UsageError, match="not known before a call"):
        check_selection(filter_of(text))
    with pytest.raises(UsageError, match="calls that come"):
        check_selection(Filter(since_ms=1))


def test_settings():
    settings = LimitSettings(("10;w=60, 5;w=day", "1;w=1"), "allow", "Europe/Berlin")
    settings.check()
    assert [limit.policy.spelled for limit in settings.limits()] == ["10;w=60", "5;w=day", "1;w=1"]
    assert (zone("local"), str(zone("UTC")), str(zone("Asia/Kolkata"))) == (None, "UTC", "Asia/Kolkata")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (LimitSettings(("10",)), PolicyError),
        (LimitSettings(unpriced="free"), UsageError),
        (LimitSettings(zone="Mars/Olympus"), UsageError),
        (LimitSettings(zone="../../etc/passwd"), UsageError),
    ],
)
def test_wrong_settings(wrong, error):
    with pytest.raises(error):
        wrong.check()
