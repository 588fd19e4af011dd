"""What every command prints, kept in files: on a pipe, on a terminal of 80 columns without colour, and with it.

`pytest tests/cli/test_golden.py --update-goldens` writes them anew; read what has changed.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import chdir, closing, contextmanager
from pathlib import Path

import pytest

from helicli.cli.main import COMMANDS
from helicli.cli.tree import tree
from helicli.store import limits
from helicli.store.connect import open_writer
from helicli.store.limits import StoredLimit
from tests import terminal
from tests.cli.conftest import Console
from tests.query import logs
from tests.query.test_cache import fill as cached

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
    "costs-explain": ["costs", "--by", "user", "--since", "7d", "--explain"],
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
    "limits": ["limits"],
    "run-wrong-limit": ["run", "--limit", "10;w=60;u=requets", "--", "true"],
    "run-nothing": ["run"],
    "run-wrong-option": ["run", "--usr", "ada", "--", "true"],
    "run-no-value": ["run", "--user"],
    "run-wrong-property": ["run", "-P", "Feature", "--", "true"],
    "run-no-program": ["run", "--", "no-such-program"],
    "run-no-executable": ["run", "--", "/etc/passwd"],
    "help": ["help"],
    "help-filters": ["help", "filters"],
    "help-policies": ["help", "policies"],
    "help-exit-codes": ["help", "exit-codes"],
    "help-wrong": ["help", "filtres"],
    **{f"help-of-{name}": [name, "--help"] for name in COMMANDS},
}

WITH_PROMPTS = {
    "score": ["score", "1", "up", "helpful=0.8"],
    "score-wrong": ["score", "1", "helpful"],
    "score-missing": ["score", "99", "up"],
    "prompts": ["prompts"],
    "prompts-list": ["prompts", "list"],
    "prompts-list-json": ["prompts", "list", "--json"],
    "prompts-list-csv": ["prompts", "list", "--format", "csv"],
    "prompts-show": ["prompts", "show", "support"],
    "prompts-show-json": ["prompts", "show", "support@1", "--json"],
    "prompts-show-wrong": ["prompts", "show", "suport"],
    "prompts-show-wrong-version": ["prompts", "show", "support@9"],
    "prompts-log": ["prompts", "log", "support"],
    "prompts-log-json": ["prompts", "log", "support", "--json"],
    "prompts-diff": ["prompts", "diff", "support"],
    "prompts-diff-same": ["prompts", "diff", "support@3", "support@3"],
    "prompts-label": ["prompts", "label", "support@3", "production"],
    "prompts-label-remove": ["prompts", "label", "support", "production", "--remove"],
    "prompts-label-wrong": ["prompts", "label", "support", "3"],
    "prompts-rollback": ["prompts", "rollback", "support"],
    "prompts-rollback-nowhere": ["prompts", "rollback", "classify"],
    "prompts-render": ["prompts", "render", "support", "--var", "user_input=Hi {{user_input}}"],
    "prompts-render-json": ["prompts", "render", "support@3", "--var", "user_input=Hi", "--json"],
    "prompts-render-missing": ["prompts", "render", "support"],
    "prompts-render-wrong-value": ["prompts", "render", "support", "--var", "user_input"],
    "prompts-test-no-engine": ["prompts", "test", "support", "--var", "user_input=Hi"],
    "prompts-pull": ["prompts", "pull", "support@1", "--dir", "old"],
    "prompts-push-nothing": ["prompts", "push", "nowhere"],
    "prompts-push-missing": ["prompts", "push", "nope.md"],
    "prompts-new-wrong": ["prompts", "new", "../x"],
    "prompts-new": ["prompts", "new", "greeting"],
    "prompts-push": ["prompts", "push", "-m", "kinder"],
    "prompts-push-dry": ["prompts", "push", "--dry-run"],
    "prompts-list-wrong": ["prompts", "list", "--format", "jsn"],
    "prompts-diff-wrong": ["prompts", "diff", "support@1", "suport"],
    "prompts-pull-wrong": ["prompts", "pull", "suport"],
    "costs-by-prompt": [
        "costs",
        "--by",
        "prompt",
        "--by",
        "prompt_version",
        "--since",
        "all",
        "-c",
        "prompt,prompt_version,calls,cost",
    ],
    "show-prompt": ["show", "7"],
    "filter-prompt": ["filter", "prompt:support@2", "--since", "all", "-c", "seq,prompt,prompt_version"],
}
FILLED = {
    "cache-stats": ["cache", "stats"],
    "cache-list": ["cache", "list"],
    "cache-list-json": ["cache", "list", "--json"],
    "cache": ["cache"],
    "cache-stats-json": ["cache", "stats", "--json"],
    "cache-list-more": ["cache", "list", "--user", "ada", "-n", "1"],
    "cache-list-wrong": ["cache", "list", "--older-than", "soon"],
    "cache-show": ["cache", "show", "6161"],
    "cache-show-missing": ["cache", "show", "99"],
    "cache-clear-dry": ["cache", "clear", "--user", "ada", "--dry-run"],
    "cache-clear": ["cache", "clear", "--yes"],
    "cache-clear-unsure": ["cache", "clear", "--no-input"],
    "limits-list": ["limits", "list"],
    "limits-list-csv": ["limits", "list", "--format", "csv"],
    "limits-list-json": ["limits", "list", "--json"],
    "limits-show": ["limits", "show", "few"],
    "limits-show-json": ["limits", "show", "few", "--json"],
    "limits-show-missing": ["limits", "show", "none"],
    "limits-usage-no-engine": ["limits", "usage"],
    "limits-explain": ["limits", "explain", "100;w=3600;u=user,0.5;w=month;u=cents;s=team"],
    "limits-explain-json": ["limits", "explain", "100;w=3600;u=user", "--json"],
    "limits-test": ["limits", "test", "1;w=3600;u=user", "--since", "all"],
    "limits-test-some": ["limits", "test", "1;w=day", "user:ada", "-status:error"],
    "limits-test-json": ["limits", "test", "1;w=3600;u=user", "--json"],
    "limits-wrong-policy": ["limits", "add", "burst", "10;w=60;u=requets"],
    "limits-wrong-several": ["limits", "explain", "10;w=60,5;w=dya"],
    "limits-wrong-name": ["limits", "add", "a b", "10;w=60"],
    "limits-wrong-filter": ["limits", "add", "few", "10;w=60", "user:ada", "cost:>1"],
    "limits-remove-missing": ["limits", "remove", "none"],
    "limits-show-wrong": ["limits", "show", "fwe"],
    "limits-add": ["limits", "add", "more", "10;w=60;u=user", "-m", "gpt-4o*"],
    "limits-add-again": ["limits", "add", "few", "10;w=60"],
    "limits-remove": ["limits", "remove", "few"],
    "limits-remove-wrong": ["limits", "remove", "fwe"],
    "limits-explain-wrong": ["limits", "explain", "10;w=60;u=requets"],
    "limits-test-wrong": ["limits", "test", "10"],
    "filters-saved": ["filters", "list"],
    "filters-saved-json": ["filters", "list", "--json"],
    "filters-list-wrong": ["filters", "list", "--format", "jsn"],
    "limits-list-wrong": ["limits", "list", "--jsn"],
    "providers-list-wrong": ["providers", "list", "--format", "jsn"],
    "config-list-wrong": ["config", "list", "--origins"],
    "config-path-wrong": ["config", "path", "--project"],
    "filters-show": ["filters", "show", "slow"],
    "filters-show-wrong": ["filters", "show", "slwo"],
    "filters-save": ["filters", "save", "dear", "cost:>1"],
    "filters-save-wrong": ["filters", "save", "dear", "csot:>1"],
    "filters-remove": ["filters", "remove", "slow"],
    "filters-remove-wrong": ["filters", "remove", "slwo"],
    "config-set": ["config", "set", "serve.bodies", "meta"],
    "config-set-again": ["config", "set", "filters.slow", "latency:>9s"],
    "config-unset": ["config", "unset", "filters.slow"],
    "config-unset-wrong": ["config", "unset", "serve.prot"],
    "config-edit": ["config", "edit"],
    "config-edit-no-input": ["config", "edit", "--no-input"],
    "config-trust": ["config", "trust"],
    "config-untrust": ["config", "untrust"],
    "config-untrust-nothing": ["config", "untrust", "nowhere"],
    "config-ignored": ["config", "list", "--origin"],
    "config-path-project": ["config", "path", "--json"],
    "tail-ignored": ["tail", "--no-follow", "-n", "1", "-c", "seq"],
    "db-backup": ["db", "backup", "copy.db"],
    "db-sql-csv": ["db", "sql", "SELECT seq, model, user FROM requests", "--format", "csv"],
    "db-info-wrong": ["db", "info", "--format", "jsn"],
    "db-path-wrong": ["db", "path", "--json", "--format", "tabel"],
    "db-check-wrong": ["db", "check", "now"],
    "db-vacuum-wrong": ["db", "vacuum", "--all"],
    "doctor": ["doctor"],
    "doctor-json": ["doctor", "--json"],
    "doctor-wrong": ["doctor", "--format", "jsn"],
}
"""Of a log with stored answers, a limit and a saved filter, in the folder of a project that is not trusted."""

WITHOUT_CALLS = {
    "empty-score": ["score", "last", "up"],
    "empty-prompts-list": ["prompts", "list"],
    "empty-prompts-test": ["prompts", "test", "support"],
    **{f"empty-prompts-{name}": ["prompts", name, "support"] for name in ("show", "diff", "log", "rollback", "render")},
    "empty-prompts-pull": ["prompts", "pull"],
    "empty-prompts-label": ["prompts", "label", "support@1", "production"],
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
    "empty-limits-list": ["limits", "list"],
    "empty-limits-list-json": ["limits", "list", "--json"],
    "empty-limits-test": ["limits", "test", "1;w=60"],
    "empty-db-info": ["db", "info"],
    "empty-db-check": ["db", "check"],
    "empty-db-sql": ["db", "sql", "SELECT seq, model FROM requests"],
    "empty-db-vacuum": ["db", "vacuum"],
    "empty-db-backup": ["db", "backup", "copy.db"],
    "empty-cache-stats": ["cache", "stats"],
    "empty-cache-list": ["cache", "list"],
    "empty-cache-show": ["cache", "show", "6161"],
    "empty-cache-clear": ["cache", "clear", "--yes"],
    "empty-providers-list": ["providers", "list"],
    "empty-doctor": ["doctor"],
}

WITHOUT_FILE = {
    "none-score": ["score", "last", "up"],
    "none-prompts-list": ["prompts", "list"],
    "none-prompts-log": ["prompts", "log", "support"],
    "none-cache-list": ["cache", "list"],
    "none-tail": ["tail", "--no-follow"],
    "none-costs": ["costs"],
    "none-stats": ["stats"],
    "none-users": ["users"],
    "none-properties": ["properties"],
    "none-filter": ["filter"],
    "none-show": ["show", "last"],
    "none-limits-list": ["limits", "list"],
    "none-limits-test": ["limits", "test", "1;w=60"],
    "none-db-info": ["db", "info"],
    "none-db-check": ["db", "check"],
    "none-db-vacuum": ["db", "vacuum"],
    "none-db-backup": ["db", "backup", "copy.db"],
    "none-db-path": ["db", "path"],
    "none-db-sql": ["db", "sql", "SELECT 1"],
    "none-cache-stats": ["cache", "stats"],
    "none-providers-list": ["providers", "list", "--format", "csv"],
    "none-doctor": ["doctor"],
}


Fill = Callable[[Path], object]
"""Makes a log, and what else a home may hold, where the database is to be."""

VARYING = (
    # How large an SQLite file is depends on SQLite.
    (r"\b\d+(\.\d+)? kB|(?<=,)\d{5,}(?=,)|(?<=_bytes\":)\d{4,}", "SIZE"),
    (r"(python(?:\s+|\",\"state\":\"ok\",\"text\":\"))[\d.]+\S* at [^\s\"]+", r"\1VERSION at PLACE"),
    (r"(sqlite(?:\s+|\",\"state\":\"ok\",\"text\":\"))[\d.]+(; its WAL[^\"\t\n]*one)?", r"\1VERSION"),
    (r"[\d.]+ [MGT]B of [\d.]+ [GT]B free", "SIZE of SIZE free"),
    (r"\d+ authorities|the authorities in [^\s\"]+", "AUTHORITIES"),
)
"""What is another on another machine or day."""


def logged(database: Path) -> None:
    """Five calls."""
    logs.sample(database)


def empty(database: Path) -> None:
    """A log without calls."""
    logs.write(database)


def nothing(database: Path) -> None:
    """No log."""


def prompted(database: Path) -> None:
    """Stored prompts, of one of which the project's folder has a newer text."""
    logs.prompted(database)
    folder = database.parent / "prompts"
    folder.mkdir()
    (folder / "classify.md").write_text('+++\nname = "classify"\nmodel = "gpt-4o"\n+++\n\n## user\nSpam? {{text}}\n')


