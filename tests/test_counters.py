"""Counters beside a plain list of all that was let through, by a clock of the test's own."""

from __future__ import annotations

import random
import tracemalloc
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from helicli import counters
from helicli.call import Charge
from helicli.counters import Counters, Moment, Want
from helicli.policy import parse
from helicli.windows import bounds

T0 = 1_795_269_791_204


def want(policy, segment="", amount=1, least=None, key=None):
    parsed = parse(policy)
    return Want(key or parsed.spelled, parsed, segment, amount if least is None else least, amount)


def at(ms, step=0):
    """So many milliseconds after the start, the wall's clock set by `step`."""
    return Moment(ms, T0 + ms + step)


class Plain:
    """All that was ever let through, looked through each time."""

    def __init__(self):
        self.events = []

    def used(self, want, now):
        policy = want.policy
        if policy.calendar:
            inside = bounds(policy.calendar, now.wall, UTC)
            return sum(n for k, s, t, n in self.events if (k, s) == want[0:3:2] and inside[0] <= t.wall < inside[1])
        since = now.steady - policy.seconds * 1000
        return sum(n for k, s, t, n in self.events if (k, s) == want[0:3:2] and t.steady > since)

    def take(self, wants, now):
        if any(self.used(each, now) + max(1, each.most) > each.policy.limit for each in wants):
            return []
        events = [[each.key, each.segment, now, each.most] for each in wants]
        self.events += events
        return events


POLICIES = ["3;w=1", "5;w=2;s=user", "40;w=3;u=tokens", "7;w=day;s=user", "100;w=month;u=tokens;s=user", "0;w=5"]
CALLS = st.lists(
    st.tuples(
        st.integers(0, 1500) | st.just(20_000_000) | st.just(700_000_000),
        st.sets(st.integers(0, 4), min_size=1, max_size=4),
        st.sampled_from(("ada", "linus")),
        st.integers(0, 30),
        st.integers(0, 40),
        st.integers(-5000, 5000),
    ),
    max_size=50,
)


@settings(max_examples=200)
@given(CALLS)
def test_counters_let_through_what_the_list_does(calls):
    ours, plain, now = Counters(UTC), Plain(), 0
    for gap, chosen, user, amount, in_the_end, _ in calls:
        now += gap
        wants = []
        for index in chosen:
            policy = parse(POLICIES[index])
            takes = amount if policy.unit == "tokens" else 1
            wants.append(want(POLICIES[index], user if policy.segment == "user" else "", takes))
        taken, standing = ours.take(wants, at(now))
        events = plain.take(wants, at(now))
        assert bool(taken) == bool(events)
        for each, event in zip(taken, events, strict=True):
            if each.unit == "tokens":
                each.settle(in_the_end, at(now))
                event[3] = in_the_end
        if not taken and standing.wait_ms is not None:
            refused = next(each for each in wants if each.key == standing.key)
            later = now + standing.wait_ms
            need = max(1, refused.least)
            assert plain.used(refused, at(later)) + need <= refused.policy.limit
            assert plain.used(refused, at(later - 1)) + need > refused.policy.limit


@given(CALLS)
def test_a_clock_that_is_set_changes_nothing_of_a_sliding_window(calls):
    steady, stepped, now = Counters(UTC), Counters(UTC), 0
    for gap, _, user, _, _, step in calls:
        now += gap
        wants = [want("3;w=1"), want("5;w=2;s=user", user)]
        assert bool(steady.take(wants, at(now))[0]) == bool(stepped.take(wants, at(now, step))[0])


@settings(max_examples=60)
@given(CALLS)
def test_what_is_restored_is_what_was_counted(calls):
    ours, now, taken = Counters(UTC), 0, []
    policies = {parse(text).spelled: parse(text) for text in POLICIES}
    for gap, chosen, user, amount, _, _ in calls:
        now += gap
        wants = [want(POLICIES[index], user, amount) for index in chosen]
        taken += ours.take(wants, at(now))[0]
    again = Counters(UTC)
    again.restore([each.charge() for each in taken], policies, at(now))
    before = {(each.key, each.segment): each.used for each in ours.standings(at(now), {})}
    after = {(each.key, each.segment): each.used for each in again.standings(at(now), {})}
    assert {key: used for key, used in after.items() if before.get(key) != used} == {}
    assert {key for key, used in before.items() if used > 0 and key not in after} == set()


def test_all_or_none():
    ours = Counters()
    pair = [want("1;w=60"), want("5;w=60;s=user", "ada")]
    assert ours.take(pair, at(0))[0]
    assert not ours.take(pair, at(1))[0]
    assert {each.key: each.used for each in ours.standings(at(2), {})} == {"1;w=60": 1, "5;w=60;s=user": 1}


def test_the_longest_wait_and_the_tightest_are_told():
    ours = Counters()
    pair = [want("1;w=10"), want("1;w=60")]
    taken, standing = ours.take(pair, at(0))
    assert (taken[0].amount, standing.remaining, standing.wait_ms) == (1, 0, 60_000)
    _, standing = ours.take(pair, at(1000))
    assert (standing.key, standing.wait_ms) == ("1;w=60", 59_000)
    _, standing = ours.take([want("0;w=10"), *pair], at(1000))
    assert (standing.key, standing.wait_ms) == ("0;w=10", None)


