"""The configuration: flags before environment before the project's file before the user's file before defaults.

Owns where the files are, how they are read, and which value wins; each value keeps where it came from and whom it beat.
A project's file comes with somebody else's code: until its user trusts it, only what cannot harm is taken from it.
Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from helicli import paths, settings, trust
from helicli.errors import UsageError
from helicli.settings import ANY, SETTINGS, Key, Reach, Setting
from helicli.values import Kind, Value

PROJECT_FILE: Final = "helicli.toml"
SHARED_FILE: Final = "pyproject.toml"


class Layer(Enum):
    """Who set a value, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    PROJECT = "project"
    USER = "user"
    DEFAULT = "default"


class Origin(Struct, frozen=True):
    """A value and who set it: `name` is the option, the variable or the file."""

    value: Value
    layer: Layer
    name: str = ""


class Found(Struct, frozen=True):
    """What holds for a key, and what it beat."""

    key: Key
    setting: Setting
    winner: Origin
    losers: tuple[Origin, ...] = ()


class File(Struct, frozen=True):
    """One file's settings. `content` is what is hashed to trust it."""

    path: Path
    values: dict[Key, Value]
    content: bytes = b""


class Settings(Struct, frozen=True):
    """All that holds. `ignored` are the keys of a project's file that it may not set, since it is not trusted."""

    found: dict[Key, Found]
    user: Path
    project: Path | None = None
    trusted: bool = False
    ignored: tuple[Key, ...] = ()

    def value(self, key: str) -> Value:
        """What holds for a key of the table."""
        return self.found[tuple(key.split("."))].winner.value

    def text(self, key: str) -> str:
        """The value of a key that is a text."""
        return str(self.value(key))

    def text_or_none(self, key: str) -> str | None:
        """The value of a key that is a text, None where nobody set it."""
        value = self.value(key)
        return None if value is None else str(value)

    def switch(self, key: str) -> bool | None:
        """The value of a key that is true or false, None where nobody set it."""
        value = self.value(key)
        return None if value is None else bool(value)

    def number_or_none(self, key: str) -> int | None:
        """The value of a key that is a number, None where nobody set it."""
        return None if self.value(key) is None else self.number(key)

    def number(self, key: str) -> int:
        """The value of a key that is a number."""
        value = self.value(key)
        assert isinstance(value, int)
        return value

    def factor(self, key: str) -> float:
        """The value of a key that is a factor."""
        value = self.value(key)
        assert isinstance(value, float)
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """The value of a key that is a list."""
        value = self.value(key)
        assert isinstance(value, tuple)
        return value

    def file(self, key: str) -> Path | None:
        """The value of a key that is a file."""
        value = self.value(key)
        return None if value is None else Path(str(value))

    def named(self, section: str) -> dict[str, dict[str, Value]]:
        """The tables of a section whose tables have names of the user's own: `providers`."""
        tables: dict[str, dict[str, Value]] = {}
        for key, found in self.found.items():
            if key[0] == section and len(key) == 3:
                tables.setdefault(key[1], {})[key[2]] = found.winner.value
        return tables

    def texts(self, section: str) -> dict[str, str]:
        """The texts of a section whose texts have names of the user's own: `filters`."""
        return {
            key[1]: str(found.winner.value) for key, found in self.found.items() if key[0] == section and len(key) == 2
        }

    def tables(self, section: str) -> dict[str, Any]:
        """The tables of a section that are handed on as they are: `prices`."""
        return {key[1]: found.winner.value for key, found in self.found.items() if key[0] == section and len(key) == 2}


def load(
    env: Mapping[str, str], folder: Path, option: str | None = None, flags: Mapping[str, Value] | None = None
) -> Settings:
    """All settings, for a command that is run in `folder`; `flags` by key. Raises UsageError."""
    user = paths.config_file(env, option)
    if not _is_file(user) and (option or env.get("HELICLI_CONFIG")):
        raise UsageError(f"{user} is not there", "name another with --config, or make it: helicli config edit")
    lower = read(user)
    where = find_project(folder, Path(env["HOME"]) if env.get("HOME") else None)
    if where is not None and where.resolve() == user.resolve():
        where = None
    project = read(where) if where is not None else None
    sure = project is not None and trust.trusted(paths.trust_file(env), project.path, project.content)
    found = resolve(_flags(flags or {}), env, project, lower, sure)
    db = found.found["serve", "db"]
    if db.winner.value is None:
        # The one default that depends on whose it is.
        default = Origin(str(paths.database(env, None)), Layer.DEFAULT)
        found.found["serve", "db"] = replace(db, winner=default)
    return found


