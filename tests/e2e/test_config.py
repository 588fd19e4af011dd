"""A real engine that reads its settings: from its user's file, and from a project's file that means no good."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import httpx2
import pytest

from helicli.demo.upstream import FakeUpstream
from tests.e2e.engine import Engine

CANARY = "sk-canary-0123456789abcdef"
CALL = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}


def call(engine, path="/v1/chat/completions"):
    with httpx2.Client(timeout=30, trust_env=False) as client:
        return client.post(engine.url + path, headers={"authorization": f"Bearer {CANARY}"}, json=CALL)


def helicli(*args, env=None, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "helicli", *args],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **(env or {})},
    )
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture
def thief():
    """Where a project's file would like the calls to go."""
    with FakeUpstream() as fake:
        yield fake


@pytest.fixture
def place(tmp_path, upstream, monkeypatch):
    """A project's folder; the user's file sends openai to the fake upstream."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    monkeypatch.chdir(project)
    helicli("config", "set", "providers.openai.base_url", upstream.url)
    return project


@pytest.fixture
def configured(place, tmp_path, upstream):
    """An engine that gets no provider on its command line."""
    made = Engine(tmp_path, upstream.url)
    made._options = []
    yield made
    made.kill_all()


def test_serve_reads_its_users_file(configured, upstream):
    helicli("config", "set", "providers.local.base_url", upstream.url + "/deep")
    helicli("config", "set", "providers.local.like", "ollama")
    helicli("config", "set", "serve.bodies", "off")
    configured.start()
    assert call(configured).status_code == 200
    call(configured, "/local/api/chat")
    assert [seen.path for seen in upstream.seen] == ["/v1/chat/completions", "/deep/api/chat"]
    assert [row["provider"] for row in configured.wait_rows(2)] == ["openai", "local"]
    shown = json.loads(helicli("--db", str(configured.db), "show", "1", "--json").stdout)
    assert shown["request"]["body"] is None


def test_flags_go_before_environment_before_the_file(configured, upstream, monkeypatch):
    helicli("config", "set", "providers.openai.base_url", "http://127.0.0.1:9")
    monkeypatch.setenv("HELICLI_PROVIDERS_OPENAI_BASE_URL", upstream.url)
    configured.start()
    assert call(configured).status_code == 200
    configured.stop()
    configured._options = ["--upstream", f"openai={upstream.url}/flag"]
    configured.start()
    call(configured)
    assert upstream.seen[-1].path == "/flag/v1/chat/completions"


HOSTILE = """
[serve]
host = "0.0.0.0"
db = "/tmp/elsewhere.db"
[providers.openai]
base_url = "{url}"
"""


@pytest.mark.parametrize("name", ["helicli.toml", "pyproject.toml"])
def test_a_strangers_project_does_not_get_the_key(configured, place, upstream, thief, name):
    text = HOSTILE.format(url=thief.url)
    (place / name).write_text(text if name == "helicli.toml" else text.replace("[", "[tool.helicli."))
    configured.start()
    assert call(configured).status_code == 200
    assert (len(upstream.seen), len(thief.seen)) == (1, 0)
    assert upstream.seen[0].header(b"authorization") == f"Bearer {CANARY}".encode()
    assert configured.url.startswith("http://127.0.0.1:")
    _, said = configured.stop()
    told = f"{place / name} is not trusted, serve.host, serve.db, providers.openai.base_url ignored"
    assert told in "".join([*configured.told, said])


def test_a_trusted_project_gets_the_calls_until_it_changes(configured, place, upstream, thief):
    file = place / "helicli.toml"
    file.write_text(f'[providers.openai]\nbase_url = "{thief.url}"\n')
    helicli("config", "trust")
    configured.start()
    assert call(configured).status_code == 200
    assert (len(upstream.seen), len(thief.seen)) == (0, 1)
    _, said = configured.stop()
    assert f"openai goes to {thief.url}, as {file} says" in "".join([*configured.told, said])
    file.write_text(file.read_text() + "# changed\n")
    configured.start()
    assert call(configured).status_code == 200
    assert (len(upstream.seen), len(thief.seen)) == (1, 1)


@pytest.mark.parametrize("content", ["[serve]\nprot = 1", "[serve", "[serve]\nbodies = 1"])
def test_a_wrong_file_starts_nothing(configured, place, content):
    (place / "helicli.toml").write_text(content)
    done = helicli("serve", "--port", "0", "--db", str(configured.db), code=2)
    assert done.stderr.startswith("error: ") and "\nfix:   " in done.stderr and str(place) in done.stderr
    assert not configured.db.exists()


def test_env_sends_a_shell_to_the_running_engine(configured, upstream):
    helicli("--db", str(configured.db), "env", code=5)
    helicli("config", "set", "providers.anthropic.base_url", upstream.url)
    configured.start()
    program = configured.db.with_name("program.py")
    program.write_text(
        "import anthropic, openai\n"
        "said = [{'role': 'user', 'content': 'Hello!'}]\n"
        "openai.OpenAI().models.list()\n"
        "anthropic.Anthropic().messages.create(model='claude-sonnet-4-5', max_tokens=9, messages=said)\n"
    )
    python = sys.executable
    script = f'eval "$({python} -m helicli --db {configured.db} env)" && {python} {program}'
    env = {
        **os.environ,
        "OPENAI_API_KEY": CANARY,
        "ANTHROPIC_API_KEY": CANARY,
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "a.test",
    }
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert [seen.path for seen in upstream.seen] == ["/v1/models", "/v1/messages"]
    lines = helicli("--db", str(configured.db), "env", env={"https_proxy": "http://p"}).stdout.splitlines()
    assert f"export OPENAI_BASE_URL={configured.url}/openai/v1" in lines
    assert "export NO_PROXY=127.0.0.1,localhost,::1" in lines
    assert not [line for line in lines if "AZURE" in line]


def test_env_tells_whose_calls_change_their_upstream(configured):
    configured.start()
    given = {
        "OPENAI_BASE_URL": "https://gateway.corp.test/v1",
        "AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com",
    }
    done = helicli("--db", str(configured.db), "env", env=given)
    assert "OPENAI_BASE_URL named gateway.corp.test; its calls go to http://127.0.0.1:" in done.stderr
    assert "AZURE_OPENAI_ENDPOINT stays as it is: azure has no address here" in done.stderr
    helicli("config", "set", "providers.azure.base_url", "https://mine.openai.azure.com")
    configured.stop()
    configured.start()
    done = helicli("--db", str(configured.db), "env", env=given)
    assert f"export AZURE_OPENAI_ENDPOINT={configured.url}/azure" in done.stdout
    assert "AZURE" not in done.stderr


def test_providers_of_the_running_engine(configured, upstream):
    configured._options = ["--upstream", f"mine={upstream.url}"]
    configured.start()
    call(configured)
    configured.wait_rows(1)
    rows = helicli("--db", str(configured.db), "providers", "list").stdout.splitlines()
    told = {row.split("\t")[0]: row.split("\t")[1:] for row in rows}
    assert told["openai"] == [f"{configured.url}/openai/v1", "1", upstream.url, "none"]
    assert told["mine"] == [f"{configured.url}/mine/v1", "0", upstream.url, "none"]
    done = helicli("--db", str(configured.db), "providers", "test", "openai", "--json", env={"OPENAI_API_KEY": CANARY})
    told = json.loads(done.stdout)[0]
    assert (told["reached"], told["outcome"], told["through_engine"], told["key_from"]) == (True, "ok", True, None)
    assert upstream.seen[-1].header(b"authorization") is None, "a key goes to its own provider alone"
    assert configured.wait_rows(2)[1]["path"] == "/v1/models"


def test_a_provider_that_cannot_be_reached_through_the_engine(configured):
    configured._options = ["--upstream", "gone=http://127.0.0.1:9", "--upstream", "lost=http://no.such.host.invalid"]
    configured.start()
    for name, word in (("gone", "connect"), ("lost", "dns")):
        done = helicli("--db", str(configured.db), "providers", "test", name, "--json", code=5)
        told = json.loads(done.stdout)[0]
        assert (told["reached"], told["outcome"], told["status"]) == (False, word, 502)
