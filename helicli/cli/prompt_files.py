"""The commands of `helicli prompts` that read and write files: push, pull, new.

Owns what is told of them. A push is stored whole or not at all, and in use in a running engine when it returns.
"""

from __future__ import annotations

from typing import Annotated

import typer
from typer._click.core import Context

from helicli.cli import prompt_set, shaping
from helicli.cli.options import Invocation, invocation
from helicli.cli.things import Things, text_of
from helicli.errors import NotFoundError, UsageError
from helicli.prompts import PRODUCTION, Message, Prompt, Ref, Source, check_label, check_name, ref
from helicli.prompts.files import MARKDOWN, compiled
from helicli.prompts.writing import written
from helicli.query import prompts as query
from helicli.query.reading import opened
from helicli.store.prompts import Kept, Push, StoredPrompt
from helicli.view import prompts as view
from helicli.view.safe import safe
from helicli.view.table import aligned

Name = Annotated[str, typer.Argument(metavar="PROMPT", help="What it is called.")]


def push(
    ctx: Context,
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE|DIR…", help="Else the folder prompts/.", show_default=False)
    ] = None,
    message: Annotated[str, typer.Option("--message", "-m", metavar="TEXT", help="Why.", show_default=False)] = "",
    label: Annotated[
        list[str] | None, typer.Option("--label", metavar="LABEL", help="Set it to what is pushed; again = several.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each.")] = False,
) -> None:
    """Store files; what is unchanged gets no new version."""
    from helicli.engine import prompts as engine

    run = invocation(ctx)
    found = prompt_set.sources(files or [], run.folder)
    wanted = Push(tuple(found), message, tuple(map(check_label, label or ())), now(run))
    before = {each.name: each for each in stored(run)}
    names = [compiled(each).prompt.name for each in found]
    live, kept = (
        (False, _would(run, wanted, names, before)) if dry_run else engine.change(run.database, wanted, run.out.say)
    )
    shape = shaping.shape(run)
    things, lines = Things(run, shape, view.PUSHED), []
    for each, source in zip(kept, found, strict=True):
        known = before.get(each.name)
        old = _source(run, known, each.before) if each.new and each.before and known else None
        added, removed = view.counted(old, source) if each.new else (0, 0)
        told = view.pushed(each, added, removed)
        lines.append(view.pushed_row(each, added, removed))
        things.add(told, [text_of(told[name]) for name in view.PUSHED])
    if shape.format == "table":
        for line in aligned([[safe(text) for text in row] for row in lines]):
            run.out.data(line)
    else:
        things.end()
    changed = [each for each in kept if each.new]
    if dry_run:
        run.out.say("nothing was stored: --dry-run")
    elif changed:
        _next(run, changed, live)


def _next(run: Invocation, changed: list[Kept], live: bool) -> None:
    """What to do after a push."""
    last = changed[0]
    run.out.say("in use from now on" if live else "in use when an engine runs: helicli serve")
    hint = f"see   helicli prompts diff {last.name}@{last.before}   " if last.before else ""
    if last.used != last.number:
        hint += f"use   helicli prompts label {last.name}@{last.number} {PRODUCTION}"
    elif last.before:
        hint += f"undo  helicli prompts rollback {last.name}"
    if hint:
        run.out.hint(hint.rstrip())


def _would(run: Invocation, push: Push, names: list[str], stored: dict[str, StoredPrompt]) -> list[Kept]:
    """What a push would do."""
    kept = []
    for source, name in zip(push.sources, names, strict=True):
        known = stored.get(name)
        before = known.versions[-1] if known else None
        fresh = before is None or before.hash != source.hash
        number = (before.number if before else 0) + fresh
        labels = dict.fromkeys([*push.labels, *(compiled(source).prompt.labels if fresh else ())])
        pinned = known.labels.get(PRODUCTION) if known else None
        used = number if PRODUCTION in labels or pinned is None else pinned
        kept.append(Kept(name, number, fresh, before.number if before else None, used, tuple(labels)))
    return kept


def pull(
    ctx: Context,
    which: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROMPT…", help="Else all of them, as they are in use.", show_default=False),
    ] = None,
    folder: Annotated[str, typer.Option("--dir", metavar="DIR", help="Where to.")] = prompt_set.FOLDER,
    force: Annotated[bool, typer.Option("--force", help="Write over changes that are not pushed.")] = False,
) -> None:
    """Write the files of versions, those in use where none is named."""
    run = invocation(ctx)
    with opened(run.database) as db:
        wanted = [ref(each) for each in which or ()] or [Ref(each.name) for each in query.stored(db)]
        if not wanted:
            raise NotFoundError("no prompts are stored", "helicli prompts push")
        found = [query.version(db, each) for each in wanted]
        known = query.stored(db)
        files = [query.source(db, each, one.number) for each in known for one in each.versions]
    pushed = {file.text for each in files for file in (each.file, *each.partials)}
    changed = prompt_set.write([source for _, _, source in found], run.folder / folder, pushed, force=force)
    for path in changed:
        run.out.data(safe(str(path.relative_to(run.folder) if path.is_relative_to(run.folder) else path)))
    run.out.say(f"{_counted(len(changed), 'file')} written, {_counted(len(found), 'prompt')} as stored")


def new(ctx: Context, name: Name) -> None:
    """Write a file to begin with."""
    run = invocation(ctx)
    path = run.folder / prompt_set.FOLDER / f"{check_name(name)}{MARKDOWN}"
    if path.exists():
        raise UsageError(f"{path} is there already", f"edit it, then: helicli prompts push {path}")
    begun = Prompt(
        name=name,
        model="gpt-4o-mini",
        parameters={"temperature": 0.2},
        messages=(Message("system", "You are a helpful assistant."), Message("user", "{{question}}")),
    )
    text = written(begun)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    run.out.data(safe(str(path.relative_to(run.folder))))
    run.out.say("edit it, then: helicli prompts push")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def stored(run: Invocation) -> list[StoredPrompt]:
    """The stored prompts; none where there is no database."""
    try:
        with opened(run.database) as db:
            return query.stored(db)
    except NotFoundError:
        return []


def _source(run: Invocation, stored: StoredPrompt, number: int) -> Source | None:
    known = [each.number for each in stored.versions]
    if number not in known:
        return None
    with opened(run.database) as db:
        return query.source(db, stored, number)


def now(run: Invocation) -> int:
    return int(run.now().timestamp() * 1000)