def test_as_much_as_is_left_where_the_bound_is_a_guess():
    ours = Counters()
    (taken,), _ = ours.take([want("100;w=60;u=tokens", amount=1000, least=20)], at(0))
    assert taken.amount == 100
    assert not ours.take([want("100;w=60;u=tokens", amount=1000, least=20)], at(1))[0]
    taken.settle(30, at(2))
    (taken,), _ = ours.take([want("100;w=60;u=tokens", amount=1000, least=20)], at(3))
    assert taken.amount == 70
    taken.settle(90, at(4))
    _, standing = ours.take([want("100;w=60;u=tokens")], at(5))
    assert (standing.used, standing.remaining) == (120, 0), "more was used than there was: the next ones wait"


def test_a_call_larger_than_the_limit_is_told_never():
    _, standing = Counters().take([want("100;w=60;u=tokens", amount=101)], at(0))
    assert (standing.wait_ms, standing.used) == (None, 0)


def test_what_costs_nothing_does_not_pass_an_empty_budget():
    ours = Counters()
    assert ours.take([want("1;w=60;u=tokens", amount=0)], at(0))[0]
    assert ours.take([want("1;w=60;u=tokens", amount=1)], at(0))[0]
    assert not ours.take([want("1;w=60;u=tokens", amount=0)], at(0))[0]


def test_charges_of_the_future_count_from_now():
    ours = Counters()
    policy = parse("1;w=60")
    ours.restore([Charge("1;w=60", "", 1, T0 + 3_600_000, T0 + 3_660_000)], {"1;w=60": policy}, at(0))
    assert not ours.take([want("1;w=60")], at(59_999))[0]
    assert ours.take([want("1;w=60")], at(60_000))[0]


def test_what_is_unknown_or_over_is_not_restored():
    ours = Counters(UTC)
    known = {"1;w=60": parse("1;w=60"), "1;w=day": parse("1;w=day")}
    yesterday = bounds("day", T0 - 86_400_000, UTC)
    ours.restore(
        [
            Charge("gone 1;w=60", "", 1, T0, T0 + 60_000),
            Charge("1;w=60", "", 1, T0 - 60_000, T0),
            Charge("1;w=day", "", 1, *yesterday),
        ],
        known,
        at(0),
    )
    assert list(ours.standings(at(0), {})) == []


def test_segments_that_nobody_asks_for_are_let_go():
    ours = Counters()
    for number in range(1000):
        ours.take([want("5;w=1;s=user", str(number))], at(number))
    assert len(ours) == 1000
    for ms in (2000, 3500, 5000):
        ours.take([want("5;w=1;s=user", "last")], at(ms))
    assert len(ours) == 1


def test_looking_keeps_no_segment():
    ours = Counters()
    ours.take([want("5;w=1;s=user", "once")], at(0))
    for ms in range(900, 5000, 500):
        ours.take([want("5;w=1;s=user", "last")], at(ms))
        assert all(each.segment == "last" or ms < 1000 for each in ours.standings(at(ms), {}))
    assert len(ours) == 1


def test_there_is_an_end_to_the_policies_of_calls(monkeypatch):
    monkeypatch.setattr(counters, "BOOKS_MAX", 5)
    ours, keys = Counters(), [f"{number};w=10" for number in range(1, 8)]
    for key in keys[:5]:
        assert ours.has_room([key], at(0))
        ours.take([want(key)], at(0))
    assert not ours.has_room(keys[5:], at(5000))
    assert ours.has_room(keys[:5], at(5000)), "those that are counted go on"
    assert ours.has_room(keys[5:], at(30_000)), "nobody has asked for the others in two windows"


def test_there_is_an_end_to_amounts():
    ours, most = Counters(), 1 << 62
    for _ in range(3):
        (taken,), _ = ours.take([want("5;w=60;u=tokens")], at(0))
        taken.settle(1 << 70, at(0))
        ours = Counters()
        ours.restore([taken.charge(), taken.charge()], {taken.charge().policy: parse("5;w=60;u=tokens")}, at(0))
        assert next(ours.standings(at(0), {})).used == most
        assert not ours.take([want("5;w=60;u=tokens")], at(1))[0]
        ours = Counters()


def test_policies_that_nobody_asks_for_are_let_go():
    ours = Counters()
    for number in range(2000):
        ours.take([want(f"{number + 1};w=1")], at(number * 10))
    assert len(ours) < 1000


def test_a_limit_that_is_changed_goes_on_counting():
    ours = Counters()
    assert ours.take([want("1;w=60", key="few w=60")], at(0))[0]
    assert not ours.take([want("1;w=60", key="few w=60")], at(1))[0]
    assert ours.take([want("2;w=60", key="few w=60")], at(2))[0]


def test_a_segment_is_small():
    ours = Counters()
    names = [f"user-{number}" for number in range(20_000)]
    policy = want("100;w=3600;s=user")
    tracemalloc.start()
    try:
        for name in names:
            ours.take([policy._replace(segment=name)], at(random.Random(name).randrange(1000)))
        assert tracemalloc.get_traced_memory()[0] / len(names) < 500
    finally:
        tracemalloc.stop()


def test_days_and_months_begin_anew_in_their_zone():
    ours = Counters(UTC)
    last = int(datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC).timestamp() * 1000) - T0
    pair = [want("1;w=day"), want("1;w=month")]
    assert ours.take(pair, at(last))[0]
    _, standing = ours.take(pair, at(last + 500))
    assert standing.wait_ms == 500
    assert ours.take(pair, at(last + 1000))[0]
