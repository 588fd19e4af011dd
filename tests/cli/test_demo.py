"""The demo, whole: it ends by itself, shows every call, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys


def test_demo(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "helicli", "demo", "--calls", "24", "--pause", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    calls = [line for line in lines if re.match(r"\d\d:\d\d:\d\d  ", line)]
    assert len(calls) == 24
    assert {line.split()[1] for line in calls} >= {"200", "429", "529"}
    total = next(line for line in lines if line.startswith("total"))
    assert total.split()[1] == "24"
    assert re.search(r"\$0\.0\d", total)
    assert "24 calls" in done.stderr
    assert list(tmp_path.glob("helicli-demo-*")) == []


def test_stopped_it_ends_without_an_error_and_shows_what_there_was(tmp_path):
    demo = subprocess.Popen(
        [sys.executable, "-m", "helicli", "demo", "--calls", "500", "--pause", "0.02"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert demo.stdout is not None
    for _ in range(5):
        assert demo.stdout.readline()
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate(timeout=30)
    assert demo.returncode == 130
    assert "error" not in err.lower(), err
    assert "total" in out
    assert list(tmp_path.glob("helicli-demo-*")) == []


def test_demo_is_the_same_every_time(console):
    totals = []
    for _ in range(2):
        result = console("demo", "--calls", "8", "--pause", "0")
        assert result.code == 0, result.err
        totals.append([line for line in result.lines if "%" in line])
    assert totals[0] == totals[1] != []
