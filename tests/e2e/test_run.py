"""`helicli run` with the programs people have: untouched output, the exit code, every call tagged, nothing left."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from helicli.engine import client
from tests.e2e.running import CALL, Runs, ended_by

PYTHON = sys.executable


@pytest.fixture
def runs(tmp_path, upstream):
    """Runs on a database of the test's own."""
    made = Runs(tmp_path, upstream.url)
    yield made
    made.close()


def tagged(runs, count):
    """The rows of one run, all with its id; their run."""
    rows = runs.log.rows()
    assert len(rows) == count
    (run,) = {row["run"] for row in rows}
    assert run.startswith("run-")
    assert not [row for row in rows if "~" in row["path"]]
    return rows, run


SDKS = """
import anthropic, openai
HELLO = [{"role": "user", "content": "Hello!"}]
with openai.OpenAI(api_key="sk-demo-000111222") as oai:
    oai.chat.completions.create(model="gpt-4o", messages=HELLO)
    oai.chat.completions.create(
        model="gpt-4o", messages=HELLO,
        extra_headers={"Helicone-User-Id": "grace", "Helicone-Property-Feature": "own"})
with anthropic.Anthropic(api_key="sk-ant-demo-000111222") as claude:
    claude.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=HELLO)
print("out", end="")
"""


def test_both_sdks_tagged_and_with_a_receipt(runs):
    done = runs("-u", "ada", "-s", "chat", "-P", "Feature=eval", "--", PYTHON, "-W", "ignore", "-c", SDKS)
    assert (done.returncode, done.stdout) == (0, b"out"), done.stderr
    rows, run = tagged(runs, 3)
    assert [row["provider"] for row in rows] == ["openai", "openai", "anthropic"]
    assert [row["user"] for row in rows] == ["ada", "grace", "ada"]
    assert {row["session"] for row in rows} == {"chat"}
    assert [row["properties"]["feature"] for row in rows] == ["eval", "own", "eval"]
    assert {row["properties"]["cwd"] for row in rows} == {os.getcwd()}  # noqa: PTH109
    first, second = done.stderr.decode().splitlines()
    assert first.startswith("helicli: 3 calls · 0 errors · ")
    assert second.endswith(f"helicli tail --no-follow --run {run} --db {runs.db}")
    runs.wait_until_free()


def test_the_receipts_command_shows_the_calls_of_the_run_alone(runs):
    runs("--", PYTHON, "-c", f"{CALL}\ncall()")
    done = runs("--", PYTHON, "-c", f"{CALL}\ncall('second')")
    shown = done.stderr.decode().split("helicli tail ")[1].split()
    tail = [PYTHON, "-m", "helicli", "tail", *shown, "--json"]
    lines = subprocess.run(tail, capture_output=True, check=True, timeout=30).stdout.splitlines()
    assert len(lines) == 1
    assert len(runs.log.rows()) == 2


def test_errors_are_in_the_receipt(runs):
    program = f"{CALL}\ncall()\ncall(**{{'x-fake-status': '429'}})"
    said = runs("--", PYTHON, "-c", program).stderr.decode()
    assert "2 calls · 1 error · " in said
    assert "errors 2 429" in said


@pytest.mark.parametrize("option", ["--no-summary", "-q"])
def test_no_receipt_where_none_is_wanted(runs, option):
    done = runs(option, "--", PYTHON, "-c", f"{CALL}\ncall()")
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_program_without_calls_gets_one_line(runs):
    done = runs("--", "true")
    assert done.stderr.decode().startswith("helicli: no calls came")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(not shutil.which("node"), reason="no node")
def test_a_node_program(runs):
    program = """
    fetch(process.env.OPENAI_BASE_URL + "/chat/completions", {
      method: "POST", headers: {"content-type": "application/json", authorization: "Bearer sk-demo-000111222"},
      body: JSON.stringify({model: "gpt-4o", messages: [{role: "user", content: "hi"}]}),
    }).then((answer) => answer.json()).then((body) => { console.log(body.object); process.exitCode = 5; });
    """
    done = runs("--", "node", "-e", program)
    assert (done.returncode, done.stdout) == (5, b"chat.completion\n"), done.stderr
    tagged(runs, 1)


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
def test_a_shell_script_of_curl_calls(runs, tmp_path):
    script = tmp_path / "calls.sh"
    body = '{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}'
    script.write_text(
        "#!/bin/sh\nset -e\nfor i in 1 2 3; do\n"
        "  curl -sf -o /dev/null -H 'authorization: Bearer sk-demo-000111222' -H 'content-type: application/json' "
        f"-d '{body}' \"$OPENAI_BASE_URL/chat/completions\"\n"
        "done\necho done\nexit 3\n"
    )
    script.chmod(0o755)
    done = runs("--", str(script), env={**os.environ, "http_proxy": "http://127.0.0.1:9"})
    assert (done.returncode, done.stdout) == (3, b"done\n"), done.stderr
    tagged(runs, 3)


