"""`helicli prompts`: prompts kept as files, versioned, labelled.

Owns what is told of them. What a command has stored is in use in a running engine when the command returns.
"""

from __future__ import annotations

from typing import Annotated

import typer
from typer._click.core import Context

from helicli.cli import prompt_files, prompt_filling, prompt_set, shaping
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.things import Things, text_of
from helicli.errors import NotFoundError
from helicli.prompts import PRODUCTION, check_name, ref
from helicli.prompts.files import compiled
from helicli.query import prompts as query
from helicli.query.reading import opened
from helicli.store.prompts import Label, StoredPrompt
from helicli.view import prompts as view
from helicli.view.rows import json_line
from helicli.view.safe import safe

app = new("""
    helicli prompts new support
    helicli prompts push -m "shorter answers"
    helicli prompts log support
    helicli prompts render support --var question='Hi'
    helicli prompts rollback support
    """)


Which = Annotated[str, typer.Argument(metavar="PROMPT", help="NAME, NAME@3 or NAME@LABEL.")]
Name = Annotated[str, typer.Argument(metavar="PROMPT", help="What it is called.")]


app.command(
    "push",
    help="store files as versions; in use at once",
    shared=shaping.THINGS,
    epilog="helicli prompts push\nhelicli prompts push prompts/support.md -m 'shorter answers' --label production",
)(prompt_files.push)
app.command(
    "pull", help="write versions as files", epilog="helicli prompts pull\nhelicli prompts pull support@3 --dir old/"
)(prompt_files.pull)
app.command("new", help="begin a file", epilog="helicli prompts new support")(prompt_files.new)


@app.command("list", help="the stored ones", shared=shaping.THINGS, epilog="helicli prompts list --json")
def listing(ctx: Context) -> None:
    """Print each prompt with the version that is in use."""
    run = invocation(ctx)
    found = prompt_files.stored(run)
    calls: dict[str, int] = {}
    if found:
        with opened(run.database) as db:
            calls = query.calls(db)
    shape = shaping.shape(run)
    if not found and shape.format == "table":
        run.out.say("no prompts are stored: helicli prompts new NAME, then helicli prompts push")
        return
    things = Things(run, shape, view.LIST, view.LIST_TITLES, frozenset({2, 4}), gives=3)
    for each in found:
        told = view.listed(each, calls.get(each.name, 0))
        things.add(told, view.list_row(told, each, prompt_files.now(run) if shape.format == "table" else None))
    things.end()


@app.command("show", help="one of them", shared=(shaping.JSON,), epilog="helicli prompts show support@3")
def show(ctx: Context, which: Which) -> None:
    """Print the file of a version, exact."""
    run = invocation(ctx)
    with opened(run.database) as db:
        stored, number, source = query.version(db, ref(which))
    if run.is_set("json"):
        run.out.data(json_line(view.shown(stored, number, source, compiled(source))))
        return
    each = stored.version(number)
    labels = ", ".join(stored.labels_of(number)) or ("in use" if stored.used == number else "")
    run.out.hint(f"{stored.name}@{number}{f' ← {labels}' if labels else ''}   {each.message}".rstrip())
    if run.out.tty:
        for line in source.file.text.splitlines():
            run.out.data(safe(line))
    else:
        run.out.raw(source.file.text.encode())


@app.command(
    "diff",
    help="what is different, by words",
    epilog="""
    helicli prompts diff support
    helicli prompts diff support@2 support@3
    helicli prompts diff support prompts/support.md
    """,
)
def diff(
    ctx: Context,
    which: Which,
    other: Annotated[
        str | None, typer.Argument(metavar="PROMPT|FILE", help="Else the newest version.", show_default=False)
    ] = None,
) -> None:
    """Print the words that differ; of a name alone those that its newest version has changed."""
    run = invocation(ctx)
    with opened(run.database) as db:
        wanted = ref(which)
        stored = query.find(db, wanted.name)
        newest = stored.versions[-1].number
        alone = other is None and wanted.number is None and not wanted.label
        number = max(1, newest - 1) if alone else stored.number(wanted)
        before = query.source(db, stored, number)
        if other is None:
            after, shown = query.source(db, stored, newest), f"{stored.name}@{newest}"
        elif prompt_set.is_file(other, run.folder):
            after, shown = prompt_set.source(run.folder / other), other
        else:
            second, at, after = query.version(db, ref(other))
            shown = f"{second.name}@{at}"
    lines = list(view.difference(before, after, run.out.style))
    run.out.say(f"{stored.name}@{number} → {shown}" + ("" if lines else ": the same"))
    run.out.page(lines)


