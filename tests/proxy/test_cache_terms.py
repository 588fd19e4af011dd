"""Each field of the cache: valid, missing, malformed, in another case."""

from __future__ import annotations

import pytest

from helicli.caching import CacheSettings
from helicli.proxy.cache_terms import read_terms
from helicli.proxy.refusal import Refusal

WEEK = 7 * 86_400_000
YEAR = 365 * 86_400_000
OFF = CacheSettings()
ON = CacheSettings(enabled=True)


def terms(*fields, settings=OFF):
    return read_terms([(name.encode(), value.encode()) for name, value in fields], settings)


def on(*fields, settings=OFF):
    found = terms(("helicone-cache-enabled", "true"), *fields, settings=settings)
    assert found is not None
    return found


def test_without_a_field_the_cache_is_off():
    assert terms() is None
    assert terms(("helicone-cache-seed", "x")) is None
    assert terms(("cache-control", "max-age=60")) is None


def test_what_enabled_alone_means():
    found = on()
    assert (found.read, found.save, found.seed, found.bucket_max, found.variants) == (True, True, "", None, False)
    assert (found.ignored, found.max_age_ms, found.ttl_ms) == ((), None, WEEK)


@pytest.mark.parametrize("yes", ["true", "TRUE", "True", " true "])
@pytest.mark.parametrize("no", ["false", "FALSE", "False"])
def test_booleans_in_any_case(yes, no):
    assert terms(("helicone-cache-enabled", yes)).read
    assert terms(("helicone-cache-enabled", no)) is None
    assert terms(("helicone-cache-enabled", no), settings=ON) is None


@pytest.mark.parametrize(
    ("fields", "read", "save"),
    [
        ([("read", "true")], True, False),
        ([("save", "true")], False, True),
        ([("read", "true"), ("save", "true")], True, True),
        ([("enabled", "true"), ("read", "false")], False, True),
        ([("enabled", "true"), ("save", "false")], True, False),
        ([("enabled", "false"), ("save", "true")], False, True),
    ],
)
def test_its_halves(fields, read, save):
    found = terms(*[(f"helicone-cache-{name}", value) for name, value in fields])
    assert (found.read, found.save) == (read, save)


def test_both_halves_off_is_off():
    assert (
        terms(("helicone-cache-enabled", "true"), ("helicone-cache-read", "false"), ("helicone-cache-save", "false"))
        is None
    )


