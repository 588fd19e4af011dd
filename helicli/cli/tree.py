"""The commands as data: names, sentences, examples, options.

Owns the one description from which help, the reference, the man page and completions are made. It is read off the
commands themselves, so it cannot say what they do not do; to make it every command's module is imported.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from typer._click.core import Command as AnyCommand
from typer._click.core import Context, Parameter
from typer.core import TyperGroup, TyperOption

from helicli.cli import offers
from helicli.cli.options import global_options
from helicli.cli.root import PANELS, Entry, Root, panel_of, usage_line


class Argument(Struct, frozen=True):
    """A word that stands by its place. `kind` is what a shell looks up, `words` what it offers at once."""

    metavar: str
    help: str
    required: bool
    many: bool
    kind: str = ""
    words: tuple[str, ...] = ()


class Option(Struct, frozen=True):
    """An option. `metavar` is None for a flag; `default` is None where there is none to tell."""

    names: tuple[str, ...]
    metavar: str | None
    help: str
    group: str
    many: bool
    default: str | int | float | None = None
    kind: str = ""
    words: tuple[str, ...] = ()


class Command(Struct, frozen=True):
    """A command, or a group of them."""

    name: str
    path: str
    help: str
    text: str
    usage: str
    group: str
    examples: tuple[str, ...]
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    commands: tuple[Command, ...]

    def every(self) -> list[Command]:
        """Itself and all under it."""
        return [self, *(each for under in self.commands for each in under.every())]


def tree(table: Mapping[str, Entry]) -> Command:
    """The whole tool."""
    root = Root(table, str)
    context = Context(root, info_name="helicli")
    under = []
    for name, entry in table.items():
        found = root.get_command(context, name)
        assert found is not None
        under.append(_command(found, name, context, entry.group))
    options = _options(root.get_params(context))
    return Command("helicli", "helicli", "", "", "helicli [OPTIONS] COMMAND", "", (), (), options, tuple(under))


def _command(command: AnyCommand, name: str, parent: Context, group: str) -> Command:
    context = Context(command, info_name=name, parent=parent)
    params = command.get_params(context)
    common = {each.opts[-1] for each in global_options()} | {"--help"}
    under: tuple[Command, ...] = ()
    if isinstance(command, TyperGroup):
        under = tuple(_command(each, word, context, group) for word, each in command.commands.items())
    return Command(
        name=name,
        path=context.command_path,
        help=command.help or "",
        text=_doc(command),
        usage=usage_line(command, context),
        group=group,
        examples=tuple(line.strip() for line in (command.epilog or "").strip().splitlines()),
        arguments=tuple(_argument(each, context) for each in params if each.param_type_name == "argument"),
        options=tuple(each for each in _options(params) if each.names[-1] not in common),
        commands=under,
    )


def _doc(command: AnyCommand) -> str:
    """What the command's function says of itself, on one line; a group says nothing."""
    called = getattr(command.callback, "__wrapped__", command.callback)
    text = inspect.getdoc(called) if called is not None and not isinstance(command, TyperGroup) else ""
    return " ".join((text or "").split())


def _argument(param: Parameter, context: Context) -> Argument:
    metavar = (param.metavar or param.name or "").strip("[].")
    kind, words = offers.of(context.command_path.removeprefix("helicli").strip(), metavar)
    return Argument(
        metavar=metavar,
        help=getattr(param, "help", None) or "",
        required=param.required,
        many=param.nargs == -1,
        kind=kind,
        words=words,
    )


def _options(params: Sequence[Parameter]) -> tuple[Option, ...]:
    found = [_option(each) for each in params if isinstance(each, TyperOption) and not each.hidden]
    return tuple(sorted(found, key=lambda each: PANELS.index(each.group)))


def _option(param: TyperOption) -> Option:
    names = tuple(sorted([*param.opts, *param.secondary_opts], key=lambda name: name.startswith("--")))
    long = next((name for name in param.opts if name.startswith("--")), names[-1])
    return Option(
        names=names,
        metavar=None if param.is_flag else param.metavar or "VALUE",
        help=(param.help or "").strip(),
        group=panel_of(param),
        many=param.multiple,
        default=_default(param),
        kind="" if param.is_flag else offers.KINDS.get(long, ""),
        words=() if param.is_flag else offers.WORDS.get(long, ()),
    )


def _default(param: TyperOption) -> str | int | float | None:
    """A default that says something; that a flag is off says nothing."""
    value: Any = param.default
    if isinstance(value, bool) or callable(value) or not isinstance(value, str | int | float) or value == "":
        return None
    return value
