"""What the commands of an engine print, kept in files as in tests/cli/golden: on pipes, on a terminal of 80 columns.

Engine, provider and calls are real; what differs from one time to another (addresses, instants, durations, ids) is
told by a word. `pytest tests/e2e/test_golden.py --update-goldens` writes the files anew; read what has changed.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest

from helicli.demo.upstream import FakeUpstream
from tests.e2e.engine import Engine
from tests.e2e.running import CALL, Runs
from tests.terminal import Terminal

FOLDER = Path(__file__).parent / "golden"
APP = f"""{CALL}
call('How do I reset my password?', **{{'x-fake-delay': '0.3'}})
call('Is this spam?', **{{'x-fake-status': '429'}})
print('done')
"""

BY_ITSELF = {
    "run": ["run", "-u", "ada", "--", "python", "app.py"],
    "run-no-calls": ["run", "--", "true"],
    "run-exit-code": ["run", "--", "sh", "-c", "exit 7"],
    "run-quiet": ["run", "--no-summary", "--", "python", "app.py"],
    "providers-test": ["providers", "test", "openai"],
    "providers-test-json": ["providers", "test", "openai", "--json"],
    "demo": ["demo", "--calls", "1"],
}
"""Commands that start their own engine."""
WITH_AN_ENGINE = {
    "run-other-cache": ["run", "--cache", "--", "true"],
    "run-other-port": ["run", "--port", "9", "--", "true"],
    "env": ["env"],
    "env-fish": ["env", "--shell", "fish"],
    "env-pwsh": ["env", "--shell", "pwsh"],
    "env-dotenv": ["env", "--shell", "dotenv"],
    "serve-again": ["serve"],
    "db-vacuum-engine": ["db", "vacuum"],
    "db-path": ["db", "path"],
    "doctor-engine": ["doctor"],
    "limits-usage": ["limits", "usage"],
    "providers-show-engine": ["providers", "show", "openai"],
}
"""Commands beside one."""

VARYING = (
    (r"127\.0\.0\.1:\d+", "127.0.0.1:8787"),
    (r"\b(pid|kill) \d+", r"\1 PID"),
    (r"\brun-[0-9a-f]{10}\b", "run-ID"),
    (r"(?<!\d)\d\d:\d\d:\d\d\b", "HH:MM:SS"),
    (r" *\b\d+(\.\d+)?(ms|s)\b", " TIME"),
    (r"(ok\s*\S*\s+(python|sqlite)\s+).*", r"\1VERSION"),
    (r"(latency_ms\":|\t\d{3}\t)[\d.]+", r"\1TIME"),
    (r"\d+(\.\d+)? [kMGT]?B( of \d+(\.\d+)? [GT]B free)?", "SIZE"),
    (r"\d+ authorities|the authorities in \S+", "AUTHORITIES"),
    (r"20\d\d-\d\d-\d\d \d\d:\d\d UTC", "NOW"),
    (r"\d+ files and folders", "N files and folders"),
)
"""What is another every time."""


def told(text: str, home: Path) -> str:
    """A text as a file holds it."""
    text = text.rstrip("\n").replace(str(home), "/home/ada").replace("\x1b", "␛")
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def check(request, name: str, parts: list[str]) -> None:
    """Hold what is printed against its file."""
    file, text = FOLDER / f"{name}.txt", "\n".join(part for part in parts if part) + "\n"
    if request.config.getoption("--update-goldens"):
        file.write_text(text)
    assert file.exists(), "run pytest tests/e2e/test_golden.py --update-goldens"
    assert text == file.read_text()


def settle_in(home: Path, upstream: str) -> dict[str, str]:
    """An environment in a new home, with `app.py` and `helicli`."""
    (home / "bin").mkdir(parents=True)
    for name, words in (("helicli", "-m helicli "), ("python", "")):
        (home / "bin" / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words}"$@"\n')
        (home / "bin" / name).chmod(0o755)
    (home / "app.py").write_text(APP)
    return {
        "PATH": f"{home}/bin:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "HOME": str(home),
        "TMPDIR": str(home),
        "HELICLI_DB": str(home / "helicli.db"),
        "HELICLI_SERVE_PORT": "0",
        "HELICLI_PROVIDERS_OPENAI_BASE_URL": upstream,
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


@pytest.fixture
def ways(tmp_path, upstream):
    """Makes homes with their environments; what runs in them ends with the test."""
    made: list[Runs] = []

    def make(way: str) -> tuple[Path, dict[str, str]]:
        env = settle_in(tmp_path / way, upstream.url)
        made.append(Runs(tmp_path / way, upstream.url))
        return tmp_path / way, env | ({"NO_COLOR": "1"} if way == "bare" else {})

    yield make
    for runs in made:
        runs.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A home in which an engine runs that has no call, and its environment."""
    home = tmp_path_factory.mktemp("served") / "home"
    with FakeUpstream() as upstream:
        env = settle_in(home, upstream.url)
        command = [home / "bin" / "helicli", "serve", "-q", "--ready-file", "ready.json"]
        log = Engine(home, upstream.url)
        log.process = subprocess.Popen(command, env=env, cwd=home, stderr=subprocess.PIPE, text=True)
        try:
            deadline = time.monotonic() + 60
            while not (log.ready_file.exists() and log.db.exists()):
                assert time.monotonic() < deadline and log.process.poll() is None
                time.sleep(0.02)
            log.ready = json.loads(log.ready_file.read_text())
            log.url = log.ready["address"]
            yield home, env
            log.stop()
        finally:
            log.kill_all()