WRONG = [
    ("helicone-cache-enabled", "yes"),
    ("helicone-cache-enabled", ""),
    ("helicone-cache-enabled", "1"),
    ("helicone-cache-read", "maybe"),
    ("helicone-cache-save", "0"),
    ("helicone-cache-bucket-max-size", "0"),
    ("helicone-cache-bucket-max-size", "-1"),
    ("helicone-cache-bucket-max-size", "1.5"),
    ("helicone-cache-bucket-max-size", "many"),
    ("helicone-cache-bucket-max-size", ""),
    ("helicone-cache-bucket-max-size", "1_0"),
    ("helicone-cache-bucket-max-size", "²"),
    ("helicone-cache-bucket-mode", "random"),
    ("helicone-cache-bucket-mode", ""),
    ("helicone-cache-ignore-keys", ""),
    ("helicone-cache-ignore-keys", ","),
    ("helicone-cache-ignore-keys", "a,,b"),
    ("helicone-cache-ignore-keys", '"a'),
    ("helicone-cache-ignore-keys", '"a" "b"'),
    ("helicone-cache-ignore-keys", '["a"'),
    ("helicone-cache-ignore-keys", "[1]"),
    ("helicone-cache-ignore-keys", "a..b"),
    ("helicone-cache-seed", "x" * 1001),
    ("helicone-cache-control", "max-age"),
    ("helicone-cache-control", "max-age=soon"),
    ("helicone-cache-control", "s-maxage=-1"),
    ("helicone-cache-control", "max-age=٣"),
    ("helicone-cache-control", 'max-age="5'),
    ("helicone-cache-control", "max-age=1.5"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
@pytest.mark.parametrize("enabled", ["true", "false"])
def test_what_does_not_parse_is_refused_by_name(name, value, enabled):
    fields = [] if name == "helicone-cache-enabled" else [("helicone-cache-enabled", enabled)]
    with pytest.raises(Refusal) as refused:
        terms(*fields, (name, value))
    assert (refused.value.status, refused.value.word) == (400, "bad_request")
    assert name in refused.value.message.lower()
    assert "; write " in refused.value.message


def test_the_standard_field_is_read_for_the_cache_alone():
    assert terms(("cache-control", "max-age=soon")) is None
    with pytest.raises(Refusal, match="Cache-Control"):
        on(("cache-control", "max-age=soon"))


def test_a_long_seed():
    """As many as there may be entries are held in memory."""
    assert on(("helicone-cache-seed", "x" * 1000)).seed == "x" * 1000


@pytest.mark.parametrize("size", ["1", "20", "21", "1000", " 7 "])
def test_any_whole_number_from_1_up(size):
    assert on(("helicone-cache-bucket-max-size", size)).bucket_max == int(size)


@pytest.mark.parametrize("mode", ["variants", "VARIANTS", "Variants"])
def test_modes(mode):
    assert on(("helicone-cache-bucket-mode", mode)).variants
    assert not on(("helicone-cache-bucket-mode", "entries")).variants


@pytest.mark.parametrize(
    "text", ["user,meta.trace", " meta.trace , user", '"user","meta.trace"', '["user", "meta.trace"]']
)
def test_ignored_keys_in_both_syntaxes(text):
    assert on(("helicone-cache-ignore-keys", text)).ignored == ("meta.trace", "user")


@pytest.mark.parametrize("name", ["cache-control", "helicone-cache-control"])
@pytest.mark.parametrize(
    ("control", "max_age", "ttl"),
    [
        ("max-age=60", 60_000, 60_000),
        ("MAX-AGE=60", 60_000, 60_000),
        ('max-age="60"', 60_000, 60_000),
        ("max-age=60, s-maxage=30", 30_000, 30_000),
        ("s-maxage=30, max-age=60", 30_000, 30_000),
        ("max-age=99999999999", 99_999_999_999_000, YEAR),
        ("private, must-revalidate", None, WEEK),
        ("", None, WEEK),
    ],
)
def test_how_old_an_answer_may_be(name, control, max_age, ttl):
    found = on((name, control))
    assert (found.read, found.save, found.max_age_ms, found.ttl_ms) == (True, True, max_age, ttl)


def test_our_own_control_goes_before_the_standard_one():
    assert on(("cache-control", "no-store"), ("helicone-cache-control", "max-age=5")).ttl_ms == 5000


def test_no_cache_and_no_store():
    found = on(("cache-control", "no-cache"))
    assert (found.read, found.save) == (False, True)
    assert terms(("helicone-cache-enabled", "true"), ("cache-control", "No-Store")) is None
    assert terms(("helicone-cache-enabled", "true"), ("cache-control", "max-age=0")) is None


def test_what_is_configured_stands_behind_what_is_said():
    configured = CacheSettings(
        enabled=True, seed="s", bucket_max_size=3, bucket_mode="variants", ignore_keys=("user",), ttl_seconds=9
    )
    found = terms(settings=configured)
    assert (found.read, found.save, found.seed, found.bucket_max) == (True, True, "s", 3)
    assert (found.variants, found.ignored, found.ttl_ms) == (True, ("user",), 9000)
    found = terms(
        ("helicone-cache-seed", ""),
        ("helicone-cache-bucket-max-size", "4"),
        ("helicone-cache-bucket-mode", "entries"),
        ("helicone-cache-ignore-keys", "x"),
        ("cache-control", "max-age=8"),
        settings=configured,
    )
    assert (found.seed, found.bucket_max, found.variants, found.ignored, found.ttl_ms) == ("", 4, False, ("x",), 8000)


def test_the_configured_halves_and_bound_of_age():
    read_only = CacheSettings(enabled=True, save=False, max_age_seconds=5)
    assert not terms(settings=read_only).save
    assert terms(("helicone-cache-enabled", "true"), settings=read_only).save
    assert on(settings=read_only).ttl_ms == 5000
