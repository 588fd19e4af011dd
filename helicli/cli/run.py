"""`helicli run`: a program whose calls go through helicli, without a change to it.

Owns the environment the program is given, and what is said after it. The program's streams are its own: nothing is
written to stdout, and nothing to stderr while it runs.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer._click.core import Context

from helicli.cli.engine_options import AllowedHosts, Cache, CaFile, NoAuth, Retries, Upstreams
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.errors import DatabaseError, NotFoundError, UsageError

if TYPE_CHECKING:
    from helicli.engine.join import Given

app = new()


@app.command(
    context_settings={"allow_interspersed_args": False},
    epilog="""
    helicli run -- python app.py
    helicli run -u ada -P Feature=eval -- pytest tests/evals
    helicli run --limit '200;w=day;u=cents' -- python agent.py
    helicli run --db eval.db --no-summary -- npm start
    """,
)
def run(
    ctx: Context,
    command: Annotated[list[str], typer.Argument(metavar="CMD…", help="The program and its arguments.")],
    user: Annotated[
        str | None, typer.Option("--user", "-u", metavar="ID", help="Whose calls they are, where they do not say.")
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", "-s", metavar="ID", help="Their session, where they do not say.")
    ] = None,
    prop: Annotated[
        list[str], typer.Option("--prop", "-P", metavar="K=V", help="A property of each call; may be repeated.")
    ] = [],  # noqa: B006
    no_summary: Annotated[bool, typer.Option("--no-summary", help="Say nothing at the end.")] = False,
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where the engine is to listen.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", "-p", min=0, max=65535, help="Its port; else any free one.")
    ] = None,
    upstream: Upstreams = [],  # noqa: B006
    allow_host: AllowedHosts = [],  # noqa: B006
    idle_timeout: Annotated[
        str | None, typer.Option(metavar="DUR", help="How long a provider may be silent within an answer.")
    ] = None,
    ca_file: CaFile = None,
    bodies: Annotated[
        str | None, typer.Option(metavar="WORD", help="What is kept of a call: full, meta or off.")
    ] = None,
    durability: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="On the disk within a second (batch) or before the last byte (sync)."),
    ] = None,
    cache: Cache = None,
    retries: Retries = None,
    limit: Annotated[
        list[str],
        typer.Option(metavar="POLICY", help="A limit for this run's calls, such as 100;w=60; may be repeated."),
    ] = [],  # noqa: B006
    unsafe_no_auth: NoAuth = False,
) -> None:
    """Run a program with all its calls logged."""
    from helicli.engine import program
    from helicli.engine.origin import Origin

    called = invocation(ctx)
    env = called.env
    program.find(command[0], env)
    asked = _asked(
        host, port, upstream, allow_host, idle_timeout, ca_file, bodies, durability, cache, retries, unsafe_no_auth
    )
    _check(limit)
    properties = dict(pair("--prop", each, "Feature=eval") for each in prop)
    # Asks git, which answers while the rest is imported.
    origin = Origin(env)
    from helicli import baseurls
    from helicli.engine.join import join

    tags = {
        "user": _clean(user),
        "session": _clean(session),
        "properties": {name: _clean(value) for name, value in {**origin.properties(), **properties}.items()},
        "policies": limit,
    }
    lease = join(called.database, tags, asked, lambda: _settings(called, asked), called.out.say)
    given = lease.given
    without = {name for name, url in given.upstreams.items() if not url}
    variables = baseurls.variables(given.address, given.token, without=without)
    _tell_moved(called, variables, given.upstreams)
    code = program.Program(command, {**env, **variables, **baseurls.no_proxy(env, given.address)}).run()
    if not no_summary and not called.out.quiet:
        _tell(called, given, lease.settle())
    lease.close()
    if code < 0:
        program.end_by(-code)
        code = 128 - code
    raise typer.Exit(code)


def _check(policies: list[str]) -> None:
    """Raise UsageError for what is no policy, before an engine is started for it."""
    if policies:
        from helicli.policy import parse_all

        for each in policies:
            parse_all(each)


def shown_by(run: str, db: str | None) -> str:
    """The command that shows the calls of a run; `db` is the database, where one was named on the line."""
    where = f" --db {shlex.quote(db)}" if db else ""
    return f"helicli tail --no-follow --run {run}{where}"


def _asked(
    host: str | None,
    port: int | None,
    upstream: list[str],
    allow_host: list[str],
    idle_timeout: str | None,
    ca_file: str | None,
    bodies: str | None,
    durability: str | None,
    cache: bool | None,
    retries: int | None,
    unsafe_no_auth: bool,
) -> dict[str, Any]:
    """The settings that were asked for by name: an engine that runs must have them."""
    from helicli.units import duration

    given = {
        "host": host,
        "port": port,
        "upstreams": dict(pair("--upstream", each, "local=http://127.0.0.1:11434") for each in upstream),
        "allowed_hosts": [name.lower() for name in allow_host],
        "timeouts": {"idle": duration(idle_timeout)} if idle_timeout else None,
        "ca_file": str(Path(ca_file).absolute()) if ca_file else None,
        "bodies": bodies,
        "durability": durability,
        "cache": None if cache is None else {"enabled": cache},
        "retry": None if retries is None else {"enabled": retries > 0, **({"num": retries} if retries else {})},
        "unsafe_no_auth": unsafe_no_auth,
    }
    return {name: value for name, value in given.items() if value}


def _settings(run: Invocation, asked: Mapping[str, Any]) -> bytes:
    """All settings, for an engine that has to be started. Raises UsageError."""
    from helicli.cli.starting import engine_settings
    from helicli.engine.place import pack

    flags: dict[str, Any] = {
        "serve.host": asked.get("host"),
        "serve.port": asked.get("port", 0),
        "serve.allow_host": tuple(asked.get("allowed_hosts", ())),
        "serve.ca_file": asked.get("ca_file"),
        "serve.bodies": asked.get("bodies"),
        "serve.durability": asked.get("durability"),
        "cache.enabled": asked.get("cache", {}).get("enabled"),
        "retry.enabled": asked.get("retry", {}).get("enabled"),
        "retry.num": asked.get("retry", {}).get("num"),
    }
    if "timeouts" in asked:
        flags["upstream.idle"] = f"{asked['timeouts']['idle']:f}"
    settings = engine_settings(
        run, flags, upstreams=asked.get("upstreams", {}), unsafe_no_auth=asked.get("unsafe_no_auth", False)
    )
    settings.check()
    return pack(settings)


def pair(option: str, text: str, example: str) -> tuple[str, str]:
    """The two halves of `NAME=VALUE`, the name in lower case. Raises UsageError."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise UsageError(f'{option} cannot be "{text}"', f"write {option} {example}")
    return name.strip().lower(), value.strip()


