"""What a command is run with: the global options, and those that several commands share.

Owns the names, help and order of the global ones, which may stand before or after the command, and the way shared ones
are declared (`option`, `flag`) and kept. `Invocation` is what a command finds in `ctx.obj`. Nothing is opened here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
from typer._click.core import Context, Parameter
from typer.core import TyperOption

from helicli import config, paths
from helicli.cli.output import Output, standard
from helicli.config import Settings
from helicli.errors import UsageError
from helicli.guess import guess
from helicli.settings import written
from helicli.values import Value

if TYPE_CHECKING:
    from helicli.view.when import When

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
        self.verbose = False
        self.debug = False
        self.no_input = False
        self.db: str | None = None
        self.config: str | None = None
        self._make_output = output
        self._output: Output | None = None
        self._clock = clock
        self._given: dict[str, Any] = {}
        self._settings: Settings | None = None
        self._told = False

    def keep(self, name: str, value: Any) -> None:
        """Note what a shared option was given."""
        self._given[name] = value

    def one(self, name: str) -> str | None:
        """The value of a shared option; None where it was not given."""
        value: str | None = self._given.get(name)
        return value

    def many(self, name: str) -> tuple[str, ...]:
        """The values of a shared option that may be given again."""
        return tuple(self._given.get(name) or ())

    def is_set(self, name: str) -> bool:
        """Whether a shared flag was given."""
        return bool(self._given.get(name))

    def maybe(self, name: str) -> bool | None:
        """A shared flag that can be given as yes or no; None where it was not."""
        value: bool | None = self._given.get(name)
        return value

    @property
    def out(self) -> Output:
        """The streams, made when first used: the options that shape them are known by then."""
        if self._output is None:
            self._output = self._make_output(
                self.env, color=self._when_coloured(), quiet=self.quiet, verbose=self.verbose
            )
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

    @property
    def clock(self) -> When:
        """Instants as clock times of that zone."""
        from helicli.view.when import When

        return When("local", self.zone)

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

    @property
    def may_ask(self) -> bool:
        """Whether somebody sits there to be asked, and wants to be."""
        return self.out.err_tty and not self.no_input

    def moment(self) -> float:
        """The time, in seconds since 1970, whatever the settings say."""
        return (self._clock() if self._clock else datetime.now(UTC)).timestamp()

    def now(self) -> datetime:
        """The time, in the zone times are read and shown in."""
        moment = self._clock() if self._clock else datetime.now(UTC)
        if self.zone is not None:
            return moment.astimezone(self.zone)
        from helicli.cli.zone import Machine

        return moment.astimezone(Machine())


def invocation(ctx: Context) -> Invocation:
    """What the command of this context is run with."""
    found = ctx.find_object(Invocation)
    return found or Invocation(os.environ)


def _keep(name: str) -> Callable[[Context, Parameter, Any], Any]:
    """A callback that notes a global option, wherever on the line it stood."""

    def callback(ctx: Context, _: Parameter, value: Any) -> Any:
        if value:
            if name == "color" and value not in COLORS:
                near, fix = guess(value, COLORS), "write --color auto, always or never"
                raise UsageError(f'--color cannot be "{value}"', f"did you mean {near}?   {fix}" if near else fix)
            setattr(invocation(ctx), name, value)
        return value

    return callback


def global_options() -> list[TyperOption]:
    """Fresh options for one command, since an option object belongs to one."""
    given: dict[str, Any] = {"expose_value": False, "rich_help_panel": "Global"}
    switch: dict[str, Any] = {**given, "is_flag": True, "default": False}
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
            param_decls=["-q", "--quiet"], help="Say nothing but data and errors.", callback=_keep("quiet"), **switch
        ),
        TyperOption(
            param_decls=["-v", "--verbose"], help="Say more: which files are read.", callback=_keep("verbose"), **switch
        ),
        TyperOption(param_decls=["--debug"], help="Show where an error came from.", callback=_keep("debug"), **switch),
        TyperOption(param_decls=["--no-input"], help="Never ask.", callback=_keep("no_input"), **switch),
        TyperOption(param_decls=["-V", "--version"], help="The version.", callback=_version, is_eager=True, **switch),
    ]


def _version(ctx: Context, _: Parameter, value: Any) -> None:
    if value:
        from helicli import __version__

        invocation(ctx).out.data(f"helicli {__version__}")
        raise typer.Exit


Maker = Callable[[], TyperOption]
"""Makes a shared option; each command gets its own."""


def option(*names: str, metavar: str, help: str, panel: str, many: bool = False) -> Maker:
    """A shared option with a value; it may be given `many` times."""
    return _shared(names, {"metavar": metavar, "help": help, "rich_help_panel": panel, "multiple": many})


def flag(*names: str, help: str, panel: str) -> Maker:
    """A shared option without a value."""
    return _shared(names, {"is_flag": True, "default": None, "help": help, "rich_help_panel": panel})


def _shared(names: tuple[str, ...], more: dict[str, Any]) -> Maker:
    key = names[0].partition("/")[0].removeprefix("--")

    def callback(ctx: Context, _: Parameter, value: Any) -> Any:
        invocation(ctx).keep(key, value)
        return value

    def make() -> TyperOption:
        return TyperOption(param_decls=list(names), expose_value=False, callback=callback, **more)

    return make
