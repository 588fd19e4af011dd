"""Where things stand on disk.

Owns the file names beside a database and the XDG folders; takes the environment as an argument and touches no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_SOCKET_FOLDER_MAX = 64
"""Bytes of the folder's path that leave room for the rest within AF_UNIX's 107 (macOS: 103)."""


def data_home(env: Mapping[str, str]) -> Path:
    """`$XDG_DATA_HOME/helicli`, by default `~/.local/share/helicli`."""
    base = env.get("XDG_DATA_HOME", "")
    root = Path(base) if base.startswith("/") else Path(env.get("HOME") or "~").expanduser() / ".local" / "share"
    return root / "helicli"


def config_file(env: Mapping[str, str], option: str | None = None) -> Path:
    """The user's settings: the option, else `HELICLI_CONFIG`, else `$XDG_CONFIG_HOME/helicli/config.toml`."""
    chosen = option or env.get("HELICLI_CONFIG") or ""
    if chosen:
        return Path(chosen).expanduser().absolute()
    base = env.get("XDG_CONFIG_HOME", "")
    root = Path(base) if base.startswith("/") else Path(env.get("HOME") or "~").expanduser() / ".config"
    return root / "helicli" / "config.toml"


def trust_file(env: Mapping[str, str]) -> Path:
    """Which projects' settings their user trusts."""
    return data_home(env) / "trusted.json"


def database(env: Mapping[str, str], chosen: str | None) -> Path:
    """The database file: the one that was chosen, else `helicli.db` in the user's data folder."""
    return Path(chosen).expanduser().absolute() if chosen else data_home(env) / "helicli.db"


def homely(path: str, env: Mapping[str, str]) -> str:
    """A path as people write it: `~/x.db` for one in their home. Any other text as it is."""
    home = env.get("HOME", "").rstrip("/")
    return "~" + path.removeprefix(home) if home.startswith("/") and path.startswith(f"{home}/") else path


def beside(db: Path, suffix: str) -> Path:
    """A file or folder that belongs to a database and stands beside it, links resolved."""
    real = db.resolve()
    return real.with_name(real.name + suffix)


def journal_dir(db: Path) -> Path:
    """The journal of a database. Not `-journal`: SQLite would take that for its own."""
    return beside(db, ".calls")


def lock_file(db: Path) -> Path:
    """The lock that says which engine works on a database."""
    return beside(db, ".lock")


def log_file(db: Path) -> Path:
    """What an engine that runs share has to say, since nobody watches it."""
    return beside(db, ".log")


def control_socket(env: Mapping[str, str], db: Path, uid: int) -> Path:
    """The control socket of a database's engine. Short, because a socket's path ends at 107 bytes."""
    import hashlib  # costs every command what few of them need

    name = hashlib.sha256(str(db.resolve()).encode()).hexdigest()[:16] + ".sock"
    runtime = env.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/") and len(runtime) <= _SOCKET_FOLDER_MAX:
        return Path(runtime) / "helicli" / name
    temporary = env.get("TMPDIR", "")
    fits = temporary.startswith("/") and len(temporary) <= _SOCKET_FOLDER_MAX
    return Path(temporary if fits else "/tmp") / f"helicli-{uid}" / name
