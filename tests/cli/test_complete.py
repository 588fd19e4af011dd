"""The fast path of completion."""

from __future__ import annotations

import subprocess
import sys

import pytest

from helicli.cli.complete import offered
from tests.query import logs
from tests.view.payloads import WRITABLE


def ask(database, kind, prefix=""):
    return [value for value, _ in offered(kind, prefix, {"HELICLI_DB": str(database)})]


@pytest.mark.parametrize(
    ("kind", "prefix", "values"),
    [
        ("users", "", ["ada", "linus"]),
        ("calls", "", ["last", "5", "4", "3", "2", "1"]),
        ("calls", "4", ["4"]),
        ("properties", "env", ["environment="]),
        ("properties", "environment=", ["environment=production"]),
        ("columns", "seq,lat", ["seq,latency_ms"]),
        ("columns", "seq,se", ["seq,session", "seq,session_path", "seq,session_name", "seq,segment"]),
        ("sorts", "cost", ["cost_usd"]),
        ("sorts", "cost_usd:", ["cost_usd:desc", "cost_usd:asc"]),
        ("topics", "ex", ["exit-codes"]),
        ("topics", "ta", ["tail"]),
    ],
)
def test_values(tmp_path, kind, prefix, values):
    assert ask(logs.sample(tmp_path / "x.db"), kind, prefix) == values


def run(*args, env):
    command = [sys.executable, "-m", "helicli", "__complete", *args]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True)


@pytest.mark.parametrize("args", [(), ("users",), ("nonsense", "x"), ("calls", "1"), ("properties", "a=b")])
@pytest.mark.parametrize("content", [None, b"", b"no database" * 999])
def test_nothing_is_said_where_nothing_can_be_read(tmp_path, args, content):
    if content is not None:
        (tmp_path / "x.db").write_bytes(content)
    done = run(*args, env={"HELICLI_DB": str(tmp_path / "x.db")})
    assert "error" not in done.stdout and done.stderr == ""


def test_what_a_value_is_stands_after_a_tab(tmp_path):
    env = {"HELICLI_DB": str(logs.sample(tmp_path / "x.db"))}
    assert run("calls", "5", env=env).stdout == "5\tclaude-sonnet-4 200\n"


def test_no_value_drives_the_terminal(tmp_path):
    users = [param.values[0] for param in WRITABLE]
    database = logs.write(tmp_path / "x.db", *(logs.call(n, user=user) for n, user in enumerate(users, 1)))
    logs.write(database, logs.call(99, user="ada", model="\x1b[2J", requested_model="\x1b[2J"))
    env = {"HELICLI_DB": str(database), "PYTHONIOENCODING": "utf-8"}
    out = run("users", env=env).stdout + run("calls", env=env).stdout
    assert "ada" in out and "·[2J 200" in out
    assert all(sign.isprintable() or sign in "\n\t" for sign in out)


_MODULES = "import sys; from helicli.cli.main import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"


@pytest.mark.parametrize("kind", ["users", "calls", "properties", "columns", "topics"])
def test_it_imports_sqlite3_and_no_more(tmp_path, kind):
    command = [sys.executable, "-c", _MODULES, "__complete", kind]
    env = {"HELICLI_DB": str(logs.sample(tmp_path / "x.db"))}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    imported = set(done.stderr.split())
    slow = {"typer", "msgspec", "rich", "asyncio", "hashlib", "json", "inspect", "dataclasses", "subprocess", "logging"}
    assert not imported & slow
    assert ("sqlite3" in imported) is (kind not in ("columns", "topics"))
    assert done.stdout
