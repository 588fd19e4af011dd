"""From the configuration to what an engine is told: for every command that starts one, or speaks of its providers.

Owns that step. Nothing is started here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helicli.caching import DAY_SECONDS, TTL_MAX_SECONDS, CacheSettings
from helicli.cli.options import Invocation
from helicli.config import Layer, Settings
from helicli.errors import UsageError
from helicli.limits import LimitSettings
from helicli.prices import read_prices
from helicli.providers import registry
from helicli.providers.registry import Given, Provider
from helicli.retrying import RetrySettings, Timeouts
from helicli.units import duration
from helicli.values import Value, shown

if TYPE_CHECKING:
    from helicli.engine.place import EngineSettings


def configuration(run: Invocation, flags: Mapping[str, Value | None] | None = None) -> Settings:
    """All settings of a command, its given `flags` (by key) before all. Says which of a project's are not taken."""
    found = run.load({key: value for key, value in (flags or {}).items() if value is not None and value != ()})
    run.tell_ignored(found)
    return found


def given(found: Settings) -> dict[str, Given]:
    """What is configured of providers. Raises UsageError that names where a wrong one stands."""
    told: dict[str, Given] = {}
    for name, table in found.named("providers").items():
        fields: dict[str, Any] = dict(table)
        told[name] = Given(**fields)
        try:
            registry.build({}, {name: told[name]})
        except UsageError as error:
            sources = {each.winner.name for key, each in found.found.items() if key[:2] == ("providers", name)}
            raise UsageError(error.message, error.fix, f"set in {', '.join(sorted(sources))}") from error
    return told


def limits(found: Settings) -> LimitSettings:
    """What is configured of limits."""
    return LimitSettings(found.words("limits.policies"), found.text("limits.unpriced"), found.text("limits.zone"))


def check(found: Settings) -> None:
    """Raise UsageError for what the table of settings lets pass and an engine would refuse."""
    given(found)
    cache_settings(found)
    limits(found).check()


def providers(found: Settings, upstreams: Mapping[str, str] | None = None) -> dict[str, Provider]:
    """All providers, as an engine of these settings knows them."""
    return registry.build(upstreams or {}, given(found))


def cache_settings(found: Settings) -> CacheSettings:
    """What is configured of the cache. Raises UsageError."""
    size = found.number_or_none("cache.bucket_max_size")
    if size == 0:
        raise UsageError("cache.bucket_max_size cannot be 0", "write a number from 1 up, or leave it out")
    return CacheSettings(
        enabled=bool(found.switch("cache.enabled")),
        read=found.switch("cache.read"),
        save=found.switch("cache.save"),
        seed=found.text_or_none("cache.seed") or "",
        bucket_max_size=size,
        bucket_mode=found.text("cache.bucket_mode"),
        ignore_keys=tuple(sorted(set(found.words("cache.ignore_keys")))),
        ttl_seconds=_life(found, "cache.ttl"),
        max_entries=found.number("cache.max_entries"),
        max_bytes=found.number("cache.max_bytes"),
        max_age_seconds=_life(found, "cache.max_age"),
        memory=found.number("cache.memory"),
    )


def retrying(found: Settings) -> RetrySettings:
    """What is configured of retries."""
    return RetrySettings(
        enabled=bool(found.switch("retry.enabled")),
        num=found.number("retry.num"),
        factor=found.factor("retry.factor"),
        min_ms=int(duration(found.text("retry.min_timeout")) * 1000),
        max_ms=int(duration(found.text("retry.max_timeout")) * 1000),
        deadline_seconds=duration(found.text("retry.deadline")),
        breaker=found.number("retry.breaker"),
        breaker_seconds=duration(found.text("retry.breaker_timeout")),
    )


def timeouts(found: Settings) -> Timeouts:
    """What is configured of how long a provider has."""
    first, total = found.text_or_none("upstream.first_byte"), found.text_or_none("upstream.total")
    return Timeouts(
        connect=duration(found.text("upstream.connect")),
        first_byte=duration(first) if first else None,
        idle=duration(found.text("upstream.idle")),
        total=duration(total) if total else None,
    )


def _life(found: Settings, key: str) -> int:
    """Whole seconds that an answer may live. Raises UsageError."""
    told = found.text(key)
    life = duration(told)
    if not 1 <= life <= TTL_MAX_SECONDS:
        raise UsageError(
            f"{key} is from 1s to {TTL_MAX_SECONDS // DAY_SECONDS}d, not {told}",
            f'write {key} = "7d"; to store no answers: cache.save = false',
        )
    return int(life)


def engine_settings(
    run: Invocation,
    flags: Mapping[str, Value | None],
    *,
    upstreams: Mapping[str, str],
    unsafe_no_auth: bool = False,
) -> EngineSettings:
    """What an engine is told that this command starts."""
    from urllib.request import getproxies_environment

    from helicli.engine.place import EngineSettings

    found = configuration(run, flags)
    providers(found, upstreams)
    _tell_moved(run, found, upstreams)
    ca_file = found.file("serve.ca_file")
    return EngineSettings(
        database=run.database,
        host=found.text("serve.host"),
        port=found.number("serve.port"),
        upstreams=upstreams,
        configured=given(found),
        allowed_hosts=tuple(name.lower() for name in found.words("serve.allow_host")),
        proxies=getproxies_environment(),
        ca_file=Path(ca_file) if ca_file is not None else None,
        unsafe_no_auth=unsafe_no_auth,
        timeouts=timeouts(found),
        retry=retrying(found),
        journal_max=found.number("journal.max"),
        bodies=found.text("serve.bodies"),
        durability=found.text("serve.durability"),
        prices=read_prices(found.tables("prices")),
        cache=cache_settings(found),
        limits=limits(found),
    )


def _tell_moved(run: Invocation, found: Settings, upstreams: Mapping[str, str]) -> None:
    """Say which calls, and the keys in them, go where a trusted project's file sends them."""
    for key, each in found.found.items():
        moved = key[0] == "providers" and key[-1] == "base_url" and key[1] not in upstreams
        if moved and each.winner.layer is Layer.PROJECT:
            note = run.out.err_style.warn("note:")
            run.out.say(note + f"  {key[1]} goes to {shown(each.winner.value)}, as {each.winner.name} says")
