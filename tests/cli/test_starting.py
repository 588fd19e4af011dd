"""From the configuration to what an engine is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from helicli import paths
from helicli.caching import CacheSettings
from helicli.cli import starting
from helicli.errors import UsageError
from helicli.providers.registry import Given
from helicli.retrying import RetrySettings, Timeouts


@pytest.fixture
def place(empty, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    empty.user = paths.config_file(empty.env)
    empty.user.parent.mkdir(parents=True)
    return empty


def test_the_settings_of_an_engine(place):
    place.user.write_text(
        '[serve]\nport = 1\nhost = "::1"\nallow_host = ["A.test"]\nca_file = "ca.pem"\n'
        'bodies = "meta"\n[journal]\nmax = "1 MB"\n[upstream]\nidle = "2m"\ntotal = "1h"\n'
        '[providers.local]\nbase_url = "http://h:1"\nlike = "ollama"\n'
    )
    made = starting.engine_settings(place.invocation(), {"serve.port": 2}, upstreams={"openai": "http://h:2"})
    assert (made.database, made.host, made.port, made.bodies) == (place.database, "::1", 2, "meta")
    assert (made.allowed_hosts, made.timeouts.idle, made.journal_max) == (("a.test",), 120.0, 1_000_000)
    assert made.timeouts == Timeouts(idle=120.0, total=3600.0)
    assert made.ca_file == place.user.parent / "ca.pem"
    assert made.configured == {"local": Given("http://h:1", "ollama")}
    assert made.upstreams == {"openai": "http://h:2"}


def test_the_retries_of_an_engine(place):
    assert starting.engine_settings(place.invocation(), {}, upstreams={}).retry == RetrySettings()
    place.user.write_text(
        '[retry]\nenabled = true\nnum = 3\nfactor = 1.5\nmin_timeout = "250ms"\nmax_timeout = "2s"\n'
        'deadline = "1m"\nbreaker = 0\nbreaker_timeout = "5s"\n'
    )
    made = starting.engine_settings(place.invocation(), {}, upstreams={}).retry
    assert made == RetrySettings(True, 3, 1.5, 250, 2000, 60.0, 0, 5.0)
    given = {"retry.enabled": False, "retry.num": 7}
    assert starting.engine_settings(place.invocation(), given, upstreams={}).retry.num == 7


def test_the_cache_of_an_engine(place):
    assert starting.engine_settings(place.invocation(), {}, upstreams={}).cache == CacheSettings()
    place.user.write_text(
        '[cache]\nenabled = true\nread = false\nsave = true\nseed = "s"\nbucket_max_size = 5\n'
        'bucket_mode = "variants"\n'
        'ignore_keys = ["user", "metadata.trace", "user"]\nttl = "1h"\nmax_age = "2d"\nmax_entries = 9\n'
        'max_bytes = "3 MB"\nmemory = "1 MB"\n'
    )
    made = starting.engine_settings(place.invocation(), {"cache.enabled": False}, upstreams={}).cache
    assert made == CacheSettings(
        enabled=False,
        read=False,
        save=True,
        seed="s",
        bucket_max_size=5,
        bucket_mode="variants",
        ignore_keys=("metadata.trace", "user"),
        ttl_seconds=3600,
        max_entries=9,
        max_bytes=3_000_000,
        max_age_seconds=2 * 86_400,
        memory=1_000_000,
    )


def test_a_bucket_of_none_is_refused(place):
    place.user.write_text("[cache]\nbucket_max_size = 0\n")
    with pytest.raises(UsageError, match="bucket_max_size"):
        starting.engine_settings(place.invocation(), {}, upstreams={})


@pytest.mark.parametrize("key", ["ttl", "max_age"])
@pytest.mark.parametrize(
    ("given", "holds"), [("365d", True), ("1s", True), ("366d", False), ("500ms", False), ("0s", False)]
)
def test_a_life_that_answers_cannot_have_is_refused(place, key, given, holds):
    """A life that is quietly another than what was written would be found out when it is too late."""
    place.user.write_text(f'[cache]\n{key} = "{given}"\n')
    if holds:
        assert starting.engine_settings(place.invocation(), {}, upstreams={}).cache
    else:
        with pytest.raises(UsageError, match=f"cache.{key} is from 1s to 365d, not {given}"):
            starting.engine_settings(place.invocation(), {}, upstreams={})


def test_options_that_were_not_given_are_none_of_its_business(place):
    made = starting.engine_settings(place.invocation(), {"serve.port": None, "serve.allow_host": ()}, upstreams={})
    assert (made.port, made.allowed_hosts, made.ca_file) == (8787, (), None)


def test_a_file_named_by_an_option_is_named_from_here(place):
    made = starting.engine_settings(place.invocation(), {"serve.ca_file": "ca.pem"}, upstreams={})
    assert made.ca_file == Path("ca.pem")


def test_a_wrong_provider_is_told_with_its_file(place):
    place.user.write_text('[providers.local]\nlike = "nobody"\n')
    with pytest.raises(UsageError) as caught:
        starting.engine_settings(place.invocation(), {}, upstreams={})
    assert "nobody" in caught.value.message and caught.value.cause == f"set in {place.user}"
