"""`helicli config`: the settings, where each comes from, and their files.

Owns what is told of them and of each change: what was changed, and how to undo it. What could be a secret in an address
is never printed.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer
from typer._click.core import Context

from helicli import config, paths, settings, trust
from helicli.cli import configfile, shaping, starting
from helicli.cli.listing import print_record
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.cli.things import Things
from helicli.config import Found, Layer, Origin
from helicli.errors import NotFoundError, UsageError
from helicli.settings import Key, written
from helicli.values import Value, masked, shown
from helicli.view.safe import safe

app = new("""
    helicli config list --origin
    helicli config set serve.port 8788
    helicli config set providers.local.base_url http://127.0.0.1:8000
    """)

Project = Annotated[bool, typer.Option("--project", help="In the project's file, not in yours.")]
Named = Annotated[str, typer.Argument(metavar="KEY", help="Such as serve.port.")]
File = Annotated[Path | None, typer.Argument(metavar="FILE", help="The project's file; else the one found from here.")]


@app.command(
    "list",
    help="all settings",
    shared=shaping.THINGS,
    epilog="helicli config list --origin\nhelicli config list --json",
)
def listing(
    ctx: Context,
    origin: Annotated[
        bool, typer.Option("--origin", help="Where each comes from, and what it beat.", rich_help_panel="Output")
    ] = False,
) -> None:
    """Print every setting with its value."""
    run = invocation(ctx)
    told = starting.configuration(run)
    starting.check(told)
    names = ("key", "value", "origin", "beaten") if origin else ("key", "value")
    shape = shaping.shape(run)
    things = Things(run, shape, names, gives=1)
    for each in told.found.values():
        row = [written(each.key), shown(each.winner.value), _source(each.winner), _beaten(each.losers)]
        if shape.format == "table":
            row = [paths.homely(field, run.env) for field in row]
            row[3] = f"({row[3]})" if row[3] else ""
        things.add(_object(each), row[: len(names)])
    things.end()


@app.command("get", help="one setting", shared=shaping.RECORD, epilog="helicli config get serve.port")
def get(ctx: Context, key: Named) -> None:
    """Print the value that holds for a key."""
    run = invocation(ctx)
    path = settings.parse_key(key)
    settings.known(path)
    found = starting.configuration(run).found.get(path)
    if found is None or found.winner.value is None:
        raise NotFoundError(f"{written(path)} is not set", f"helicli config set {written(path)} VALUE")
    shape, text = shaping.shape(run), shown(found.winner.value)
    if shape.format in ("table", "plain"):
        run.out.data(safe(text) if run.out.tty else text)
    elif shape.format == "csv":
        print_record(run, shape, {"key": written(path), "value": text, "origin": _source(found.winner)})
    else:
        print_record(run, shape, _object(found))


@app.command("set", help="set one in your file, or the project's", epilog="helicli config set serve.bodies meta")
def set_(
    ctx: Context,
    key: Named,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Lists with commas between.")],
    project: Project = False,
) -> None:
    """Set a key in a file; comments stay."""
    run = invocation(ctx)
    path = settings.parse_key(key)
    setting = settings.known(path)
    checked = settings.parse(setting, value, "")
    file = _file(run, project)
    held = configfile.content(file)
    before = config.parse(file, held).values.get(path) if held else None
    if before is not None and held and _raw(file, held, path) == checked:
        run.out.say(f"{written(path)} is {shown(checked)} in {file} already")
        return
    configfile.write(run, file, configfile.with_value(file, held, path, checked))
    where = " --project" if project else ""
    undo = f"helicli config unset{where} {shlex.quote(written(path))}"
    if before is not None:
        undo = _setting_again(where, path, _raw(file, held, path))
    was = f" (was {shown(before)})" if before is not None else ""
    run.out.say(f"{written(path)} is {shown(checked)}{was} in {file}   undo: {undo}")
    _after(run, file, path)


@app.command("unset", help="take one out of your file, or the project's", epilog="helicli config unset serve.bodies")
def unset(ctx: Context, key: Named, project: Project = False) -> None:
    """Take a key out of a file; comments stay."""
    run = invocation(ctx)
    path = settings.parse_key(key)
    settings.known(path)
    file = _file(run, project)
    held = configfile.content(file)
    before = config.parse(file, held).values.get(path) if held else None
    if before is None:
        run.out.say(f"{written(path)} is not set in {file}")
        return
    raw = _raw(file, held, path)
    configfile.write(run, file, configfile.without(file, held, path))
    undo = _setting_again(" --project" if project else "", path, raw)
    run.out.say(f"{written(path)} is no longer {shown(raw)} in {file}   undo: {undo}")


@app.command("edit", help="your file in an editor", epilog="helicli config edit\nhelicli config edit --project")
def edit(ctx: Context, project: Project = False) -> None:
    """Open a copy in $VISUAL or $EDITOR, and take it over once it can be read."""
    run = invocation(ctx)
    if run.no_input:
        raise UsageError("an editor asks for input", "helicli config set KEY VALUE")
    file = _file(run, project)
    held = configfile.content(file)
    new_content = configfile.edited(run, file)
    if new_content == held:
        run.out.say(f"{file} is unchanged")
        return
    before = paths.data_home(run.env) / f"{file.name}.before"
    trust.replace(before, held)
    configfile.write(run, file, new_content)
    run.out.say(f"{file} is changed   undo: cp {before} {file}")


@app.command("path", help="where they stand", shared=shaping.RECORD, epilog="helicli config path")
def path(ctx: Context) -> None:
    """Print the path of your file; with --json that of the project's as well."""
    run = invocation(ctx)
    user = paths.config_file(run.env, run.config)
    shape = shaping.shape(run)
    if shape.format in ("table", "plain"):
        run.out.data(safe(str(user)) if run.out.tty else str(user))
        return
    found = run.settings
    project = str(found.project) if found.project is not None else None
    print_record(run, shape, {"user": str(user), "project": project, "trusted": found.trusted})


