"""What the app is started with, and what happens where it cannot be; the app itself is in tests/tui."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest

from helicli.cli.tui import _collect, _engine, _save, _setup
from helicli.tui.setup import SCREENS, SYMBOLS
from helicli.tui.suiting import AUTO
from helicli.tui.table_columns import USUAL
from tests import terminal
from tests.query import logs


def test_it_needs_a_terminal(console):
    got = console("tui")
    assert (got.code, got.out) == (2, "")
    assert got.err == "error: tui needs a terminal\nfix:   helicli filter, helicli tail: they write to a pipe too\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--screen", "zzz"], "write --screen requests or analytics"),
        (["--symbols", "dots"], "it takes auto or braille or block or ascii"),
        (["usr:ada"], 'did you mean "user"?'),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_drawn(console, args, says):
    got = console("tui", *args)
    assert got.code == 2 and says in got.err


def test_settings_reach_the_app(console):
    (console.database.parent / ".config" / "helicli").mkdir(parents=True)
    (console.database.parent / ".config" / "helicli" / "config.toml").write_text(
        '[tui]\ntheme = "nord"\nsymbols = "block"\ncolumns = ["seq", "cost"]\n'
        '[keys]\nmark = "ctrl+k"\n[filters]\nbad = "status:error"\n'
    )
    run = console.invocation()
    setup = _setup(run, "user:ada", "analytics", run.settings)
    assert (setup.theme, setup.symbols, setup.columns) == ("nord", "block", ("seq", "cost"))
    assert (setup.keys, setup.saved) == ({"mark": "ctrl+k"}, {"bad": "status:error"})
    assert (setup.filter, setup.screen, setup.database) == ("user:ada", "analytics", console.database)
    assert setup.color is False and setup.program == "helicli"
    assert setup.history == console.database.parent / ".local/share/helicli/filters.history"


def test_what_is_not_set_suits_the_terminal(console):
    console.env |= {"TERM": "xterm", "LC_ALL": "C"}
    run = console.invocation()
    setup = _setup(run, "", "requests", run.settings)
    assert (setup.theme, setup.symbols) == ("ansi-dark", "ascii")


def test_garbage_is_looked_for_once_the_first_screen_is_seen():
    gc.disable()
    try:
        _collect()
        assert gc.isenabled() and gc.get_freeze_count()
        frozen = gc.get_freeze_count()
        _collect()
        assert gc.get_freeze_count() == frozen
    finally:
        gc.enable()
        gc.unfreeze()


def test_the_words_of_settings_are_those_of_the_app():
    from helicli.settings import find

    assert find(("tui", "symbols")).choices == (AUTO, *SYMBOLS)
    assert find(("tui", "columns")).default == USUAL
    assert SCREENS == ("requests", "analytics")


def test_a_filter_is_kept_as_the_command_keeps_it(console):
    assert _save(console.invocation(), "slow", "latency:>5s") == "@slow: latency is above 5s"
    assert console("filters", "list").out.split() == ["slow", "latency:>5s"]


def test_no_engine_is_no_address(tmp_path):
    assert _engine(tmp_path / "x.db") == ""


def test_on_a_terminal_it_draws_and_leaves_it_as_it_was(tmp_path):
    database = logs.sample(tmp_path / "helicli.db")
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", "TZ": "UTC"}
    command = [sys.executable, "-m", "helicli", "--db", str(database), "tui", "status:error"]
    with terminal.Terminal(*command, env=env, columns=100) as shown:
        shown.until("limit 100/h", 60)
        shown.type("q")
        code, _ = shown.end(60)
    assert code == 0


def test_of_a_theme_there_is_none_of_the_terminal_is_told(tmp_path):
    database = logs.sample(tmp_path / "helicli.db")
    env = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "helicli", "--db", str(database), "tui", "--theme", "nrod"]
    with terminal.Terminal(*command, env=env, columns=100) as shown:
        code, got = shown.end(60)
    assert code == 2 and 'no theme "nrod"' in got and "nord" in got


def test_what_draws_is_not_imported_for_its_help():
    code = "import sys; from helicli.cli.main import run; run(['tui', '--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"textual", "rich", "sqlite3"} & set(done.stderr.split())