def test_a_program_that_forks(runs):
    program = f"""{CALL}
pids = []
for _ in range(3):
    pid = os.fork()
    if not pid:
        os._exit(0 if call() == 200 else 1)
    pids.append(pid)
sys.exit(sum(os.waitpid(pid, 0)[1] for pid in pids))
"""
    assert runs("--", PYTHON, "-c", program).returncode == 0
    tagged(runs, 3)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_program_that_dies_by_a_signal(runs, number):
    program = f"{CALL}\ncall()\nos.kill(os.getpid(), {int(number)})"
    done = runs("--", PYTHON, "-c", program)
    assert ended_by(done.returncode) == number
    assert b"1 call \xc2\xb7" in done.stderr
    tagged(runs, 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1])
def test_signals_reach_the_program(runs, number):
    program = f"""
import signal, sys
signal.signal({int(number)}, lambda *_: sys.exit(42))
print("ready", flush=True)
while True: signal.pause()
"""
    run = runs.start("--", PYTHON, "-c", program)
    assert run.stdout.readline() == b"ready\n"
    run.send_signal(number)
    assert run.wait(20) == 42


def test_a_signal_that_ends_the_program_ends_the_run_the_same_way(runs):
    run = runs.start("--", "sh", "-c", "echo ready; sleep 100 & wait")
    assert run.stdout.readline() == b"ready\n"
    run.send_signal(signal.SIGTERM)
    assert ended_by(run.wait(20)) == signal.SIGTERM
    # The sleeper was of its group.
    assert run.stdout.read() == b""


def test_streams_are_the_programs_own(runs):
    data = os.urandom(300_000)
    done = runs("--", "sh", "-c", "cat; printf err >&2", input=data)
    assert done.stdout == data
    assert done.stderr.startswith(b"err")