def filled(database: Path) -> None:
    """All that commands can speak of."""
    cached(database)
    with closing(open_writer(database)) as db:
        limits.add(db, StoredLimit("few", "100;w=3600;u=user", "model:gpt-4* -user:root", logs.T0))
        limits.add(db, StoredLimit("money", "500;w=month;u=cents", "", logs.T0))
    config = database.parent / ".config" / "helicli" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[filters]\nslow = 'latency:>5s'\n")
    (database.parent / "helicli.toml").write_text("[serve]\nport = 9999\nbodies = 'off'\n")


def printed(folder: Path, fill: Fill, args: list[str]) -> str:
    """What a command prints, in all three ways, each in a home of its own."""
    parts = [f"$ {' '.join(['helicli', *args])}"]
    plain = ""
    for way in ("pipe", "bare", "tint"):
        home = folder / way
        home.mkdir()
        fill(home / "x.db")
        env = {"PATH": "/usr/bin:/bin", "HOME": str(home), "HELICLI_DB": str(home / "x.db"), "TZ": "UTC"}
        env |= {"TERM": "xterm", "LANG": "C.UTF-8", "PAGER": "cat", "EDITOR": "true"}
        with chdir(home), free_port() as port:
            env |= {"HELICLI_SERVE_PORT": str(port)} if args[0:1] == ["doctor"] else {}
            if way == "pipe":
                console = Console(home / "x.db")
                console.env.update(env)
                got = console(*args)
                parts += [f"==== pipe, exit {got.code}", told(got.out, home, port)]
                parts += ["==== pipe, stderr", told(got.err, home, port)] if got.err else []
                continue
            code, text = terminal.helicli(*args, env=env | ({"NO_COLOR": "1"} if way == "bare" else {}))
            if way == "bare":
                plain = told(text, home, port)
                parts += [f"==== terminal without colour, exit {code}", plain]
            elif told(text, home, port) != plain:
                parts += ["==== terminal", told(text, home, port)]
    return "\n".join(part for part in parts if part) + "\n"


