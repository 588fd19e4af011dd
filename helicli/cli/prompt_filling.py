"""The commands of `helicli prompts` that put values into a prompt: render.

Owns what is told of them. A value is told as it was given, made safe for a terminal.
"""

from __future__ import annotations

from typing import Annotated

import typer
from typer._click.core import Context

from helicli.cli import prompt_set
from helicli.cli.options import Invocation, invocation
from helicli.cli.prompt_values import given
from helicli.prompt_files import SUFFIXES, compiled
from helicli.prompts import Compiled, ref
from helicli.providers import filling
from helicli.query import prompts as query
from helicli.query.reading import opened
from helicli.view.safe import safe


def render(
    ctx: Context,
    which: Annotated[str, typer.Argument(metavar="PROMPT|FILE", help="NAME, NAME@3, NAME@LABEL or a file.")],
    var: Annotated[list[str] | None, typer.Option("--var", metavar="K=V", help="A value; again = several.")] = None,
    file: Annotated[
        str | None, typer.Option("--vars", metavar="FILE", help="Values as a JSON object, - for stdin.")
    ] = None,
) -> None:
    """Print the messages; with --json the body of a chat request."""
    run = invocation(ctx)
    prompt = ready(run, which)
    values = given(run, var or (), file)
    missing = [name for name in prompt.variables if values.get(name) is None and name not in prompt.prompt.defaults]
    example = "".join(f" --var {name}=…" for name in missing)
    inputs = prompt.inputs(values)
    filled = prompt.fill({}, inputs)
    inputs.check(prompt.shown, f"helicli prompts render {which}{example}")
    if run.is_set("json"):
        run.out.raw(filling.fill("chat", {}, prompt, values) + b"\n")
        return
    for at, message in enumerate(filled.messages):
        lines = [f"## {message.role}", *message.text.split("\n")]
        for line in ["", *lines] if at else lines:
            run.out.data(safe(line))


def ready(run: Invocation, which: str) -> Compiled:
    """A stored version, or a file, made ready."""
    if which.endswith(SUFFIXES) and (run.folder / which).is_file():
        return compiled(prompt_set.source(run.folder / which))
    with opened(run.database) as db:
        stored, number, source = query.version(db, ref(which))
    return compiled(source, f"{stored.name}@{number}")
