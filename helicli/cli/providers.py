"""`helicli providers`: where calls go, and whether it answers.

Owns what is told of a provider: the base URL a program is to use, the upstream behind it, its calls. Where an engine
runs, its word holds; else what the next one would be told.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from msgspec import Struct
from msgspec.structs import replace
from typer._click.core import Context

from helicli import baseurls
from helicli.cli import backlog, shaping, starting
from helicli.cli.listing import print_record
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new, unknown
from helicli.cli.things import Things, text_of
from helicli.config import Settings
from helicli.errors import DatabaseError, NotFoundError, UsageError
from helicli.providers.registry import ALIASES, Provider
from helicli.proxy.doors import is_loopback
from helicli.query import providers as query
from helicli.query.reading import opened
from helicli.settings import written
from helicli.units import seconds
from helicli.view.safe import safe

_DAY_MS = 86_400_000
# What a narrow terminal cuts stands last.
_LIST = ("name", "base_url", "calls_24h", "upstream", "key")
_TITLES = ("NAME", "BASE URL TO USE", "CALLS 24H", "UPSTREAM", "KEY")
_TEST = ("name", "outcome", "status", "latency_ms", "message")

app = new("""
    helicli providers list
    helicli providers show groq
    helicli providers test openai
    """)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Such as openai.")]


class Known(Struct, frozen=True):
    """What is known here and now."""

    settings: Settings
    providers: dict[str, Provider]
    address: str
    running: bool


@app.command(
    "list",
    help="all of them",
    shared=shaping.THINGS,
    epilog="helicli providers list\nhelicli providers list --json",
)
def listing(ctx: Context) -> None:
    """Print each provider with the base URL to use, its upstream, its key and its calls of 24 hours."""
    run = invocation(ctx)
    known = known_now(run)
    calls = _calls(run)
    shape = shaping.shape(run)
    things = Things(run, shape, _LIST, _TITLES, frozenset({2}))
    for each in known.providers.values():
        told = _object(known, each, calls)
        row = [text_of(told[name]) for name in _LIST]
        if shape.format == "table":
            row[3] = row[3].removeprefix("https://")
        things.add(told, row)
    things.end()
    if not known.running:
        run.out.hint("no engine runs; these hold for the next: helicli serve")


@app.command("show", help="one of them", shared=shaping.RECORD, epilog="helicli providers show groq")
def show(ctx: Context, name: Name) -> None:
    """Print what is known of one provider."""
    run = invocation(ctx)
    known = known_now(run)
    provider = _one(known, name)
    told: dict[str, Any] = {
        **_object(known, provider, _calls(run)),
        "dialect": provider.dialect,
        "ask_usage": provider.ask_usage,
        "variables": [each.name for each in baseurls.VARIABLES if each.provider == provider.name],
        "set_in": sorted(
            {
                f"{written(key)} in {found.winner.name}"
                for key, found in known.settings.found.items()
                if key[:2] == ("providers", provider.name)
            }
        ),
    }
    shape = shaping.shape(run)
    nothing = "–" if shape.format == "table" else ""
    print_record(run, shape, told, {field: safe(text_of(value)) or nothing for field, value in told.items()})


@app.command(
    "test",
    help="ask one for its models",
    shared=shaping.THINGS,
    epilog="helicli providers test openai\nhelicli providers test",
)
def test(
    ctx: Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Else all with a key here, calls, or settings.")
    ] = None,
) -> None:
    """Send one cheap request, through the engine where one runs; without a key a 401 is an answer, too."""
    from helicli.cli import reach

    run = invocation(ctx)
    known = known_now(run)
    chosen = [_one(known, name)] if name is not None else _in_use(run, known)
    ca_file = known.settings.file("serve.ca_file")
    shape = shaping.shape(run)
    things = Things(run, shape, _TEST)
    outcomes = []
    for provider in chosen:
        if not provider.base_url:
            raise UsageError(
                f"{provider.name} has no address", f"helicli config set providers.{provider.name}.base_url URL"
            )
        outcome = reach.test(provider, known.address if known.running else None, run.env, ca_file)
        outcomes.append(outcome)
        if shape.format == "table":
            run.out.data(_line(run, outcome))
            continue
        told = _told(outcome, known.running)
        things.add(told, [text_of(told[name]) for name in _TEST])
    if shape.format != "table":
        things.end()
    if not all(each.reached for each in outcomes):
        raise typer.Exit(5)
    if any(each.word != "ok" for each in outcomes):
        raise typer.Exit(1)


def _line(run: Invocation, outcome: Any) -> str:
    """What came of one, for a terminal, as soon as it is known."""
    paint = run.out.style.ok if outcome.reached and outcome.word == "ok" else run.out.style.bad
    name, status, took = f"{outcome.provider:<12}", f"{outcome.status or '–'!s:>3}", f"{seconds(outcome.latency_us):>6}"
    parts = [safe(name), paint(f"{outcome.word:<11}"), status, took, safe(outcome.message)]
    return "  ".join(parts).rstrip()


def known_now(run: Invocation) -> Known:
    """The providers by name, and the address under which they are to be had."""
    settings = starting.configuration(run)
    providers = {each.name: each for each in starting.providers(settings).values()}
    engine = backlog.engine(run.database)
    upstreams = backlog.upstreams(run.database) if engine is not None else None
    if engine is None or upstreams is None:
        host = settings.text("serve.host")
        where = f"[{host}]" if ":" in host else host
        address = baseurls.base_url(f"http://{where}:{settings.number('serve.port')}")
        return Known(settings, providers, address, False)
    live = {
        name: replace(providers[name], base_url=url) if name in providers else Provider(name, url, "openai", False)
        for name, url in upstreams.items()
    }
    return Known(settings, live, baseurls.base_url(str(engine["address"])), True)


def _one(known: Known, name: str) -> Provider:
    found = known.providers.get(ALIASES.get(name, name))
    if found is None:
        error = unknown(f"provider {name!r}", name, list(known.providers), "")
        near = error.fix.removesuffix("?") if error.fix.startswith("did you mean") else ""
        raise NotFoundError(error.message, f"{near}?   helicli providers list" if near else "helicli providers list")
    return found


def _in_use(run: Invocation, known: Known) -> list[Provider]:
    """The providers that somebody uses here."""
    calls = _calls(run) or {}
    configured = known.settings.named("providers")
    used = [
        each
        for each in known.providers.values()
        if each.base_url
        and (
            calls.get(each.name)
            or each.name in configured
            or any(run.env.get(name) for name in baseurls.key_variables(each.name))
        )
    ]
    if not used:
        raise UsageError("no provider is in use here", "name one: helicli providers test openai")
    return used


def _calls(run: Invocation) -> dict[str, int] | None:
    """The calls of the last 24 hours by provider, None where there is no log."""
    try:
        with opened(run.database) as db:
            return query.calls_since(db, int(run.now().timestamp() * 1000) - _DAY_MS)
    except (NotFoundError, DatabaseError):
        return None


def _object(known: Known, provider: Provider, calls: dict[str, int] | None) -> dict[str, Any]:
    host = urlsplit(provider.base_url).hostname or ""
    return {
        "name": provider.name,
        "base_url": known.address + baseurls.usual(provider.name, provider.base_url),
        "upstream": provider.base_url or None,
        "key": "none" if host and is_loopback(host) else "from client",
        "calls_24h": None if calls is None else calls.get(provider.name, 0),
    }


def _told(outcome: Any, running: bool) -> dict[str, Any]:
    return {
        "name": outcome.provider,
        "url": outcome.url,
        "through_engine": running,
        "reached": outcome.reached,
        "outcome": outcome.word,
        "status": outcome.status,
        "latency_ms": outcome.latency_us / 1000,
        "key_from": outcome.key or None,
        "message": outcome.message or None,
    }