def told(text: str, home: Path, port: int) -> str:
    """A text as a file holds it."""
    text = text.rstrip("\n").replace(str(home), "/home/ada").replace("\x1b", "␛").replace(f":{port}", ":8787")
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return text


@contextmanager
def free_port() -> Iterator[int]:
    """A port that nobody had a moment ago."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
    yield port


def check(request, name: str, text: str) -> None:
    """Hold what is printed against its file."""
    file = FOLDER / f"{name}.txt"
    if request.config.getoption("--update-goldens"):
        file.write_text(text)
    assert file.exists(), "run pytest tests/cli/test_golden.py --update-goldens"
    assert text == file.read_text()


ALL = {
    **{name: (logged, args) for name, args in CASES.items()},
    **{name: (prompted, args) for name, args in WITH_PROMPTS.items()},
    **{name: (filled, args) for name, args in FILLED.items()},
    **{name: (empty, args) for name, args in WITHOUT_CALLS.items()},
    **{name: (nothing, args) for name, args in WITHOUT_FILE.items()},
}


@pytest.mark.parametrize("name", ALL)
def test_what_is_printed(request, tmp_path, name):
    check(request, name, printed(tmp_path, *ALL[name]))


def test_no_file_is_left_over():
    assert {file.stem for file in FOLDER.iterdir()} == set(ALL)


COMMANDS_OF_ALL = [each.path.split()[1:] for each in tree(COMMANDS).every() if not each.commands]
LIVE = FOLDER.parents[1] / "e2e" / "golden"
ELSEWHERE = {
    ("completions", "works"): "the folder completions, held by test_generate.py",
    ("tui", "works"): "the folder tests/tui/golden",
    ("tui", "empty"): "the folder tests/tui/golden",
    ("prompts test", "works"): "what an engine answers: tests/e2e/test_prompt_trials.py, tests/view/test_trials.py",
}
"""Where else it is held what a kind of golden would hold."""
LOGLESS = {"serve", "run", "env", "demo", "filters", "config", "completions", "help"} | {
    "providers show", "providers test", "limits show", "limits add", "limits remove", "limits usage", "limits explain",
    "db path", "prompts push", "prompts new",
}  # fmt: skip
"""Commands, and groups of them, that read no call; all others have what they print where there is none."""


def kinds(file: Path) -> tuple[list[str], set[str]]:
    """The command of a golden, and what it is one of."""
    text = file.read_text()
    words = text.splitlines()[0].split()[2:]
    found = {"empty"} if file.stem.startswith(("empty-", "none-")) else set()
    if "--help" not in words:
        found.add("wrong" if re.search(r"^(␛\[31m)?error:", text, re.MULTILINE) else "works")
    return words, found


@pytest.mark.parametrize("command", COMMANDS_OF_ALL, ids=" ".join)
def test_every_command_has_one_of_each_kind(command):
    found: set[str] = set()
    for file in (*FOLDER.iterdir(), *LIVE.iterdir()):
        words, kind = kinds(file)
        if words[: len(command)] == command:
            found |= kind
    path = " ".join(command)
    wanted = {"works", "wrong"} | (set() if {path, command[0]} & LOGLESS else {"empty"})
    assert wanted <= found | {kind for place, kind in ELSEWHERE if place == path}


def test_the_same_calls_in_the_same_order_on_a_terminal_and_a_pipe(tmp_path):
    text = printed(tmp_path, logged, ["tail", "--no-follow", "-c", "seq"])
    pipe, plain = text.split("==== ")[1:3]
    # Digits alone: a terminal has a head and a footer.
    assert [line.strip() for line in pipe.splitlines()[1:]] == [
        line.strip() for line in plain.splitlines()[1:] if line.strip().isdigit()
    ]