@app.command("trust", help="let the project's file set everything", epilog="helicli config trust")
def trust_(ctx: Context, file: File = None) -> None:
    """Trust the project's file as it stands now: after a change it must be trusted anew."""
    run = invocation(ctx)
    chosen = _project(run, file)
    read = configfile.check(chosen, configfile.content(chosen))
    trust.trust(paths.trust_file(run.env), chosen, read.content)
    keys = ", ".join(f"{written(key)} = {shown(value)}" for key, value in read.values.items())
    run.out.say(f"{chosen} is trusted as it is: {keys or 'it sets nothing'}   undo: helicli config untrust {chosen}")


@app.command("untrust", help="let it set only what cannot harm", epilog="helicli config untrust")
def untrust(ctx: Context, file: File = None) -> None:
    """Trust the project's file no longer."""
    run = invocation(ctx)
    chosen = _project(run, file)
    was = trust.untrust(paths.trust_file(run.env), chosen)
    word = "is trusted no longer" if was else "was not trusted"
    run.out.say(f"{chosen} {word}   undo: helicli config trust {chosen}" if was else f"{chosen} {word}")


def _file(run: Invocation, project: bool) -> Path:
    """The file a change goes to."""
    if not project:
        return paths.config_file(run.env, run.config)
    return _found(run) or run.folder / config.PROJECT_FILE


def _project(run: Invocation, file: Path | None) -> Path:
    chosen = file / config.PROJECT_FILE if file is not None and file.is_dir() else file or _found(run)
    if chosen is None or not chosen.is_file():
        raise NotFoundError(
            f"{chosen or 'a file of the project'} is not there", f"a project's settings stand in {config.PROJECT_FILE}"
        )
    return chosen.absolute()


def _found(run: Invocation) -> Path | None:
    home = run.env.get("HOME")
    return config.find_project(run.folder, Path(home) if home else None)


def _after(run: Invocation, file: Path, key: Key) -> None:
    """What a person should know of a setting that was just made."""
    try:
        now = run.settings
    except UsageError:
        return
    winner = now.found[key].winner if key in now.found else None
    if key in now.ignored and file == now.project:
        run.tell_ignored(now)
    elif winner is not None and winner.name != str(file):
        run.out.say(f"{winner.name} says {shown(winner.value)}, which goes before")
    elif key[0] in ("serve", "journal", "providers", "prices"):
        run.out.say("an engine that runs keeps what it was started with: helicli serve")


def _raw(file: Path, held: bytes, key: Key) -> Any:
    """The value as the file has it: a path as it was written."""
    value: Any = configfile.table(file, held)
    for word in key:
        value = value[word]
    return settings.check(settings.known(key), value, str(file))


def _object(found: Found) -> dict[str, Any]:
    def told(origin: Origin) -> dict[str, Any]:
        value = masked(origin.value) if isinstance(origin.value, str) else origin.value
        return {"value": value, "origin": origin.layer.value, "source": origin.name or None}

    return {"key": written(found.key), **told(found.winner), "beaten": [told(each) for each in found.losers]}


def _source(origin: Origin) -> str:
    return origin.name or origin.layer.value


def _beaten(losers: tuple[Origin, ...]) -> str:
    """What others said; that there is a default goes without saying."""
    said = [each for each in losers if each.layer is not Layer.DEFAULT]
    return "; ".join(f"{_source(each)} said {shown(each.value)}" for each in said)


def _setting_again(where: str, path: Key, raw: Value) -> str:
    """The command that gives a key back the value it had; a secret or a table is nothing for a command line."""
    if isinstance(raw, dict) or (isinstance(raw, str) and masked(raw) != raw):
        return f"helicli config edit{where}"
    return f"helicli config set{where} {shlex.quote(written(path))} {shlex.quote(shown(raw))}"