def find_project(folder: Path, home: Path | None) -> Path | None:
    """The project's file: in `folder` or above it, up to its repository's root or home; elsewhere in `folder` alone."""
    folders = [folder]
    for each in [folder, *folder.parents]:
        folders.append(each)
        if each == home or (each / ".git").exists():
            break
    else:
        folders = [folder]
    for each in folders:
        if (each / PROJECT_FILE).is_file():
            return each / PROJECT_FILE
        shared = each / SHARED_FILE
        if shared.is_file() and _section(shared, _bytes(shared)) is not None:
            return shared
    return None


def read(path: Path) -> File:
    """What a file says; nothing where it is not there. Raises UsageError that names the file and the key."""
    return parse(path, _bytes(path)) if _is_file(path) else File(path, {})


def parse(path: Path, content: bytes) -> File:
    """What a file of this content says. Raises as `read`."""
    if path.name == SHARED_FILE:
        import msgspec

        table = _section(path, content) or {}
        content = msgspec.json.encode(table, order="sorted")
    else:
        table = _toml(path, content)
    values: dict[Key, Value] = {}
    for key, setting, value in _leaves(table, (), str(path)):
        values[key] = str(_beside(path, str(value))) if setting.kind is Kind.FILE else value
    return File(path, values, content)


def resolve(
    flags: dict[Key, Origin], env: Mapping[str, str], project: File | None, user: File, trusted: bool = False
) -> Settings:
    """Which value holds for each key. Raises UsageError for a variable that means nothing."""
    said: dict[Key, list[Origin]] = {key: [origin] for key, origin in flags.items()}
    for key, (name, text) in settings.variables(env).items():
        value = settings.parse(settings.known(key), text, name)
        said.setdefault(key, []).append(Origin(value, Layer.ENVIRONMENT, name))
    ignored: list[Key] = []
    for key, value in (project.values if project is not None else {}).items():
        assert project is not None
        if trusted or _may(settings.known(key), value, user.values.get(key)):
            said.setdefault(key, []).append(Origin(value, Layer.PROJECT, str(project.path)))
        else:
            ignored.append(key)
    for key, value in user.values.items():
        said.setdefault(key, []).append(Origin(value, Layer.USER, str(user.path)))
    for setting in SETTINGS:
        if ANY not in setting.key:
            said.setdefault(setting.path, []).append(Origin(setting.default, Layer.DEFAULT))
    order = [setting.key for setting in SETTINGS]
    found = {
        key: Found(key, settings.known(key), origins[0], tuple(origins[1:]))
        for key, origins in sorted(said.items(), key=lambda each: (order.index(settings.known(each[0]).key), each[0]))
    }
    return Settings(found, user.path, project.path if project is not None else None, trusted, tuple(ignored))


def _flags(flags: Mapping[str, Value]) -> dict[Key, Origin]:
    given: dict[Key, Origin] = {}
    for dotted, value in flags.items():
        key = tuple(dotted.split("."))
        setting = settings.known(key)
        checked = settings.check(setting, list(value) if isinstance(value, tuple) else value, setting.flag)
        given[key] = Origin(checked, Layer.FLAG, setting.flag)
    return given


def _may(setting: Setting, value: Value, standing: Value) -> bool:
    """Whether a project's file that nobody trusts may set this."""
    if setting.reach is Reach.TIGHTER:
        return settings.tighter(setting, value, setting.default if standing is None else standing)
    return setting.reach is Reach.HARMLESS


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise UsageError(f"{path} cannot be looked for", "name another file: --config", error.strerror or "") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read", f"chmod u+r {path}", error.strerror or "") from error


def _section(path: Path, content: bytes) -> dict[str, Any] | None:
    """`[tool.helicli]` of a pyproject.toml, None where it has none."""
    if b"helicli" not in content:
        return None
    tool = _toml(path, content).get("tool")
    table = tool.get("helicli") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _toml(path: Path, content: bytes) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML", "helicli config edit", str(error)) from error


def _leaves(table: dict[str, Any], before: Key, where: str) -> Iterator[tuple[Key, Setting, Value]]:
    for word, value in table.items():
        key = (*before, word)
        setting = settings.find(key)
        if setting is not None:
            yield key, setting, settings.check(setting, value, where)
        elif isinstance(value, dict) and settings.opens(key):
            yield from _leaves(value, key, where)
        else:
            while isinstance(value, dict) and value and len(key) < 3:
                word, value = next(iter(value.items()))
                key = (*key, word)
            settings.known(key, where)


def _beside(path: Path, value: str) -> Path:
    """A file that a file names: from where that one stands."""
    return path.parent / Path(value).expanduser()
