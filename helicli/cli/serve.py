"""`helicli serve`: start the proxy and watch the calls.

Owns what a person sees of an engine: banner, a line per call, the word on stopping. All of it goes to stderr: a server
has no data output.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer._click.core import Context

from helicli.cli.engine_options import AllowedHosts, Cache, CaFile, NoAuth, Retries, Upstreams
from helicli.cli.options import invocation
from helicli.cli.root import new
from helicli.errors import UsageError
from helicli.values import Value

app = new()


@app.command(
    epilog="""
    helicli serve
    helicli serve --port 0 --db test.db --ready-file ready.json
    helicli serve --upstream local=http://127.0.0.1:11434
    """
)
def serve(
    ctx: Context,
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where to listen; else 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", "-p", min=0, max=65535, help="Its port, 0 for any free one; else 8787.")
    ] = None,
    upstream: Upstreams = [],  # noqa: B006
    ready_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Gets the JSON of /healthcheck once the proxy answers.")
    ] = None,
    allow_host: AllowedHosts = [],  # noqa: B006
    idle_timeout: Annotated[
        str | None,
        typer.Option(metavar="DUR", help="How long a provider may be silent within an answer; else 10m."),
    ] = None,
    ca_file: CaFile = None,
    bodies: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="What is kept of a call: full (else), meta (headers and sizes) or off."),
    ] = None,
    durability: Annotated[
        str | None,
        typer.Option(metavar="WORD", help="On the disk within a second (batch, else) or before the last byte (sync)."),
    ] = None,
    cache: Cache = None,
    limit: Annotated[
        list[str],
        typer.Option(metavar="POLICY", help="A limit for all calls, such as 100;w=3600;u=user; may be repeated."),
    ] = [],  # noqa: B006
    retries: Retries = None,
    unsafe_no_auth: NoAuth = False,
) -> None:
    """Start the proxy and watch the calls."""
    import asyncio

    from helicli.cli.starting import engine_settings
    from helicli.cli.watch import Watch
    from helicli.engine.supervisor import Supervisor

    run = invocation(ctx)
    flags: dict[str, Value | None] = {
        "serve.host": host,
        "serve.port": port,
        "serve.allow_host": tuple(allow_host),
        "upstream.idle": idle_timeout,
        "serve.ca_file": ca_file,
        "serve.bodies": bodies,
        "serve.durability": durability,
        "cache.enabled": cache,
        "limits.policies": tuple(limit),
        "retry.enabled": None if retries is None else retries > 0,
        "retry.num": retries or None,
    }
    upstreams = dict(_pair(each) for each in upstream)
    settings = engine_settings(run, flags, upstreams=upstreams, unsafe_no_auth=unsafe_no_auth)
    if ready_file is not None:
        _prepare(ready_file)
    watch = Watch(run, settings.database, ready_file)

    async def engine() -> int:
        following = asyncio.create_task(watch.follow())
        try:
            return await Supervisor(settings, watch).run()
        finally:
            following.cancel()

    try:
        code = asyncio.run(engine())
    finally:
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
    watch.stopped()
    raise typer.Exit(code)


def _prepare(ready_file: Path) -> None:
    """Take away the word of an engine that was killed, and see that there is room for the new one's."""
    if not ready_file.parent.is_dir() or ready_file.is_dir():
        raise UsageError(f"--ready-file cannot be {ready_file}", "name a file in a folder that is there")
    ready_file.unlink(missing_ok=True)


def _pair(text: str) -> tuple[str, str]:
    name, equals, url = text.partition("=")
    if not equals or not url:
        raise UsageError(
            f'--upstream cannot be "{text}"', "write --upstream NAME=URL, such as local=http://127.0.0.1:11434"
        )
    return name.strip().lower(), url.strip()
