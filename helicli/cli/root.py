"""The group of all commands, and how help looks.

Owns the step from a name to a command, which imports that command's module and no other, and the page `--help` prints.
Help is plain text: rich would double the time it takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, Protocol

import typer
from typer._click.core import Command as AnyCommand
from typer._click.core import Context, Parameter
from typer._click.exceptions import ClickException, NoSuchOption
from typer._click.exceptions import UsageError as ClickUsageError
from typer._click.formatting import HelpFormatter
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.models import CommandFunctionType

from helicli.cli.options import Maker, global_options, invocation
from helicli.errors import UsageError
from helicli.guess import guess

_WORDS: Final = {"int": "is not a whole number", "float": "is not a number"}
_PARSERS_WORDS: Final = re.compile(r"is not a valid (int|float)(?: range)?\b")
_EXTRA: Final = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
PANELS: Final = ("Commands", "Selection", "Time", "Groups", "Following", "Output", "", "Global")
"""The groups of options, in the order of the page."""


class Entry(Protocol):
    """A line of the command table."""

    @property
    def module(self) -> str: ...

    @property
    def help(self) -> str: ...

    @property
    def group(self) -> str: ...


class Command(TyperCommand):
    """A command whose help is its sentence, its examples (`epilog`, one a line), and its options in groups."""

    shared: Sequence[Maker] = ()

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Read the line. The parser's errors get this command's name, which not all of them have by themselves."""
        try:
            return super().parse_args(ctx, args)
        except ClickUsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def get_help_option(self, ctx: Context) -> TyperOption:
        """The option that prints the page."""
        return _help(self)

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the page."""
        _page(self, ctx, formatter)


class Group(TyperGroup):
    """A command of commands, such as `db`."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, AnyCommand | None, list[str]]:
        """The command a word names. Raises UsageError with what may have been meant."""
        command = self.get_command(ctx, args[0])
        if command is None:
            raise unknown(f"command {args[0]!r}", args[0], self.list_commands(ctx), f"{ctx.command_path} ")
        return args[0], command, args[1:]

    def get_help_option(self, ctx: Context) -> TyperOption:
        """The option that prints the page."""
        return _help(self)

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the page."""
        _page(self, ctx, formatter)


class Root(Group):
    """helicli itself; a command's module is imported when the command is named."""

    def __init__(self, table: Mapping[str, Entry], page: Callable[[], str]) -> None:
        super().__init__(name="helicli", rich_markup_mode=None)
        self.params = [*global_options()]
        self._table = table
        self._text = page

    def list_commands(self, ctx: Context) -> list[str]:
        """All names, in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: Context, cmd_name: str) -> AnyCommand | None:
        """The command of a name, None where there is none."""
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        command = typer.main.get_command(import_module(entry.module).app)
        command.name, command.help = cmd_name, entry.help
        _equip(command)
        return command

    def get_help(self, ctx: Context) -> str:
        """The page of the whole tool."""
        return self._text()


class App(typer.Typer):
    """The typer application of one command's module."""

    def command(
        self,
        name: str | None = None,
        *,
        cls: type[TyperCommand] | None = None,
        shared: Sequence[Maker] = (),
        **more: Any,
    ) -> Callable[[CommandFunctionType], CommandFunctionType]:
        """Register a command; its help is laid out as all are. `shared` are options it has in common with others."""
        kind = cls or Command
        # typer makes the command from a class and a function; what is common to many functions comes by the class.
        kind = type(kind.__name__, (kind,), {"shared": tuple(shared)}) if shared else kind
        return super().command(name, cls=kind, **more)


def new(examples: str | None = None) -> App:
    """An application for a command's module; `examples`, one a line, are those of a command of commands."""
    return App(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=True,
        cls=Group,
        epilog=examples,
    )


