"""`helicli help`: the page of a command, a topic, or the whole command tree as data.

Owns the step from words to a page. It goes through the pager where it would scroll.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer._click.core import Context

from helicli.cli import shaping
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.topics import TOPICS
from helicli.errors import NotFoundError
from helicli.guess import guess
from helicli.view.rows import json_line

app = new()


@app.command(
    shared=(shaping.JSON, shaping.PAGER),
    epilog="""
    helicli help
    helicli help tail
    helicli help filters
    helicli help --json
    """,
)
def help(
    ctx: Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="TOPIC", help="A command, or a topic such as filters.")
    ] = None,
) -> None:
    """Show a command's page, a topic, or with --json all of it as data."""
    run = invocation(ctx)
    asked = tuple(words or ())
    if run.is_set("json"):
        run.out.data(json_line(_data(asked)))
        return
    run.out.page(_page(ctx, run, asked), pager=not run.is_set("no-pager"))


def _page(ctx: Context, run: Invocation, asked: tuple[str, ...]) -> list[str]:
    from helicli.cli.main import help_page

    if not asked:
        lines = [*help_page().splitlines(), "", "topics   " + "  ".join(TOPICS)]
        return [*lines, "         helicli help TOPIC"]
    if len(asked) == 1 and asked[0] in TOPICS:
        from helicli.cli.reference import text

        return text(asked[0], TOPICS[asked[0]], run.out.width)
    from helicli.cli.root import Group

    parent = ctx.find_root()
    command: Any = parent.command
    path = Context(command, info_name="helicli")
    for word in asked:
        under = command.get_command(path, word) if isinstance(command, Group) else None
        if under is None:
            raise _unknown(asked, word, command.list_commands(path) if isinstance(command, Group) else [])
        command = under
        path = Context(command, info_name=word, parent=path)
    return str(command.get_help(path)).splitlines()


def _data(asked: tuple[str, ...]) -> dict[str, Any]:
    """The tree, or what of it was asked for."""
    from helicli import __version__
    from helicli.cli.main import COMMANDS
    from helicli.cli.tree import tree
    from helicli.errors import EXIT_CODES

    root = tree(COMMANDS)
    if len(asked) == 1 and asked[0] in TOPICS:
        topic = TOPICS[asked[0]]
        return {"name": asked[0], "help": topic.sentence, "sections": [each._asdict() for each in topic.sections()]}
    if asked:
        path = " ".join(("helicli", *asked))
        known = {each.path: each for each in root.every()}
        if path not in known:
            raise _unknown(asked, asked[-1], [each.removeprefix("helicli ") for each in known])
        return {"version": __version__, "command": known[path]}
    return {
        "version": __version__,
        "commands": root.commands,
        "options": root.options,
        "topics": {name: topic.sentence for name, topic in TOPICS.items()},
        "exit_codes": [{"code": code, "meaning": doc} for code, doc in EXIT_CODES],
    }


def _unknown(asked: tuple[str, ...], word: str, commands: list[str]) -> NotFoundError:
    before = asked[: asked.index(word)]
    near = guess(word, [*commands, *(() if before else TOPICS)])
    fix = " ".join(["did you mean helicli help", *before, near]) + "?" if near else "see helicli help"
    return NotFoundError(f'no command or topic "{" ".join(asked)}"', fix)