@app.command(
    "log", help="its versions, and what came of each", shared=shaping.THINGS, epilog="helicli prompts log support"
)
def log(ctx: Context, name: Name) -> None:
    """Print each version with its calls, the newest first."""
    run = invocation(ctx)
    with opened(run.database) as db:
        stored = query.find(db, check_name(name))
        uses, scores = query.uses(db, name), query.scores(db, name)
    shape = shaping.shape(run)
    things = Things(run, shape, view.LOG, view.LOG_TITLES, frozenset({4, 5, 6}), gives=3)
    named = len(view.score_names(scores.values())) > 1
    for each in reversed(stored.versions):
        used, scored = uses.get(each.number), scores.get(each.number, {})
        told = view.logged(stored, each, used, scored)
        row = view.log_row(stored, each, used, scored, prompt_files.now(run), named=named)
        things.add(told, row if shape.format == "table" else view.log_texts(told, text_of))
    things.end()


@app.command("label", help="point a label at a version", epilog="helicli prompts label support@4 production")
def label(
    ctx: Context,
    which: Which,
    called: Annotated[str, typer.Argument(metavar="LABEL", help="Such as production or staging.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take it away.")] = False,
) -> None:
    """Set a label; production is what is used where no version is named."""
    run = invocation(ctx)
    with opened(run.database) as db:
        wanted = ref(which)
        stored = query.find(db, wanted.name)
    _set(run, stored, called, None if remove else stored.number(wanted))


@app.command(
    "rollback",
    help="use the version before",
    epilog="helicli prompts rollback support\nhelicli prompts rollback support@2",
)
def rollback(ctx: Context, which: Which) -> None:
    """Set the label production to the version before the one in use, or to the one that is named."""
    run = invocation(ctx)
    with opened(run.database) as db:
        wanted = ref(which)
        stored = query.find(db, wanted.name)
    if wanted.number is not None or wanted.label:
        number = stored.number(wanted)
    else:
        older = [each.number for each in stored.versions if each.number < stored.used]
        if not older:
            raise NotFoundError(
                f"there is no version before {stored.name}@{stored.used}", f"helicli prompts log {stored.name}"
            )
        number = older[-1]
    _set(run, stored, PRODUCTION, number)


def _set(run: Invocation, stored: StoredPrompt, called: str, number: int | None) -> None:
    from helicli.engine import prompts as engine

    live, [kept] = engine.change(run.database, Label(stored.name, called, number, prompt_files.now(run)), run.out.say)
    was = stored.labels.get(called)
    done = f"{called} is {view.version(kept.number)}" if number is not None else f"{called} is taken away"
    undo = f"label {stored.name}@{was} {called}" if was else f"label {stored.name} {called} --remove"
    held = f"{view.version(kept.used)} is in use" + ("" if live else " when an engine runs")
    run.out.say(f"{stored.name}: {done}; {held}   undo: helicli prompts {undo}")


app.command(
    "render",
    help="a prompt with its values in it",
    shared=(shaping.JSON,),
    epilog="""
    helicli prompts render support --var question='Hi'
    helicli prompts render prompts/support.md --vars values.json --json
    """,
)(prompt_filling.render)
app.command(
    "test",
    help="ask models with it, side by side",
    shared=shaping.THINGS,
    epilog="""
    helicli prompts test support --vars cases.jsonl -m gpt-4o-mini -m claude-sonnet-4-5
    helicli prompts test support@4 --against @3 --recorded 5
    """,
)(prompt_filling.test)
