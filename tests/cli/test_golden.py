"""What every command prints, kept in files: on a pipe, on a terminal of 80 columns without colour, and with it.

`pytest tests/cli/test_golden.py --update-goldens` writes them anew; read what has changed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helicli.cli.main import COMMANDS
from tests import terminal
from tests.cli.conftest import Console
from tests.query import logs

FOLDER = Path(__file__).parent / "golden"

CASES = {
    "root": [],
    "version": ["--version"],
    "unknown-command": ["tial"],
    "unknown-option": ["tail", "--usr", "ada"],
    "tail": ["tail", "--no-follow"],
    "tail-header": ["tail", "--no-follow", "--header"],
    "tail-columns": ["tail", "--no-follow", "-c", "seq,created_at,model,latency,cost,prop.environment"],
    "tail-sort": ["tail", "--no-follow", "--sort", "cost:desc", "-c", "seq,cost,text"],
    "tail-csv": ["tail", "--no-follow", "--format", "csv"],
    "tail-json": ["tail", "--no-follow", "--json", "-c", "seq,status,cost_usd,properties"],
    "tail-array": ["tail", "--no-follow", "--format", "json", "-c", "seq,text"],
    "tail-relative": ["tail", "--no-follow", "--time", "relative", "-n", "2"],
    "tail-unix": ["tail", "--no-follow", "--time", "unix", "-n", "2"],
    "tail-bodies": ["tail", "--no-follow", "--bodies", "-n", "2"],
    "tail-until": ["tail", "--since", "13m", "--until", "10m"],
    "tail-nothing": ["tail", "--no-follow", "--user", "adda", "--fail-empty"],
    "tail-wrong-column": ["tail", "--no-follow", "-c", "seq,modle"],
    "tail-wrong-format": ["tail", "--no-follow", "--format", "jsn"],
    "tail-wrong-time": ["tail", "--no-follow", "--time", "locale"],
    "tail-wrong-status": ["tail", "--status", "eror"],
    "tail-endless-array": ["tail", "--format", "json"],
    "tail-endless-sort": ["tail", "--sort", "cost"],
    "tail-quiet": ["tail", "--no-follow", "-q", "-n", "1"],
    "costs": ["costs"],
    "costs-nested": ["costs", "--by", "day", "--by", "user", "--since", "7d"],
    "costs-json": ["costs", "--by", "prop.environment", "--json"],
    "costs-csv": ["costs", "--by", "user", "--format", "csv"],
    "costs-jsonl": ["costs", "--format", "jsonl", "-c", "model,calls,cost"],
    "costs-unpriced": ["costs", "--unpriced"],
    "costs-budget": ["costs", "--budget", "10"],
    "costs-nothing": ["costs", "--user", "adda"],
    "costs-wrong-by": ["costs", "--by", "modle"],
    "costs-wrong-column": ["costs", "-c", "modle"],
    "costs-wrong-time": ["costs", "--since", "sometime"],
    "tui-wrong-screen": ["tui", "--screen", "analitics"],
    "tui-wrong-filter": ["tui", "usr:ada"],
    "tui-wrong-symbols": ["tui", "--symbols", "blocks"],
    "stats": ["stats"],
    "stats-by": ["stats", "--by", "user"],
    "stats-every": ["stats", "--every", "2m", "--since", "20m"],
    "stats-json": ["stats", "--json"],
    "stats-csv": ["stats", "--by", "model", "--format", "csv"],
    "stats-nothing": ["stats", "user:nobody"],
    "stats-wrong-every": ["stats", "--every", "often"],
    "users": ["users"],
    "users-json": ["users", "--json", "-n", "1"],
    "users-csv": ["users", "--format", "csv"],
    "users-show": ["users", "show", "ada"],
    "users-show-nobody": ["users", "show", "adda"],
    "users-wrong-sort": ["users", "--sort", "cots"],
    "properties": ["properties"],
    "properties-json": ["properties", "--json"],
    "properties-csv": ["properties", "environment", "--format", "csv"],
    "properties-values": ["properties", "environment"],
    "properties-missing": ["properties", "enviroment"],
    "tail-filter": ["tail", "--no-follow", "user:ada", "-status:error"],
    "filter": ["filter"],
    "filter-some": ["filter", "cost:>0.001 prop.Environment:production", "--since", "2d", "-n", "3"],
    "filter-more": ["filter", "user:ada", "-n", "1"],
    "filter-columns": ["filter", "status:error", "-c", "seq,model,error"],
    "filter-json": ["filter", "user:ada", "--json", "-c", "seq,status,user"],
    "filter-jsonl": ["filter", "user:ada", "--format", "jsonl", "-c", "seq,status,user"],
    "filter-csv": ["filter", "--format", "csv"],
    "filter-nothing": ["filter", "user:adda", "--fail-empty"],
    "filter-wrong-field": ["filter", "usr:ada status:error"],
    "filter-wrong-value": ["filter", "status:error latency:>2x"],
    "filter-wrong-saved": ["filter", "@nope"],
    "filter-wrong-time": ["filter", "--since", "soon"],
    "filters": ["filters"],
    "filters-list": ["filters", "list"],
    "db-sql": ["db", "sql", "SELECT seq, model, cost_usd FROM requests"],
    "db-sql-writes": ["db", "sql", "DELETE FROM calls"],
    "show": ["show", "1"],
    "show-failed": ["show", "4"],
    "show-request": ["show", "1", "--request"],
    "show-columns": ["show", "1", "-c", "model,cost,created_at,text"],
    "show-csv": ["show", "1", "--format", "csv", "-c", "seq,model,text"],
    "show-missing": ["show", "99"],
    "db": ["db"],
    "db-path": ["db", "path"],
    "db-path-json": ["db", "path", "--json"],
    "db-info": ["db", "info"],
    "db-info-csv": ["db", "info", "--format", "csv"],
    "db-check": ["db", "check"],
    "db-check-json": ["db", "check", "--json"],
    "db-vacuum": ["db", "vacuum"],
    "db-backup-itself": ["db", "backup", "x.db"],
    "db-backup-nowhere": ["db", "backup", "no/such/folder/x.db"],
    "serve-wrong-host": ["serve", "--host", "0.0.0.0"],
    "serve-wrong-bodies": ["serve", "--bodies", "some"],
    "demo-wrong-number": ["demo", "--calls", "many"],
    "completions-wrong": ["completions", "fsh"],
    "completions-none": ["completions"],
    "env-no-engine": ["env"],
    "env-unset": ["env", "--unset"],
    "env-unset-fish": ["env", "--unset", "--shell", "fish"],
    "env-unset-pwsh": ["env", "--unset", "--shell", "pwsh"],
    "env-unset-dotenv": ["env", "--unset", "--shell", "dotenv"],
    "env-wrong-shell": ["env", "--shell", "fihs"],
    "env-other-shell": ["env", "--shell", "zsh"],
    "config": ["config"],
    "config-list": ["config", "list"],
    "config-list-origin": ["config", "list", "--origin"],
    "config-list-json": ["config", "list", "--json"],
    "config-list-csv": ["config", "list", "--origin", "--format", "csv"],
    "config-get": ["config", "get", "serve.port"],
    "config-get-json": ["config", "get", "serve.port", "--json"],
    "config-get-wrong": ["config", "get", "serve.prot"],
    "config-get-unset": ["config", "get", "providers.local.base_url"],
    "config-set-wrong": ["config", "set", "serve.bodies", "ful"],
    "config-unset-nothing": ["config", "unset", "serve.port"],
    "config-path": ["config", "path"],
    "config-path-json": ["config", "path", "--json"],
    "config-trust-nothing": ["config", "trust"],
    "config-wrong-word": ["config", "lsit"],
    "providers": ["providers"],
    "providers-list": ["providers", "list"],
    "providers-list-jsonl": ["providers", "list", "--format", "jsonl"],
    "providers-list-csv": ["providers", "list", "--format", "csv"],
    "providers-show": ["providers", "show", "groq"],
    "providers-show-json": ["providers", "show", "azure", "--json"],
    "providers-show-wrong": ["providers", "show", "opnai"],
    "providers-test-nothing": ["providers", "test", "azure"],
    "run-nothing": ["run"],
    "run-wrong-option": ["run", "--usr", "ada", "--", "true"],
    "run-no-value": ["run", "--user"],
    "run-wrong-property": ["run", "-P", "Feature", "--", "true"],
    "run-no-program": ["run", "--", "no-such-program"],
    "run-no-executable": ["run", "--", "/etc/passwd"],
    "help": ["help"],
    "help-filters": ["help", "filters"],
    "help-exit-codes": ["help", "exit-codes"],
    "help-wrong": ["help", "filtres"],
    **{f"help-of-{name}": [name, "--help"] for name in COMMANDS},
}

WITHOUT_CALLS = {
    "empty-tail": ["tail", "--no-follow"],
    "empty-tail-array": ["tail", "--no-follow", "--format", "json"],
    "empty-tail-csv": ["tail", "--no-follow", "--format", "csv"],
    "empty-costs": ["costs"],
    "empty-costs-json": ["costs", "--json"],
    "empty-stats": ["stats"],
    "empty-users": ["users"],
    "empty-properties": ["properties"],
    "empty-filter": ["filter"],
    "empty-filter-json": ["filter", "--json"],
    "empty-filter-csv": ["filter", "--format", "csv"],
    "empty-show": ["show", "last"],
    "empty-db-info": ["db", "info"],
    "empty-db-check": ["db", "check"],
}

WITHOUT_FILE = {
    "none-tail": ["tail", "--no-follow"],
    "none-costs": ["costs"],
    "none-stats": ["stats"],
    "none-users": ["users"],
    "none-properties": ["properties"],
    "none-filter": ["filter"],
    "none-show": ["show", "last"],
    "none-db-info": ["db", "info"],
    "none-db-check": ["db", "check"],
    "none-db-vacuum": ["db", "vacuum"],
    "none-db-backup": ["db", "backup", "copy.db"],
}


def printed(folder: Path, database: Path, args: list[str]) -> str:
    """What a command prints, in all three ways."""
    console = Console(database)
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "HELICLI_DB": str(database), "TZ": "UTC", "PAGER": "cat"}
    env |= {"TERM": "xterm", "LANG": "C.UTF-8"}
    console.env.update(env)
    got = console(*args)
    parts = [f"$ {' '.join(['helicli', *args])}", f"==== pipe, exit {got.code}", got.out.rstrip("\n")]
    if got.err:
        parts += ["==== pipe, stderr", got.err.rstrip("\n")]
    code, plain = terminal.helicli(*args, env={**env, "NO_COLOR": "1"})
    parts += [f"==== terminal without colour, exit {code}", plain.rstrip("\n")]
    _, painted = terminal.helicli(*args, env=env)
    if painted != plain:
        parts += ["==== terminal", painted.rstrip("\n")]
    text = "\n".join(part for part in parts if part) + "\n"
    text = text.replace(str(folder), "/home/ada").replace("\x1b", "␛")
    # How large an SQLite file is depends on SQLite.
    return re.sub(r"\b\d+ kB|(?<=,)\d{5,}(?=,)", "SIZE", text)


def check(request, name: str, text: str) -> None:
    """Hold what is printed against its file."""
    file = FOLDER / f"{name}.txt"
    if request.config.getoption("--update-goldens"):
        file.write_text(text)
    assert file.exists(), "run pytest tests/cli/test_golden.py --update-goldens"
    assert text == file.read_text()


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", CASES)
def test_of_a_log(request, here, name):
    check(request, name, printed(here, logs.sample(here / "x.db"), CASES[name]))


@pytest.mark.parametrize("name", WITHOUT_CALLS)
def test_of_an_empty_log(request, here, name):
    check(request, name, printed(here, logs.write(here / "x.db"), WITHOUT_CALLS[name]))


@pytest.mark.parametrize("name", WITHOUT_FILE)
def test_of_no_log(request, here, name):
    check(request, name, printed(here, here / "x.db", WITHOUT_FILE[name]))


def test_no_file_is_left_over():
    assert {file.stem for file in FOLDER.iterdir()} == {*CASES, *WITHOUT_CALLS, *WITHOUT_FILE}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_one(name):
    assert any(args[:1] == [name] for args in CASES.values())


def test_the_same_calls_in_the_same_order_on_a_terminal_and_a_pipe(here):
    database = logs.sample(here / "x.db")
    text = printed(here, database, ["tail", "--no-follow", "-c", "seq"])
    pipe, plain = text.split("==== ")[1:3]
    # Digits alone: a terminal has a head and a footer.
    assert [line.strip() for line in pipe.splitlines()[1:]] == [
        line.strip() for line in plain.splitlines()[1:] if line.strip().isdigit()
    ]
