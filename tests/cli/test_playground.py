"""`helicli demo --serve`: traffic goes on, the address answers, ^C ends it and nothing is left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

from tests.e2e.engine import Engine


def test_it_plays_until_it_is_stopped(tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    log = Engine(tmp_path, "")
    demo = subprocess.Popen(
        [sys.executable, "-m", "helicli", "demo", "--serve", "--pause", "0", "--db", str(log.db)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    try:
        said = ""
        while "^C to stop" not in said:
            line = demo.stderr.readline()
            assert line, said
            said += line
        address = re.search(r"OPENAI_BASE_URL=(\S+)/openai/v1", said)[1]
        with urllib.request.urlopen(f"{address}/healthcheck", timeout=10) as answer:
            assert answer.status == 200
        deadline = time.monotonic() + 30
        while len(log.rows()) < 30:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        demo.send_signal(signal.SIGINT)
        out, rest = demo.communicate(timeout=60)
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.communicate()
    assert (demo.returncode, out) == (0, "")
    assert re.search(r"done\. \d+ calls", rest)
    assert list(temporary.glob("helicli-demo-*")) == []
