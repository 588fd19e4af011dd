"""The fixtures of the client tests: an engine before a fake upstream that poses as every provider, and programs run
against both.

A program runs twice, once straight against the upstream and once through helicli, and must tell the same: that is what
an invisible proxy is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from helicli.demo.upstream import FakeUpstream
from helicli.demo.vendors import VENDORS
from tests.clients.clients import CLIENTS, has_node
from tests.e2e.engine import Engine

RUN_SECONDS = 120
VERSIONS: dict[str, str] = {}


@dataclass(frozen=True)
class Run:
    """What a program told, and the rows of its calls, oldest first, as `helicli tail --json` shows them."""

    said: dict
    rows: list[dict]


@pytest.fixture
def upstream():
    """A fake provider on a free port."""
    with FakeUpstream() as fake:
        yield fake


@pytest.fixture
def engine(tmp_path, upstream):
    """A running engine whose every provider is the fake one."""
    options = [part for name in VENDORS for part in ("--upstream", f"{name}={upstream.url}/as/{name}")]
    engine = Engine(tmp_path, upstream.url, options)
    yield engine.start()
    engine.kill_all()


@pytest.fixture
def run(engine, upstream):
    """Run a client's program through helicli at `path`, and directly at the upstream's `direct`."""

    def go(name: str, program: str, path: str, direct: str, *, calls: int) -> Run:
        client = CLIENTS[name]
        if client.node and not has_node():
            pytest.skip("node and npm are not installed")
        if not client.ready.exists():
            pytest.skip(f"{client.package} is not installed; make test-clients does that")
        command = client.command(program)
        straight = _told([*command, upstream.url + direct])
        through = _told([*command, engine.url + path])
        VERSIONS[f"{client.package}{' (node)' if client.node else ''}"] = through["version"]
        assert through == straight
        engine.wait_rows(calls)
        rows = _tail(engine)
        assert len(rows) == calls
        assert not [seen for seen in upstream.seen[len(upstream.seen) // 2 :] if _helicones(seen)]
        return Run(through, rows)

    return go


def _told(command: list[str]) -> dict:
    # Nothing of ours reaches the program but the machine's PATH.
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _tail(engine: Engine) -> list[dict]:
    command = [sys.executable, "-m", "helicli", "tail", "--json", "--no-follow", "--limit", "0", "--db", engine.db]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _helicones(seen) -> list[bytes]:
    return [name for name, _ in seen.headers if name.startswith(b"helicone")]


def pytest_terminal_summary(terminalreporter):
    """Say which versions were run."""
    if VERSIONS:
        terminalreporter.section("clients")
        for name, version in sorted(VERSIONS.items()):
            terminalreporter.write_line(f"{name} {version}")
    if not has_node():
        terminalreporter.write_line("node and npm are not installed: the clients of npm were skipped")
