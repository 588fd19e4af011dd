"""A log with values that shells find hard, and a `helicli` of this tree on the PATH."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

import pytest

from helicli.cli.completions import script
from tests.query import logs

SESSION = "chat:17 $HOME 'q' \"d\" `x`;rm"


@pytest.fixture(scope="session")
def scripts(tmp_path_factory):
    """A folder with the script of every shell."""
    folder = tmp_path_factory.mktemp("completions")
    for shell in ("bash", "zsh", "fish"):
        (folder / shell).write_text(script(shell))
    return folder


@pytest.fixture
def shell_env(tmp_path):
    """An environment in which helicli is found, and its log."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    program = bin_folder / "helicli"
    root = Path(__file__).parents[3]
    program.write_text(f'#!/bin/sh\nexport PYTHONPATH={root}\nexec {sys.executable} -m helicli "$@"\n')
    program.chmod(0o755)
    database = logs.sample(tmp_path / "x.db")
    logs.write(
        database,
        logs.call(6, user="Ada Lovelace", session=SESSION, model="ollama:llama3", requested_model="ollama:llama3"),
        logs.call(7, user="evil\x1b]0;pwned\x07", session="日本", properties={"feature": "a=b c"}),
    )
    with sqlite3.connect(database) as db:
        db.execute("INSERT INTO limits VALUES ('per-user', '100;w=3600;u=user', '', 0)")
        columns = "seq, id, key, slot, org, seed, stored_at, expires_at, used_at, form, content_type, usage_asked, size"
        row = "1, x'01', x'ab12cd34ef56789a', 0, 1, 1, 0, 9e12, 0, 'json', 1, 0, 2, body"
        db.execute(f"INSERT INTO cache ({columns}, body) SELECT {row} FROM (SELECT x'00' AS body)")
    db.close()
    config = tmp_path / ".config" / "helicli" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[filters]\nslow = 'latency:>5s'\n")
    return {
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "HELICLI_DB": str(database),
        "TERM": "dumb",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }
