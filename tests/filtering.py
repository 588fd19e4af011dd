"""Filters and calls made up by hypothesis, few enough values that they meet."""

from __future__ import annotations

from hypothesis import strategies as st

from helicli.filters.terms import FIELDS, Check, Field, Term, both, either, no
from helicli.filters.values import Exact, Flag, Glob, Kind, Outcome, Prefix, Present, Range
from tests.query import logs

TEXTS = st.sampled_from(
    [
        "ada",
        "linus",
        "adalinus",
        "gpt-4o",
        "gpt-4o-mini",
        "a b",
        'q"u',
        "it's",
        "x;--",
        "%",
        "_",
        "[a]",
        "?",
        "*",
        "é",
        "hit",
    ]
    + ["support", "support@3", "a\\b", "(", "or", "-x", "@a", "1..2", ">1", "a,b", "' OR 1=1 --", "😀"]
)
NUMBERS = st.integers(0, 4)
TEXT_FIELDS = [
    *(
        FIELDS[name]
        for name in ("user", "session", "model", "requested_model", "name", "prompt", "error", "request_id")
    ),
    Field("prop.env", Kind.TEXT),
    Field("prop.my prop", Kind.TEXT),
]
NUMBER_FIELDS = [
    FIELDS[name]
    for name in ("seq", "latency_ms", "cost_usd", "input_tokens", "ttft_ms", "created_at", "prompt_version")
]
ORDERED = st.builds(
    lambda low, high, ends, above: {
        "both": Range(min(low, high), max(low, high)),
        "low": Range(low, None, above, False),
        "high": Range(None, high, False, above),
    }[ends],
    NUMBERS,
    NUMBERS,
    st.sampled_from(["both", "low", "high"]),
    st.booleans(),
)


def globs() -> st.SearchStrategy[Glob]:
    piece = st.one_of(st.just(""), TEXTS, st.sampled_from(["a", "g", "o"]))
    middle = st.lists(piece.filter(bool), max_size=2)
    made = st.builds(lambda first, between, last: Glob((first, *between, last)), piece, middle, piece)
    return made.filter(lambda glob: any(glob.pieces))


def several(field: st.SearchStrategy[Field], value: st.SearchStrategy) -> st.SearchStrategy[Check]:
    values = st.lists(value, min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(Check, field, values)


def texts(field: Field) -> st.SearchStrategy:
    exact = TEXTS.map(str.lower) if field.name == "error" else TEXTS
    return st.one_of(exact.map(Exact), globs(), st.just(Present()))


CHECKS: st.SearchStrategy[Check] = st.one_of(
    st.sampled_from(TEXT_FIELDS).flatmap(lambda field: several(st.just(field), texts(field))),
    # Of numbers one range at most, since a comparison has no alternatives; single numbers have.
    st.builds(lambda field, value: Check(field, (value,)), st.sampled_from(NUMBER_FIELDS), ORDERED),
    several(st.sampled_from(NUMBER_FIELDS), NUMBERS.map(lambda number: Range(number, number))),
    several(
        st.just(FIELDS["status"]), st.sampled_from([Outcome(True), Outcome(False), Range(200, 200), Range(400, 499)])
    ),
    st.sampled_from(["stream", "usage_estimated"]).flatmap(
        lambda name: st.booleans().map(lambda on: Check(FIELDS[name], (Flag(on),)))
    ),
    st.sampled_from(["properties", "scores", "status", "cost_usd"]).map(lambda name: Check(FIELDS[name], (Present(),))),
    st.sampled_from(["00", "0001", "1"]).map(lambda digits: Check(FIELDS["id"], (Prefix(digits),))),
    st.builds(
        lambda low, above: Check(Field("score.helpful", Kind.SCORE), (Range(low=low, above=above),)),
        st.sampled_from([0.5, 0.25]),
        st.booleans(),
    ),
)
SAID: st.SearchStrategy[Check] = several(
    st.just(FIELDS["text"]), st.sampled_from(["password", "RESET my", "spam?", 'q"u', "or"]).map(Exact)
)


def terms(checks: st.SearchStrategy[Check] = CHECKS) -> st.SearchStrategy[Term]:
    return st.recursive(
        checks,
        lambda inner: st.one_of(
            inner.map(no),
            st.lists(inner, min_size=2, max_size=3).map(lambda some: both(*some)),
            st.lists(inner, min_size=2, max_size=3).map(lambda some: either(*some)),
        ),
        max_leaves=6,
    )


def _call(number: int, given: dict) -> logs.NewCall:
    said = given.pop("said")
    return logs.call(number, said=said, **given)


def rows(most: int = 6) -> st.SearchStrategy[list[logs.NewCall]]:
    """Calls of a log, numbered from 1."""
    maybe = st.one_of(st.none(), TEXTS)
    few = st.one_of(st.none(), NUMBERS)
    one = st.fixed_dictionaries(
        {
            **dict.fromkeys(("user", "session", "model", "requested_model", "name", "prompt", "request_id"), maybe),
            "error": st.one_of(st.none(), TEXTS.map(str.lower)),
            "at": NUMBERS,
            "status": st.sampled_from([None, 200, 302, 404, 500]),
            "stream": st.booleans(),
            "usage_estimated": st.booleans(),
            "latency_us": NUMBERS,
            "ttft_us": few,
            "cost_nano": few,
            "input_tokens": few,
            "said": st.sampled_from(["How do I  reset\nMY password?", "Is this spam?", 'a q"u']),
            "properties": st.dictionaries(st.sampled_from(["env", "my prop"]), TEXTS, max_size=2),
        }
    )
    return st.lists(one, max_size=most).map(
        lambda some: [_call(number, dict(given)) for number, given in enumerate(some, 1)]
    )