def _clean(text: str | None) -> str | None:
    """Text that can be encoded: a folder's name need not be."""
    return text if text is None else text.encode(errors="replace").decode()


def _tell_moved(run: Invocation, variables: Mapping[str, str], upstreams: Mapping[str, str]) -> None:
    """Say whose calls go elsewhere than the caller's own variables had sent them."""
    from helicli import baseurls

    for name, host in baseurls.elsewhere(run.env, upstreams).items():
        if name in variables:
            provider = next(each.provider for each in baseurls.VARIABLES if each.name == name)
            note = run.out.err_style.warn("note:")
            run.out.say(
                note + f"  {name} named {host}; its calls go to {upstreams.get(provider, '')} now"
                f"   to keep {host}: helicli config set providers.{provider}.base_url URL"
            )


def _tell(run: Invocation, given: Given, settled: str) -> None:
    """The receipt, once everything is recorded."""
    out = run.out
    found = None
    if settled != "none":
        from helicli.query.reading import opened
        from helicli.query.runs import receipt

        try:
            with opened(run.database) as log:
                found = receipt(log, given.run)
        except NotFoundError:
            pass
        except DatabaseError as error:
            out.say(out.err_style.warn("note:") + f"  the calls were logged, but {error.message}")
            return
    if settled == "gone":
        out.say(out.err_style.warn("note:") + "  the engine ended before the program; later calls are not logged")
    elif settled == "late":
        out.say(out.err_style.warn("note:") + "  the recorder is behind; not all calls are counted yet")
    if found is None or not found.calls:
        out.say("helicli: no calls came; what do programs read? helicli help environment")
        return
    from helicli.view import receipt as view

    first, second = view.lines(found, shown_by(given.run, run.db), out.err_style)
    if out.err_tty:
        out.say(view.rule(out.width, out.err_style))
    out.say(first if out.err_tty else out.err_style.dim("helicli: ") + first)
    out.say(second if out.err_tty else out.err_style.dim("helicli: ") + second)