def unknown(what: str, word: str, known: list[str], prefix: str) -> UsageError:
    """The error for a word that names nothing, with the nearest that does."""
    near = guess(word, known)
    fix = f"did you mean {prefix}{near}?" if near else f"see {prefix.strip()} --help"
    return UsageError(f"no {what}", fix)


def usage(error: ClickException) -> UsageError:
    """What the parser refused, told as every error is."""
    ctx = error.ctx if isinstance(error, ClickUsageError) else None
    path = ctx.command_path if ctx else "helicli"
    fix = f"see {path} --help"
    if isinstance(error, NoSuchOption):
        near = guess(error.option_name, error.possibilities or ())
        return UsageError(f"no option {error.option_name}", f"did you mean {near}?   {fix}" if near else fix)
    if extra := _EXTRA.fullmatch(error.format_message().rstrip(".")):
        return UsageError(f'unexpected argument "{extra[1]}"', fix)
    text = _PARSERS_WORDS.sub(lambda found: _WORDS[found[1]], error.format_message().rstrip("."))
    return UsageError(text[:1].lower() + text[1:], fix)


def _help(command: AnyCommand) -> TyperOption:
    """`-h`, made once for a command, since it is compared by identity. What it prints goes the way of all data."""

    def callback(ctx: Context, _: Parameter, value: Any) -> None:
        if value:
            invocation(ctx).out.data(ctx.get_help())
            raise typer.Exit

    if command._help_option is None:
        command._help_option = TyperOption(
            param_decls=["-h", "--help"],
            is_flag=True,
            is_eager=True,
            default=False,
            expose_value=False,
            callback=callback,
            help="This page.",
        )
    return command._help_option


def _equip(command: AnyCommand) -> None:
    """Give a command, and all under it, the global options, and its numbers a name for people."""
    for param in command.params:
        if param.metavar is None and param.type.name.partition(" ")[0] in _WORDS:
            param.metavar = "N"
    shared = getattr(command, "shared", ())
    command.params = [*command.params, *(make() for make in shared), *global_options()]
    if isinstance(command, TyperGroup):
        for under in command.commands.values():
            _equip(under)


def _page(command: AnyCommand, ctx: Context, formatter: HelpFormatter) -> None:
    formatter.write(f"{ctx.command_path} — {command.help or ''}\n\n")
    for example in (command.epilog or "").strip().splitlines():
        formatter.write(f"  {example.strip()}\n")
    if command.epilog:
        formatter.write("\n")
    formatter.write(f"Usage  {usage_line(command, ctx)}\n")
    panels: dict[str, list[tuple[str, str]]] = {}
    if isinstance(command, TyperGroup):
        panels["Commands"] = [(name, under.help or "") for name, under in command.commands.items()]
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None:
            panels.setdefault(panel_of(param), []).append((record[0], _in_words(record[1])))
    for panel in sorted(panels, key=lambda name: PANELS.index(name) if name in PANELS else 0):
        formatter.write(f"\n{panel or 'Options'}\n")
        formatter.indent()
        formatter.write_dl(panels[panel])
        formatter.dedent()


def _in_words(said: str) -> str:
    """What is said of an option, its bounds not as inequalities: that a number is not below 0 goes without saying."""
    said = re.sub(r"(?:; |(?<=\[))x>=0(?=\])", "", said)
    return re.sub(r"(\d+)<=x<=(\d+)", r"\1 to \2", said).replace("x>=", "from ").removesuffix("  []")


def usage_line(command: AnyCommand, ctx: Context) -> str:
    """`helicli show [OPTIONS] CALL`."""
    pieces = " ".join(command.collect_usage_pieces(ctx)).replace("{", "").replace("}", "")
    return f"{ctx.command_path} {pieces}"


def panel_of(param: Parameter) -> str:
    """The group of an option in help; empty for a command's own."""
    if param.param_type_name == "argument":
        return "Selection"
    if "--help" in param.opts:
        return "Global"
    return getattr(param, "rich_help_panel", None) or ""
