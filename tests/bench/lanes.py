"""The lanes of the road bench: the processes a request can travel through, started and ended with the bench.

Each lane is a context manager that yields a `Lane` once it answers, and ends what it started when left, also by ^C.
Nothing is left behind and nothing outside its folder is written.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from load import PATH, REQUEST

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ANSWER = json.dumps(
    {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1767225600,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "The quick brown fox jumps over the lazy dog. " * 16},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 420, "completion_tokens": 160, "total_tokens": 580},
    }
)
"""A chat completion of about 1 KB, without apostrophes or dollar signs: it stands in an nginx string as it is."""

COMMON = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; tcp_nodelay on; client_body_buffer_size 64k;
  keepalive_requests 1000000000; keepalive_timeout 3600s;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {site}
}}
"""
MOCK = """
  server {{
    listen 127.0.0.1:{port} backlog=2048; default_type application/json;
    location / {{ return 200 '{answer}'; }}
    location = /bench/served {{ stub_status; }}
  }}
"""
PASS = """
  upstream mock {{ server {upstream}; keepalive 512; keepalive_requests 1000000000; keepalive_timeout 3600s; }}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    location / {{ proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection ''; }}
  }}
"""


class LaneError(Exception):
    """A lane that did not start or does not answer as it should."""


@dataclass(frozen=True)
class Lane:
    """A lane that answers at `address`; `pids` names the processes whose CPU and memory count."""

    name: str
    address: str
    pids: dict[str, int] = field(default_factory=dict)
    database: Path | None = None


@contextmanager
def mock(folder: Path) -> Iterator[Lane]:
    """nginx that answers every request with `ANSWER`: the upstream of all lanes, and the direct lane itself."""
    with nginx(folder / "mock", lambda port: MOCK.format(port=port, answer=ANSWER)) as (address, _):
        yield Lane("direct", address)


@contextmanager
def nginx_pass(folder: Path, upstream: str) -> Iterator[Lane]:
    """nginx as a proxy with a keep-alive pool, in a process of its own."""
    host = upstream.removeprefix("http://")
    with nginx(folder / "pass", lambda port: PASS.format(port=port, upstream=host)) as (address, pid):
        yield Lane("nginx", address, {"proxy": pid})


@contextmanager
def pump(folder: Path, upstream: str) -> Iterator[Lane]:
    """The bare pump."""
    ready = folder / "pump.json"
    command = [sys.executable, str(HERE / "pump.py"), upstream, "--ready-file", str(ready)]
    with child(command, folder / "pump.log") as process:
        said = wait_ready(process, ready, folder / "pump.log")
        yield Lane("pump", said["address"], {"proxy": said["proxy_pid"]})


@contextmanager
def helicli(folder: Path, upstream: str) -> Iterator[Lane]:
    """`helicli serve` on a new database with everything logged, as it stands in this working tree."""
    home = folder / "home"
    home.mkdir()
    database, ready, log = folder / "helicli.db", folder / "helicli.json", folder / "helicli.log"
    command = [sys.executable, "-m", "helicli", "serve", "--port", "0", "--db", str(database)]
    command += ["--ready-file", str(ready), "--upstream", f"openai={upstream}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HELICLI_", "XDG_"))}
    # The home of its own keeps the user's settings out of the numbers; the path names the tree that is measured.
    environment = kept | {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    with child(command, log, env=environment, cwd=home, patience=100) as process:
        said = wait_ready(process, ready, log)
        pids = {"proxy": said["proxy_pid"], "recorder": said["recorder_pid"]}
        yield Lane("helicli", said["address"], pids, database)


@contextmanager
def nginx(folder: Path, site_for: Callable[[int], str]) -> Iterator[tuple[str, int]]:
    """One nginx process whose `http` block is `site_for(port)`; yields its address and pid."""
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(COMMON.format(folder=folder, site=site_for(port)))
    command = ["nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with child(command, folder / "error.log") as process:
        wait_port(process, port, folder / "error.log")
        yield f"http://127.0.0.1:{port}", process.pid


@contextmanager
def child(command: list[str], log: Path, patience: float = 10, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, so that ^C reaches only the bench, which then ends it: SIGTERM, after
    `patience` seconds SIGKILL."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, **options)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            sys.stderr.write(f"{' '.join(command)} was still there {patience:.0f} s after SIGTERM: killed\n")
        finally:
            process.kill()
            process.wait()


def wait_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> dict[str, Any]:
    """What the process wrote to its ready file."""
    for _ in attempts(process, log, "did not write its ready file"):
        try:
            said: dict[str, Any] = json.loads(ready.read_bytes())
            return said
        except (FileNotFoundError, ValueError):
            continue
    raise AssertionError


def wait_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Returns once something accepts on `port`."""
    for _ in attempts(process, log, f"does not accept on port {port}"):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            continue


def attempts(process: subprocess.Popen[bytes], log: Path, complaint: str) -> Iterator[None]:
    """Yields every 20 ms; a `LaneError` with the end of the log when the process is gone or 20 s have passed."""
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        yield
        time.sleep(0.02)
    said = log.read_text(errors="replace").strip()[-1500:]
    state = "still runs" if process.poll() is None else f"ended with {process.returncode}"
    raise LaneError(f"{process.args!r}\n{complaint} ({state})\n{said}")


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def check(lane: Lane) -> None:
    """One call through the lane: it must answer 200 with exactly the mock's bytes, or there is nothing to measure."""
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk-bench"}
    request = urllib.request.Request(lane.address + PATH, REQUEST.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    if status != 200 or body != ANSWER.encode():
        raise LaneError(f"{lane.name} answers {status}, not as its upstream does: {body[:300]!r}")