def test_what_cannot_be_run(runs, tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("no program")
    missing = runs("--", "no-such-program-at-all")
    assert missing.returncode == 127
    assert missing.stderr.startswith(b'error: no program "no-such-program-at-all"\nfix:')
    assert runs("--", str(plain)).returncode == 126
    plain.chmod(0o755)
    assert runs("--", str(plain)).returncode == 126
    assert runs().returncode == 2


def test_two_runs_share_an_engine_that_ends_with_the_last(runs):
    wait = f"{CALL}\nprint(call(), flush=True)\nsys.stdin.read()\nprint(call())"
    both = [runs.start("--", PYTHON, "-c", wait) for _ in range(2)]
    assert [run.stdout.readline() for run in both] == [b"200\n"] * 2
    holder = runs.wait_for_engine()
    for run in both:
        out, _ = run.communicate(b"", timeout=30)
        assert out == b"200\n"
        assert run.returncode == 0
    assert runs.holder() in (holder, type(holder)())
    runs.wait_until_free()
    rows = runs.log.rows()
    assert len(rows) == 4
    assert len({row["run"] for row in rows}) == 2


def test_a_run_that_is_killed_takes_no_engine_from_another(runs):
    first = runs.start("--", "cat")
    runs.wait_for_engine()
    second = runs.start("--", PYTHON, "-c", f"{CALL}\nprint(call(), flush=True)\nsys.stdin.read()\nprint(call())")
    assert second.stdout.readline() == b"200\n"
    holder = runs.holder()
    first.kill()
    first.wait(10)
    out, said = second.communicate(b"", timeout=30)
    assert (out, second.returncode) == (b"200\n", 0)
    assert b"2 calls" in said
    assert runs.holder() in (holder, type(holder)())
    tagged(runs, 2)
    runs.wait_until_free()


def test_calls_of_a_run_within_a_run_are_the_inner_ones(runs):
    inner = [PYTHON, "-m", "helicli", "run", "--db", str(runs.db), "-u", "grace", "--"]
    done = runs("-u", "ada", "--", *inner, PYTHON, "-c", f"{CALL}\nprint(call(), end='')")
    assert (done.returncode, done.stdout) == (0, b"200"), done.stderr
    (row,), run = tagged(runs, 1)
    assert row["user"] == "grace"
    said = done.stderr.decode().splitlines()
    assert said[0].startswith("helicli: 1 call ·") and run in said[1]
    assert said[2].startswith("helicli: no calls came")


def test_a_run_whose_database_cannot_be_made(runs, tmp_path):
    (tmp_path / "file").write_text("")
    done = runs("--db", str(tmp_path / "file" / "x.db"), "--", "echo", "started")
    assert (done.returncode, done.stdout) == (4, b"")
    assert done.stderr.decode().splitlines()[0].startswith("error: ")
    assert b"\nfix: " in done.stderr


def test_a_serve_meanwhile_is_told_where_the_engine_is(runs, make_engine):
    run = runs.start("--", "cat")
    holder = runs.wait_for_engine()
    serve = subprocess.run(make_engine().command(), capture_output=True, timeout=30, text=True)
    assert serve.returncode == 4
    assert serve.stderr.splitlines()[0].endswith(f"is in use by another helicli at {holder.url} (pid {holder.pid})")
    assert (
        serve.stderr.splitlines()[1] == "fix:   use that one, or another database: helicli serve --db other.db --port 0"
    )
    run.communicate(b"", timeout=30)


def test_a_serve_meanwhile_is_told_of_the_engine_also_where_its_port_is_taken(runs, make_engine):
    run = runs.start("--", "cat")
    holder = runs.wait_for_engine()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        taken.settimeout(0)
        command = make_engine().command(taken.getsockname()[1])
        serve = subprocess.run(command, capture_output=True, timeout=30, text=True)
    assert serve.returncode == 4
    assert serve.stderr.splitlines()[0].endswith(f"is in use by another helicli at {holder.url} (pid {holder.pid})")
    run.communicate(b"", timeout=30)


def test_a_run_uses_the_engine_that_is_there(runs, engine):
    done = runs("--", PYTHON, "-c", f"{CALL}\ncall()")
    assert done.returncode == 0, done.stderr
    tagged(runs, 1)
    assert runs.holder().url == engine.url
    assert client.answers(runs.holder().control)


def test_settings_that_the_engine_has_not_are_refused(runs, engine):
    done = runs("--bodies", "off", "--", "true")
    assert done.returncode == 2
    assert b"--bodies" in done.stderr
    assert b"full" in done.stderr


def test_a_run_with_a_cache_and_retries(runs, upstream):
    options = ("--cache", "--retries", "1", "--durability", "sync")
    once = "call(**{'x-fake-status': '500', 'x-fake-times': '1'})"
    done = runs(*options, "--", PYTHON, "-c", f"{CALL}\n{once}\ncall()")
    assert done.returncode == 0, done.stderr
    rows, _ = tagged(runs, 2)
    assert [(row["cache"], row["attempts"]) for row in rows] == [("miss", 2), ("hit", 0)]
    assert len(upstream.seen) == 2


@pytest.mark.parametrize("option", [("--cache",), ("--durability", "sync"), ("--retries", "2")])
def test_an_engine_without_what_was_asked_for(runs, engine, option):
    done = runs(*option, "--", "true")
    assert done.returncode == 2
    assert option[0].encode() in done.stderr
    cause = {
        "--cache": b"cause: it runs with --no-cache",
        "--durability": b"cause: it runs with batch",
        "--retries": b"cause: it runs with --retries 0",
    }[option[0]]
    assert done.stderr.splitlines()[1] == cause


def test_settings_that_cannot_be_are_refused(runs):
    done = runs("--bodies", "most", "--", "true")
    assert done.returncode == 2
    assert b"most" in done.stderr
    again = runs("--", "true")
    assert again.returncode == 0, again.stderr


def test_the_token_ends_with_the_run(runs, engine):
    done = runs("--", "sh", "-c", 'printf %s "$OPENAI_BASE_URL"')
    program = f"{CALL}\nprint(call(), end='')"
    env = {**os.environ, "OPENAI_BASE_URL": done.stdout.decode()}
    late = subprocess.run([PYTHON, "-c", program], capture_output=True, timeout=30, env=env)
    assert late.stdout == b"404"
    (row,) = engine.wait_rows(1)
    assert (row["run"], row["path"]) == (None, "/openai/v1/chat/completions")


def test_a_killed_run_lets_go(runs):
    run = runs.start("--", "cat")
    runs.wait_for_engine()
    run.kill()
    run.wait(10)
    runs.wait_until_free()


def test_an_engine_killed_under_a_run_is_said_and_its_calls_are_kept(runs):
    program = f"{CALL}\nprint(call(), flush=True)\nsys.stdin.read()"
    run = runs.start("--", PYTHON, "-c", program)
    assert run.stdout.readline() == b"200\n"
    os.kill(runs.holder().pid, signal.SIGKILL)
    _, said = run.communicate(b"", timeout=60)
    assert run.returncode == 0
    assert b"the engine ended before the program" in said
    assert b"1 call \xc2\xb7" in said
    tagged(runs, 1)


def test_a_proxy_killed_under_a_run_still_knows_it(runs):
    program = f"{CALL}\nprint(call(), flush=True)\nsys.stdin.read()\nprint(call())"
    run = runs.start("--", PYTHON, "-c", program)
    assert run.stdout.readline() == b"200\n"
    proxy = client.ask(runs.holder().control, "status")["proxy_pid"]
    os.kill(proxy, signal.SIGKILL)
    out, said = run.communicate(b"", timeout=60)
    assert out == b"200\n", said
    assert b"2 calls" in said
    tagged(runs, 2)


def test_variables_that_pointed_elsewhere_are_said(runs):
    done = runs("--", "true", env={**os.environ, "OPENAI_BASE_URL": "https://llm.example.com/v1"})
    assert b"OPENAI_BASE_URL named llm.example.com" in done.stderr
