"""The options that several commands share, each declared once.

Owns their names, help and order: selection, time, output, and the global ones that may stand before or after the
command. `Invocation` is what a command finds in `ctx.obj`. Nothing is opened here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer._click.core import Context, Parameter
from typer.core import TyperOption

from helicli import paths
from helicli.cli.output import Output, standard
from helicli.errors import UsageError
from helicli.filters import Selection
from helicli.units import instant

COLORS: Final = ("auto", "always", "never")


class Invocation:
    """What a command is run with: its environment, its clock, the global options, and through them its streams."""

    def __init__(
        self,
        env: Mapping[str, str],
        output: Callable[..., Output] = standard,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.env = env
        self.color = "auto"
        self.quiet = False
        self.debug = False
        self.db: str | None = None
        self._make_output = output
        self._output: Output | None = None
        self._clock = clock

    @property
    def out(self) -> Output:
        """The streams, made when first used: the options that shape them are known by then."""
        if self._output is None:
            self._output = self._make_output(self.env, color=self.color, quiet=self.quiet)
        return self._output

    @property
    def database(self) -> Path:
        """The database file that --db, HELICLI_DB or the user's data folder names."""
        return paths.database(self.env, self.db)

    @property
    def zone(self) -> tzinfo | None:
        """The zone times are shown in: TZ where it names one, else the machine's (None)."""
        name = self.env.get("TZ", "")
        if name in ("UTC", "UTC0"):
            return UTC
        if not name:
            return None
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            return ZoneInfo(name.removeprefix(":"))
        except (ZoneInfoNotFoundError, ValueError):
            return None

    def now(self) -> datetime:
        """The time, in the zone times are read and shown in."""
        moment = self._clock() if self._clock else datetime.now(UTC)
        return moment.astimezone(self.zone)


def invocation(ctx: Context) -> Invocation:
    """What the command of this context is run with."""
    found = ctx.find_object(Invocation)
    return found or Invocation(os.environ)


def _keep(name: str) -> Callable[[Context, Parameter, Any], Any]:
    """A callback that notes a global option, wherever on the line it stood."""

    def callback(ctx: Context, _: Parameter, value: Any) -> Any:
        if value:
            if name == "color" and value not in COLORS:
                raise UsageError(f'--color cannot be "{value}"', "write --color auto, always or never")
            setattr(invocation(ctx), name, value)
        return value

    return callback


def global_options() -> list[TyperOption]:
    """Fresh options for one command, since an option object belongs to one."""
    given: dict[str, Any] = {"expose_value": False, "rich_help_panel": "Global"}
    flag: dict[str, Any] = {**given, "is_flag": True, "default": False}
    return [
        TyperOption(param_decls=["--db"], metavar="FILE", help="The database.", callback=_keep("db"), **given),
        TyperOption(
            param_decls=["--color"],
            metavar="WHEN",
            help="auto, always or never.",
            callback=_keep("color"),
            **given,
        ),
        TyperOption(
            param_decls=["-q", "--quiet"], help="Say nothing but data and errors.", callback=_keep("quiet"), **flag
        ),
        TyperOption(param_decls=["--debug"], help="Show where an error came from.", callback=_keep("debug"), **flag),
    ]


User = Annotated[
    list[str] | None,
    typer.Option("--user", "-u", metavar="ID", help="Of this user; again = any of.", rich_help_panel="Selection"),
]
Session = Annotated[
    list[str] | None,
    typer.Option("--session", "-s", metavar="ID", help="Of this session; again = any of.", rich_help_panel="Selection"),
]
Run = Annotated[
    list[str] | None,
    typer.Option(
        "--run", metavar="ID", help="Of this run of helicli run; again = any of.", rich_help_panel="Selection"
    ),
]
Model = Annotated[
    list[str] | None,
    typer.Option("--model", "-m", metavar="NAME", help="Of this model, * for any text.", rich_help_panel="Selection"),
]
Status = Annotated[
    list[str] | None,
    typer.Option(
        "--status", metavar="WORD", help="200, 4xx, ok or error; 200,429 = any of.", rich_help_panel="Selection"
    ),
]
Errors = Annotated[bool, typer.Option("--errors", help="Same as --status error.", rich_help_panel="Selection")]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        "-S",
        metavar="WHEN",
        help="From then on: 1h, 2d, today, monday, 2026-11-20T14:00.",
        rich_help_panel="Time",
    ),
]
Limit = Annotated[
    int,
    typer.Option("--limit", "-n", metavar="N", min=0, help="The newest N first, 0 for all.", rich_help_panel="Output"),
]
Json = Annotated[bool, typer.Option("--json", help="As JSON.", rich_help_panel="Output")]


def selection(
    run: Invocation,
    *,
    user: list[str] | None,
    session: list[str] | None,
    model: list[str] | None,
    status: list[str] | None,
    errors: bool,
    since: str | None,
    run_id: list[str] | None = None,
) -> Selection:
    """What the shared options choose. Raises UsageError for a status or a time that is none.

    Statuses may stand in one word, `200,429`, and in capitals; other values may not: a comma can be one of their signs.
    """
    words = [word.strip().lower() for given in status or () for word in given.split(",")]
    return Selection(
        users=tuple(user or ()),
        sessions=tuple(session or ()),
        runs=tuple(run_id or ()),
        models=tuple(model or ()),
        statuses=tuple(dict.fromkeys([*words, *(("error",) if errors else ())])),
        since_ms=instant(since, run.now()) if since else None,
    ).checked()
