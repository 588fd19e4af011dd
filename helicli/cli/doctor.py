"""`helicli doctor`: what may be wrong, and what mends it.

Owns how findings are shown; they come from `engine.doctor`. It looks and changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from typer._click.core import Context

from helicli import paths
from helicli.cli import shaping
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.things import Things
from helicli.errors import UsageError
from helicli.view.safe import safe

if TYPE_CHECKING:
    from helicli.engine.doctor import Finding

app = new()

_COLUMNS = ("state", "name", "text", "fix")


@app.command(
    shared=shaping.THINGS,
    epilog="""
    helicli doctor
    helicli doctor --json | jq '.[] | select(.state != "ok")'
    """,
)
def doctor(ctx: Context) -> None:
    """Look at everything that calls and their log need."""
    from helicli.engine.doctor import Patient, State, examine

    run = invocation(ctx)
    shape = shaping.shape(run)
    try:
        database, host, port = run.database, run.settings.text("serve.host"), run.settings.number("serve.port")
    except UsageError:
        # Settings that cannot be read are a finding among others.
        database, host, port = paths.database(run.env, run.db or run.env.get("HELICLI_DB")), "127.0.0.1", 8787
    patient = Patient(
        env=run.env, database=database, host=host, port=port, settings=lambda: _settings(run), now=run.moment()
    )
    findings = list(examine(patient))
    if shape.format == "table":
        for each in findings:
            _show(run, each)
    else:
        things = Things(run, shape, _COLUMNS)
        for each in findings:
            told = {name: getattr(each, name) for name in each.__struct_fields__}
            things.add(told, [told[name] for name in _COLUMNS])
        things.end()
    bad = sum(each.state is State.BAD for each in findings)
    warned = sum(each.state is State.WARN for each in findings)
    run.out.say(f"{len(findings)} checks · {bad} bad · {warned} to look at")
    if bad:
        raise typer.Exit(1)


def _settings(run: Invocation) -> str:
    """Where the settings come from; those of providers are tried. Raises UsageError."""
    from helicli.cli.starting import providers

    providers(run.settings)
    user = paths.config_file(run.env, run.config)
    return str(user) if user.exists() else f"defaults ({user} is not there)"


def _show(run: Invocation, each: Finding) -> None:
    out = run.out
    paint = {"ok": out.style.ok, "warn": out.style.warn, "bad": out.style.bad}[each.state]
    out.data(f"{paint(f'{each.state:<4}')}  {each.name:<9} {safe(each.text)}")
    if each.fix:
        out.data(f"      {'':<9} {out.style.accent('fix:')} {safe(each.fix)}")
