"""The table of commands, the page of help, and what becomes of every kind of error."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helicli import __version__
from helicli.cli.main import COMMANDS, Entry
from helicli.errors import DatabaseError


@pytest.mark.parametrize("args", [[], ["-h"], ["--help"], ["--db", "x.db", "-h"]])
def test_the_page_of_the_whole_tool(console, args):
    got = console(*args)
    assert (got.code, got.err) == (0, "")
    assert got.out.startswith("helicli — see, search and control")
    groups = {line.split()[0]: line.split()[1:] for line in got.lines if line.split()[:1] and line[0] in "RLMDS"}
    assert groups == {
        "Run": ["serve", "run", "env", "demo"],
        "Look": ["tail", "filter", "show", "costs", "stats", "users", "properties", "tui"],
        "Manage": ["filters", "providers", "prompts", "cache", "limits"],
        "Data": ["score", "db"],
        "Setup": ["config", "doctor", "completions", "help"],
    }


@pytest.mark.parametrize("args", [["--version"], ["-V"], ["-q", "--version"]])
def test_version(console, args):
    assert console(*args).out == f"helicli {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_every_command_has_help_with_its_sentence_and_the_global_options(console, name, word):
    got = console(name, word)
    assert (got.code, got.err) == (0, "")
    assert got.out.startswith(f"helicli {name} — {COMMANDS[name].help}\n")
    assert "--db" in got.out and "--debug" in got.out


def test_help_shows_examples_and_groups(console):
    text = console("tail", "-h").out
    assert "\n  helicli tail --user ada\n" in text
    heads = [line for line in text.splitlines() if line and line[0] not in " h"]
    assert heads == ["Usage  helicli tail [OPTIONS] [FILTER…]", "Selection", "Time", "Following", "Output", "Global"]


@pytest.mark.parametrize(
    ("args", "lines"),
    [
        (["tial"], ["error: no command 'tial'", "fix:   did you mean helicli tail?"]),
        (["zzzz"], ["error: no command 'zzzz'", "fix:   see helicli --help"]),
        (["db", "inf"], ["error: no command 'inf'", "fix:   did you mean helicli db info?"]),
        (["db", "frob"], ["error: no command 'frob'", "fix:   see helicli db --help"]),
        (["tail", "--usr", "ada"], ["error: no option --usr", "fix:   did you mean --user?   see helicli tail --help"]),
        (["show"], ["error: missing argument 'CALL'", "fix:   see helicli show --help"]),
        (["-q"], ["error: missing command", "fix:   see helicli --help"]),
        (["tail", "-n", "x"], None),
        (["tail", "-n", "-1"], None),
        (
            ["tail", "--color", "blue"],
            ['error: --color cannot be "blue"', "fix:   write --color auto, always or never"],
        ),
        (["show", "1", "2"], None),
    ],
)
def test_a_wrong_line_exits_2_and_says_what_was_meant(console, args, lines):
    got = console(*args)
    assert (got.code, got.out) == (2, "")
    assert got.err.splitlines() == lines if lines else got.err.startswith("error: ")
    assert "\nfix:   " in got.err


def test_a_word_from_elsewhere_does_not_drive_the_terminal(console):
    assert "\x1b" not in console("\x1b[2Jtail").err
    assert "\x1b" not in console("--\x1b[2J").err


@pytest.mark.parametrize(
    "args", [["--db", "{}", "db", "path"], ["db", "--db", "{}", "path"], ["db", "path", "--db", "{}"]]
)
def test_global_options_stand_anywhere(console, tmp_path, args):
    other = str(tmp_path / "other.db")
    assert console(*(arg.format(other) for arg in args)).out == other + "\n"


def failing(monkeypatch, error):
    def command():
        raise error

    module = type(sys)("failing")
    from helicli.cli.root import new

    module.app = new()
    module.app.command()(command)
    monkeypatch.setitem(sys.modules, "failing", module)
    monkeypatch.setitem(COMMANDS, "fail", Entry("failing", "fail", "Run"))


def test_an_error_is_three_lines_and_its_exit_code(console, monkeypatch):
    failing(monkeypatch, DatabaseError("x.db is\nlocked", "wait", "busy"))
    got = console("fail")
    assert (got.code, got.err) == (4, "error: x.db is⏎locked\ncause: busy\nfix:   wait\n")


def test_an_unforeseen_error_has_a_traceback_only_when_asked(console, monkeypatch):
    failing(monkeypatch, ZeroDivisionError("by zero"))
    got = console("fail")
    assert (got.code, got.err) == (1, "error: by zero\ncause: ZeroDivisionError\nfix:   run again with --debug\n")
    got = console("--debug", "fail")
    assert got.code == 1 and "Traceback" in got.err and "in command" in got.err


def test_paths_that_cannot_be(console):
    long = "x" * 300
    got = console("--config", f"{long}.toml", "config", "list")
    assert got.code == 2
    assert got.err.endswith("cannot be looked for\ncause: File name too long\nfix:   name another file: --config\n")
    got = console("prompts", "push", f"{long}.md")
    assert got.err.endswith("cannot be used\ncause: File name too long\nfix:   name another path\n")


def test_interrupted(console, monkeypatch):
    failing(monkeypatch, KeyboardInterrupt())
    got = console("fail")
    assert (got.code, got.err) == (130, "")


def test_a_command_may_leave_with_a_code_of_its_own(console, monkeypatch):
    import typer

    failing(monkeypatch, typer.Exit(7))
    assert console("fail").code == 7


def modules(*args: str) -> set[str]:
    """The modules a command has imported."""
    code = "import sys; from helicli.cli.main import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


SLOW = {
    "aiohttp", "asyncio", "genai_prices", "httpx2", "pydantic", "rich", "sqlite_utils", "starlette", "textual",
    "tomlkit", "uvicorn",
}  # fmt: skip


def test_the_version_needs_no_command_line_parser():
    assert not modules("--version") & (SLOW | {"typer", "sqlite3", "msgspec"})
    assert not modules("--help") & (SLOW | {"typer", "sqlite3", "msgspec"})


@pytest.mark.parametrize(
    "args",
    [
        ["tail", "--no-follow", "--json"],
        ["tail", "--no-follow"],
        ["tail", "--help"],
        ["tail", "--no-follow", "--format", "csv", "--sort", "cost:desc"],
        ["help", "filters"],
        ["help", "tail"],
        ["db", "path"],
        ["show", "last", "--json"],
        ["show", "last"],
        ["show", "last", "--request"],
    ],
)
def test_reading_imports_nothing_slow(console, args):
    imported = modules("--db", str(console.database), *args)
    assert "typer" in imported
    assert not imported & SLOW


QUICK = {
    "serve": ["serve", "--help"],
    "run": ["run", "--help"],
    "env": ["env", "--unset"],
    "demo": ["demo", "--help"],
    "tail": ["tail", "--no-follow", "--json"],
    "filter": ["filter", "user:ada", "--since", "all", "--json"],
    "show": ["show", "last", "--json"],
    "costs": ["costs", "--since", "all", "--json"],
    "stats": ["stats", "--since", "all", "--json"],
    "users": ["users", "--since", "all", "--json"],
    "properties": ["properties", "--since", "all", "--json"],
    "tui": ["tui", "--help"],
    "filters": ["filters", "list", "--json"],
    "cache": ["cache", "list", "--json"],
    "limits": ["limits", "list", "--json"],
    "prompts": ["prompts", "list", "--json"],
    "providers": ["providers", "list", "--json"],
    "score": ["score", "last", "up"],
    "db": ["db", "info", "--json"],
    "config": ["config", "list", "--json"],
    "doctor": ["doctor", "--json"],
    "completions": ["completions", "bash"],
    "help": ["help", "--json"],
}
"""What a script asks of each command, where it starts no engine."""
MORE = [
    ["env"],
    ["run", "--", "no-such-program"],
    ["providers", "show", "openai", "--json"],
    ["prompts", "push", "p.md"],
    ["prompts", "log", "support", "--json"],
    ["config", "get", "serve.port", "--json"],
    ["config", "path", "--json"],
    ["db", "path", "--json"],
    ["db", "check", "--json"],
    ["db", "vacuum"],
    ["db", "backup", "copy.db"],
    ["show", "last", "--response"],
]


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_imports_anything_slow(console, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    imported = modules("--db", str(console.database), *QUICK[name])
    # Both print all commands, and so import all of them.
    assert not imported & (SLOW - {"asyncio"} if name in ("completions", "help") else SLOW)
    assert "typer" in imported


@pytest.mark.parametrize("args", MORE, ids=lambda args: " ".join(args[:2]))
def test_no_other_word_of_it_does(console, tmp_path, monkeypatch, args):
    monkeypatch.chdir(tmp_path)
    assert not modules("--db", str(console.database), *args) & SLOW


@pytest.mark.parametrize("args", [["tail", "--no-follow", "--json"], ["config", "list", "--json"], ["env", "--unset"]])
def test_bodies_are_unpacked_only_where_one_is_shown(console, args):
    assert not modules("--db", str(console.database), *args) & {"helicli.store.bodies", "backports.zstd", "hashlib"}


@pytest.mark.parametrize(
    "kind",
    [
        *("users", "models", "calls", "stored_prompts", "columns", "topics", "properties", "limits", "entries"),
        *("saved", "no such kind"),
    ],
)
def test_completion_imports_what_reads_the_log_and_nothing_more(console, monkeypatch, kind):
    monkeypatch.setenv("HELICLI_DB", str(console.database))
    assert not modules("__complete", kind, "") & (SLOW | {"typer", "msgspec", "difflib", "subprocess", "tomllib"})


def test_naming_one_command_imports_no_other():
    assert {name for name in modules("db", "path") if name in {entry.module for entry in COMMANDS.values()}} == {
        "helicli.cli.db"
    }


def test_main_ends_the_process_with_the_code_and_looks_for_no_garbage_in_what_it_imported():
    code = """
import atexit, gc, sys
from helicli.cli.main import main
atexit.register(lambda: print(gc.get_freeze_count() > 10_000, gc.isenabled(), gc.get_stats()[2]["collections"]))
main()
"""
    done = subprocess.run([sys.executable, "-c", code, "tial"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "True True 0\n")