def piped(args: list[str], home: Path, env: dict[str, str]) -> list[str]:
    """What a command prints on pipes."""
    command = [home / "bin" / "helicli", *args]
    done = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, timeout=100)
    parts = [f"==== pipe, exit {done.returncode}", told(done.stdout, home)]
    return [*parts, "==== pipe, stderr", told(done.stderr, home)] if done.stderr else parts


def shown(args: list[str], home: Path, env: dict[str, str]) -> tuple[int, str]:
    """What a command prints on a terminal, and its exit code."""
    with chdir(home), Terminal(home / "bin" / "helicli", *args, env=env) as shell:
        code, text = shell.end(100)
    return code, told(text, home)


def printed(args: list[str], ways: Callable[[str], tuple[Path, dict[str, str]]]) -> list[str]:
    """What a command prints in all three ways."""
    parts = [" ".join(["$ helicli", *args]), *piped(args, *ways("pipe"))]
    code, plain = shown(args, *ways("bare"))
    _, painted = shown(args, *ways("tint"))
    parts += [f"==== terminal without colour, exit {code}", plain]
    return [*parts, "==== terminal", painted] if painted != plain else parts


@pytest.mark.parametrize("name", BY_ITSELF)
def test_by_itself(request, ways, name):
    check(request, name, printed(BY_ITSELF[name], ways))


@pytest.mark.parametrize("name", WITH_AN_ENGINE)
def test_with_an_engine(request, served, name):
    home, env = served

    def way(word: str) -> tuple[Path, dict[str, str]]:
        return home, env | ({"NO_COLOR": "1"} if word == "bare" else {})

    check(request, name, printed(WITH_AN_ENGINE[name], way))


def call(address: str, home: Path, env: dict[str, str]) -> None:
    """Make the calls of `app.py`."""
    env = {**env, "OPENAI_BASE_URL": f"{address}/openai/v1"}
    subprocess.run(["python", "app.py"], env=env, check=True, timeout=60, capture_output=True, cwd=home)


def test_serve(request, ways):
    home, env = ways("pipe")
    command = [home / "bin" / "helicli", "serve", "--ready-file", "ready.json"]
    process = subprocess.Popen(command, env=env, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        first = process.stderr.readline()
        call(re.search(r"http://\S+", first)[0], home, env)
        process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=100)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    parts = ["$ helicli serve", f"==== pipe, exit {process.returncode}", told(out, home)]
    parts += ["==== pipe, stderr", told(first + rest, home)]
    plain = ""
    for way in ("bare", "tint"):
        home, env = ways(way)
        with chdir(home), Terminal(home / "bin" / "helicli", "serve", env=env) as shell:
            address = re.search(r"http://[\d.:]+", shell.until("providers list", 60))[0]
            call(address, home, env)
            shell.until("How do I", 60)
            shell.until("Rate limit", 60)
            shell.type("\x03")
            code, text = shell.end(100)
        text = told(text, home)
        parts += [f"==== terminal without colour, exit {code}", text] if way == "bare" else []
        parts += ["==== terminal", text] if way == "tint" and text != plain else []
        plain = text
    check(request, "serve", parts)


def test_no_file_is_left_over():
    assert {file.stem for file in FOLDER.iterdir()} == {*BY_ITSELF, *WITH_AN_ENGINE, "serve"}
