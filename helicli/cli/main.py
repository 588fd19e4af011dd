"""The command `helicli`: the table of commands, and the boundary where every error becomes an exit code.

Owns both. Nothing a command needs is imported before that command is named, and no traceback leaves here unless
--debug asks for it.
"""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    # `typing` costs `--version` half of what it takes.
    from typing import Final

    from helicli.cli.options import Invocation
    from helicli.cli.output import Output
    from helicli.errors import HelicliError


class Entry:
    """One command: where it lives, its sentence, and the group of the help it stands in."""

    __slots__ = ("group", "help", "module")

    def __init__(self, module: str, help: str, group: str) -> None:
        self.module = module
        self.help = help
        self.group = group


COMMANDS: Final[dict[str, Entry]] = {
    "serve": Entry("helicli.cli.serve", "start the proxy and watch the calls", "Run"),
    "run": Entry("helicli.cli.run", "run a program with all its calls logged", "Run"),
    "env": Entry("helicli.cli.env", "print the variables that send calls through helicli", "Run"),
    "demo": Entry("helicli.cli.demo", "see it work without a key and without a network", "Run"),
    "tail": Entry("helicli.cli.tail", "watch calls as they end", "Look"),
    "filter": Entry("helicli.cli.filter", "search the log", "Look"),
    "show": Entry("helicli.cli.show", "one call: conversation, timing, tokens, cost", "Look"),
    "costs": Entry("helicli.cli.costs", "what calls cost, by model, user, property, day", "Look"),
    "stats": Entry("helicli.cli.stats", "latency, volume, errors, cache", "Look"),
    "users": Entry("helicli.cli.users", "who called, how often, and what it cost", "Look"),
    "properties": Entry("helicli.cli.properties", "the labels that calls have", "Look"),
    "tui": Entry("helicli.cli.tui", "all of it on the full screen", "Look"),
    "filters": Entry("helicli.cli.filters", "filters by a name of yours", "Manage"),
    "providers": Entry("helicli.cli.providers", "where calls go, and whether it answers", "Manage"),
    "prompts": Entry("helicli.cli.prompts", "prompts kept as files, versioned and measured", "Manage"),
    "cache": Entry("helicli.cli.cache", "stored answers: list, show, clear", "Manage"),
    "limits": Entry("helicli.cli.limits", "rate-limit policies: store, see, try", "Manage"),
    "score": Entry("helicli.cli.score", "what you think of a call, kept with it", "Data"),
    "db": Entry("helicli.cli.db", "the database: what it holds, copies of it, its health", "Data"),
    "config": Entry("helicli.cli.config", "settings: see, change, trust", "Setup"),
    "doctor": Entry("helicli.cli.doctor", "look for what is wrong, and what mends it", "Setup"),
    "completions": Entry("helicli.cli.completions", "what a shell needs to complete commands and values", "Setup"),
    "help": Entry("helicli.cli.help", "this page, a command's, a topic's, or all as data", "Setup"),
}
"""In the order of the help."""

_HELP: Final = """\
helicli — see, search and control the LLM calls your programs make. Local, in SQLite.

  helicli serve                       start the proxy
  helicli run -- python app.py        or wrap one program
  helicli demo                        or see it work first
  helicli tail --user ada             watch
  helicli filter 'cost:>0.01'         search
  helicli show last                   one call, whole
  helicli tui                         everything, full screen

{groups}

helicli <command> --help · helicli help filters
nothing leaves this machine except the calls you proxy"""

_INTERRUPTED: Final = 130
_GARBAGE: Final = 50_000
"""Objects made between two looks for garbage; a command makes 30,000 until it runs."""


def main() -> None:
    """Run the command line of this process."""
    # What is imported stays: to look it through for garbage, at the start and again at the end, is 15 of 95 ms.
    gc.set_threshold(_GARBAGE)
    code = run(sys.argv[1:])
    gc.freeze()
    sys.exit(code)


def run(args: list[str], invocation: Invocation | None = None) -> int:
    """Run one command line; its exit code."""
    from helicli.cli import output

    try:
        if args[:1] in (["--version"], ["-V"]):
            return _print(invocation.out if invocation else output.standard(os.environ), version_line())
        if args[:1] == ["__complete"]:
            from helicli.cli import complete

            return complete.run(args[1:], os.environ)
        if not args or args in (["-h"], ["--help"]):
            return _print(invocation.out if invocation else output.standard(os.environ), help_page())
        return _dispatch(args, invocation)
    except BrokenPipeError:
        output.abandon()
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _print(out: Output, text: str) -> int:
    """Print what takes no command; the exit code."""
    from helicli.errors import HelicliError

    try:
        out.data(text)
    except HelicliError as error:
        return _tell(out, error)
    return 0


def _dispatch(args: list[str], invocation: Invocation | None) -> int:
    """Run the command that is named; errors are told here, and nowhere else."""
    from typer import Exit
    from typer._click.exceptions import ClickException, NoArgsIsHelpError

    from helicli.cli.options import Invocation
    from helicli.cli.root import Root, usage
    from helicli.errors import HelicliError

    called = invocation or Invocation(os.environ)
    try:
        root = Root(COMMANDS, help_page)
        with root.make_context("helicli", list(args), obj=called) as ctx:
            root.invoke(ctx)
    except Exit as done:
        return done.exit_code
    except NoArgsIsHelpError as asked:
        return _print(called.out, asked.message)
    except ClickException as error:
        return _tell(called.out, usage(error), called.debug)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except HelicliError as error:
        return _tell(called.out, error, called.debug)
    except Exception as error:
        again = "run again with --debug" if not called.debug else "report it with the lines above"
        failure = HelicliError(str(error) or type(error).__name__, again, type(error).__name__)
        if isinstance(error, OSError) and error.filename and error.strerror:
            failure = HelicliError(f"{error.filename} cannot be used", "name another path", error.strerror)
        failure.__cause__ = error
        return _tell(called.out, failure, called.debug)
    return 0


def _tell(out: Output, error: HelicliError, debug: bool = False) -> int:
    """Say what went wrong; the exit code of it."""
    if debug:
        import traceback

        out.trace("".join(traceback.format_exception(error)))
    out.error(error.message, error.fix, error.cause, error.excerpt)
    return error.exit_code


def version_line() -> str:
    """What `--version` prints."""
    from helicli import __version__

    return f"helicli {__version__}"


def help_page() -> str:
    """The page `helicli` prints alone."""
    groups: dict[str, list[str]] = {}
    for name, entry in COMMANDS.items():
        groups.setdefault(entry.group, []).append(name)
    return _HELP.format(groups="\n".join(f"{group:<9}{'  '.join(names)}" for group, names in groups.items()))
