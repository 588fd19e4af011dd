"""The house rules that no linter knows: mirrored tests, one home for each kind of text, no work at import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "helicli"
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
_SQL = re.compile(
    r"\s*(SELECT|INSERT (OR|INTO)|UPDATE \w+ SET|DELETE FROM|CREATE|ALTER|DROP|PRAGMA|VACUUM|BEGIN|WITH \w+ AS)\b"
)

WITHOUT_TESTS = {
    "__main__.py": "one call, made by every end-to-end test",
    "call.py": "shapes only; journal, recorder and query say what they hold",
    "providers/facts.py": "shapes only; the readers say what they hold",
    "providers/estimate.py": "what its figures do to usage stands in test_read.py",
    "providers/anthropic_talk.py": "the dialects stand side by side in test_conversation.py",
    "providers/openai_talk.py": "the dialects stand side by side in test_conversation.py",
    "providers/responses_talk.py": "the dialects stand side by side in test_conversation.py",
    "providers/cohere.py": "what it reads stands case by case in tests/golden/usage",
    "providers/google.py": "what it reads stands case by case in tests/golden/usage",
    "providers/ollama.py": "what it reads stands case by case in tests/golden/usage",
    "providers/lines.py": "its streams stand case by case in tests/golden/usage",
    "providers/cohere_talk.py": "the dialects stand side by side in test_conversation_others.py",
    "providers/google_talk.py": "the dialects stand side by side in test_conversation_others.py",
    "providers/ollama_talk.py": "the dialects stand side by side in test_conversation_others.py",
    "cli/engine_options.py": "options alone; the goldens of --help, and test_serve.py gives them",
    "cli/run.py": "a process that handles processes: tests/e2e/test_run.py and test_run_terminal.py",
    "engine/program.py": "signals and a terminal are had in a process of its own only: the same two",
    "engine/shared.py": "started as it is by the first run: tests/engine/test_join.py",
    "providers/replay_generate.py": "the kinds stand side by side in test_replay.py",
    "providers/replay_messages.py": "the kinds stand side by side in test_replay.py",
    "providers/replay_responses.py": "the kinds stand side by side in test_replay.py",
    "proxy/asking.py": "one attempt after the other: test_attempts.py and test_pipeline.py",
    "proxy/preamble.py": "what is held of which answer: test_attempts.py; what events say: test_content.py",
    "query/by_cells.py": "cells and rows are compared in test_groups.py",
    "query/by_rows.py": "the same",
    "query/held.py": "what both are put together with: the same",
    "tui/setup.py": "shapes only; tests/cli/test_tui.py says what they hold",
    "tui/outside.py": "other programs on a terminal: screens/test_inspector.py",
    "tui/telling.py": "words on the screen: tests/tui/golden and test_app.py",
    "tui/theme.py": "colours only; that it is worn stands in test_app.py",
    "tui/screens/base.py": "what every screen is: tests/tui/test_app.py",
    "tui/screens/lists.py": "the keys of lists: screens/test_requests.py",
    "tui/widgets/bars.py": "tests/tui/golden",
    "tui/widgets/table_head.py": "tests/tui/golden",
    "tui/widgets/peek.py": "screens/test_requests.py and tests/tui/golden",
    "tui/widgets/safe_input.py": "test_app.py types hostile text into it",
    "proxy/house.py": "a list of parts: tests/proxy/house.py puts it together",
}


def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text())


def texts(module: str) -> Iterator[str]:
    """The string and bytes literals of a module that are not docstrings or comments."""
    whole = tree(module)
    plain = {id(node.value) for node in ast.walk(whole) if isinstance(node, ast.Expr)}
    for node in ast.walk(whole):
        if isinstance(node, ast.Constant) and id(node) not in plain:
            if isinstance(node.value, str):
                yield node.value
            elif isinstance(node.value, bytes):
                yield node.value.decode("latin-1")


def offenders(found, homes: tuple[str, ...]) -> list[str]:
    return [module for module in MODULES if not module.startswith(homes) and found(module)]


def test_the_package_is_here():
    assert "proxy/pipeline.py" in MODULES


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_test_file(module):
    if Path(module).name == "__init__.py":
        return
    mirrored = ROOT / "tests" / Path(module).with_name(f"test_{Path(module).name}")
    assert mirrored.exists() is not (module in WITHOUT_TESTS)


def test_every_exception_is_one():
    assert not set(WITHOUT_TESTS) - set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module):
    said = ast.get_docstring(tree(module))
    assert said and said.splitlines()[0].endswith((".", ":"))


def test_names_of_helicones_fields_stand_in_one_place():
    def names(module):
        return any(re.search(r"(?i)helicone-[a-z]", text) for text in texts(module))

    assert "headers.py" in [module for module in MODULES if names(module)]
    assert offenders(names, ("headers.py",)) == []


def test_only_one_module_prints():
    def prints(module):
        return any(
            (isinstance(node, ast.Name) and node.id == "print")
            or (isinstance(node, ast.Attribute) and node.attr in ("stdout", "__stdout__") and _is_sys(node.value))
            for node in ast.walk(tree(module))
        )

    assert prints("cli/output.py")
    assert offenders(prints, ("cli/output.py",)) == []


def test_sql_stands_with_the_store_and_the_questions():
    def asks(module):
        return any(_SQL.match(text) for text in texts(module))

    assert asks("store/calls.py")
    assert offenders(asks, ("store/", "query/")) == SQL_ELSEWHERE


SQL_ELSEWHERE = ["recorder/database.py"]
"""Checkpoints and `synchronous`: switches of the one writing connection, which the recorder owns."""


def _is_sys(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "sys"


_IMPORT_ALL = """
import importlib, sys

WATCHED = ("open", "socket.", "sqlite3.", "subprocess.", "os.", "glob.", "pathlib.", "shutil.", "tempfile.", "urllib.")

def watch(event, given):
    if not event.startswith(WATCHED):
        return
    frame = sys._getframe(1)
    while frame is not None and "importlib" not in frame.f_code.co_filename:
        if frame.f_globals.get("__name__", "").startswith("helicli"):
            print(frame.f_globals["__name__"], event, given)
            return
        frame = frame.f_back

sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def imported(*names: str, folder: Path = ROOT) -> str:
    """What modules do to files, sockets and processes while they are imported."""
    command = [sys.executable, "-c", _IMPORT_ALL, *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_does_nothing():
    names = [f"helicli.{module[:-3].replace('/', '.').removesuffix('.__init__')}" for module in MODULES]
    assert imported(*[name for name in names if not name.endswith("__main__")]) == ""


def test_what_an_import_does_is_seen(tmp_path):
    (tmp_path / "helicli_careless.py").write_text("from pathlib import Path\nPath(__file__).read_text()\n")
    assert imported("helicli_careless", folder=tmp_path).startswith("helicli_careless open")
