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

from helicli import config, paths
from helicli.cli.output import Output, standard
from helicli.config import Settings
from helicli.errors import UsageError
from helicli.filters import Selection
from helicli.settings import written
from helicli.units import instant
from helicli.values import Value

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
        self.color: str | None = None
        self.quiet = False
        self.debug = False
        self.db: str | None = None
        self.config: str | None = None
        self._make_output = output
        self._output: Output | None = None
        self._clock = clock
        self._settings: Settings | None = None
        self._told = False

    @property
    def out(self) -> Output:
        """The streams, made when first used: the options that shape them are known by then."""
        if self._output is None:
            self._output = self._make_output(self.env, color=self._when_coloured(), quiet=self.quiet)
        return self._output

    @property
    def folder(self) -> Path:
        """Where the command is run; the root where that folder is gone."""
        try:
            return Path.cwd()
        except OSError:
            return Path("/")

    @property
    def settings(self) -> Settings:
        """All settings, read when first asked for. Raises UsageError for files that cannot be."""
        if self._settings is None:
            self._settings = self.load({})
        return self._settings

    def load(self, flags: Mapping[str, Value]) -> Settings:
        """All settings, those of a command's own options before all others. Raises UsageError."""
        shared: dict[str, Value] = {"serve.db": self.db} if self.db else {}
        shared |= {"output.color": self.color} if self.color else {}
        return config.load(self.env, self.folder, self.config, {**shared, **flags})

    @property
    def database(self) -> Path:
        """The database file that --db, HELICLI_DB, a file of settings or the user's data folder names."""
        chosen = self.db or self.env.get("HELICLI_DB")
        if not chosen:
            chosen = self.settings.text_or_none("serve.db")
            if ("serve", "db") in self.settings.ignored:
                self.tell_ignored(self.settings)
        return paths.database(self.env, chosen)

    def tell_ignored(self, found: Settings) -> None:
        """Once, a line on what a project's file sets and may not."""
        if found.ignored and not self._told:
            self._told = True
            keys = ", ".join(map(written, found.ignored[:3])) + (", …" if len(found.ignored) > 3 else "")
            note = self.out.err_style.warn("note:")
            self.out.say(
                note + f"  {found.project} is not trusted, {keys} ignored; look at it, then: helicli config trust"
            )

    @property
    def zone(self) -> tzinfo | None:
        """The zone times are shown in: the settings' UTC, TZ where it names one, else the machine's (None)."""
        name = self.env.get("TZ", "")
        if name in ("UTC", "UTC0") or self.settings.text("output.time") == "utc":
            return UTC
        if not name:
            return None
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            return ZoneInfo(name.removeprefix(":"))
        except (ZoneInfoNotFoundError, ValueError):
            return None

    def _when_coloured(self) -> str:
        """--color, or what the settings say where NO_COLOR and FORCE_COLOR do not; auto where they cannot be read."""
        if self.color:
            return self.color
        if any(self.env.get(name) for name in ("NO_COLOR", "FORCE_COLOR")) and "HELICLI_OUTPUT_COLOR" not in self.env:
            return "auto"
        try:
            return self.settings.text("output.color")
        except UsageError:
            # Told by whatever needs them. Output must be had to tell of anything.
            return "auto"

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
            param_decls=["--config"],
            metavar="FILE",
            help="Your settings, instead of ~/.config/helicli/config.toml.",
            callback=_keep("config"),
            **given,
        ),
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
