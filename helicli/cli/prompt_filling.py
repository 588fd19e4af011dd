"""The commands of `helicli prompts` that put values into a prompt: render, test.

Owns what is told of them. A value is told as it was given, made safe for a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import uuid4

import typer
from typer._click.core import Context

from helicli.cli import prompt_set, shaping
from helicli.cli.options import Invocation, invocation
from helicli.cli.progress import Progress
from helicli.cli.prompt_values import given, on_the_line, sets
from helicli.cli.things import Things, text_of
from helicli.errors import NetworkError, NotFoundError, UsageError
from helicli.prompts import Compiled, Filled, ref
from helicli.prompts.files import compiled
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
    filled = _checked(prompt, values, f"helicli prompts render {which}")
    if run.is_set("json"):
        run.out.raw(filling.fill("chat", {}, prompt, values) + b"\n")
        return
    for at, message in enumerate(filled.messages):
        lines = [f"## {message.role}", *message.text.split("\n")]
        for line in ["", *lines] if at else lines:
            run.out.data(safe(line))


def test(
    ctx: Context,
    which: Annotated[str, typer.Argument(metavar="PROMPT", help="NAME, NAME@3 or NAME@LABEL.")],
    file: Annotated[
        str | None,
        typer.Option("--vars", metavar="FILE", help="Sets of values as JSON, one on each line; - for stdin."),
    ] = None,
    recorded: Annotated[
        int, typer.Option("--recorded", metavar="N", min=0, help="The values of its newest calls, N sets.")
    ] = 0,
    var: Annotated[list[str] | None, typer.Option("--var", metavar="K=V", help="A value in every set.")] = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", "-m", metavar="NAME", help="Ask this model; again = side by side.")
    ] = None,
    against: Annotated[
        list[str] | None, typer.Option("--against", metavar="@V", help="Another version beside it; again = more.")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="VAR", help="The variable that holds the provider's key.")
    ] = None,
) -> None:
    """Ask models through the running engine; every call is recorded and priced."""
    from helicli.cli import prompt_trials
    from helicli.cli.providers import known_now
    from helicli.view import trials as view

    run = invocation(ctx)
    shape = shaping.shape(run)
    found = _versions(run, which, against or ())
    sets = _sets(run, which, file, recorded, var or ())
    models = model or [found[0].prompt.model]
    if not all(models):
        raise UsageError(f"{found[0].shown} names no model", f"helicli prompts test {which} --model gpt-4o-mini")
    for values in sets:
        for each in found:
            _checked(each, values, f"helicli prompts test {which}")
    engine = known_now(run)
    if not engine.running:
        raise NetworkError("no engine runs, and a test goes through the proxy", "helicli serve")
    targets = [prompt_trials.target(each, engine.providers, run.env, key) for each in models]
    session = f"prompt-test-{uuid4().hex[:8]}"
    with Progress(run.out, f"asking {len(sets) * len(found) * len(targets)} times") as progress:
        done = prompt_trials.ask(engine.address, session, found, targets, sets, progress)
    with opened(run.database) as db:
        done = prompt_trials.recorded(db, session, done)
    if shape.format == "table":
        for line in view.answers(done, run.out.width, run.out.style):
            run.out.data(line)
        head, *lines = view.sums(done)
        run.out.data("")
        run.out.data(run.out.style.dim(head))
        for row in lines:
            run.out.data(row)
    else:
        things = Things(run, shape, view.NAMES)
        for told in view.objects(done):
            things.add(told, [text_of(told[name]) for name in view.NAMES])
        things.end()
    for note in prompt_trials.notes(targets, done):
        run.out.say(safe(note))
    run.out.say(f"recorded as session {session}   helicli filter session:{session}")
    if any(each.error for each in done):
        raise typer.Exit(1)


def _checked(prompt: Compiled, values: Mapping[str, Any], command: str) -> Filled:
    """The prompt with values in it. Raises UsageError that says how the command gives what is missing."""
    inputs = prompt.inputs(values)
    filled = prompt.fill({}, inputs)
    inputs.check(prompt.shown, lambda names: command + "".join(f" --var {name}={it}" for name, it in names.items()))
    return filled


def _versions(run: Invocation, which: str, others: Sequence[str]) -> list[Compiled]:
    first = ready(run, which)
    name = first.shown.rpartition("@")[0]
    if not name:
        raise UsageError(f"{which} is not stored", f"helicli prompts push {which}   then test it by its name")
    more = [each if each.startswith(f"{name}@") else f"{name}@{each.removeprefix('@')}" for each in others]
    return list({each.shown: each for each in (first, *(ready(run, each) for each in more))}.values())


def _sets(run: Invocation, which: str, file: str | None, recorded: int, pairs: Sequence[str]) -> list[dict[str, Any]]:
    """The sets of values: of a file, of the log, or the one on the line."""
    if file is not None:
        found = sets(run, file)
    elif recorded:
        with opened(run.database) as db:
            found = query.recorded(db, ref(which).name, recorded)
        if not found:
            raise NotFoundError(f"no call of {ref(which).name} has recorded values", "give some: --vars FILE")
    else:
        found = [{}]
    own = on_the_line(pairs)
    return [{**each, **own} for each in found]


def ready(run: Invocation, which: str) -> Compiled:
    """A stored version, or a file, made ready."""
    if prompt_set.is_file(which, run.folder):
        return compiled(prompt_set.source(run.folder / which))
    with opened(run.database) as db:
        stored, number, source = query.version(db, ref(which))
    return compiled(source, f"{stored.name}@{number}")
