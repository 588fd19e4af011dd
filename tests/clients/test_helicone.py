"""The helicone_helpers packages of PyPI and npm: their prompt managers, pointed here, compile what the proxy sends."""

from __future__ import annotations

import json
import os
import subprocess

import httpx2
import pytest

from helicli.engine import prompts
from helicli.prompts import File, Source
from helicli.store.prompts import Label, Push
from tests.clients.clients import CLIENTS, has_node
from tests.clients.conftest import RUN_SECONDS, VERSIONS

VALUES = {"user_input": "Where is it? {{hc:tone:string}}", "tone": "kind", "count": 3}
TONE = File("_tone.md", "Be {{tone:string}}.\n")


def version(number):
    head = f'+++\nname = "customer-support"\nmodel = "gpt-4o-mini"\n[parameters]\ntemperature = 0.{number}\n+++\n'
    text = f"## system\nRules {number}. {{{{> tone}}}} {{{{count:number}}}} times.\n\n## user\n{{{{user_input}}}}\n"
    return Source(File("customer-support.md", head + text), (TONE,))


@pytest.fixture
def stored(engine):
    for number in (1, 2, 3):
        prompts.change(engine.db, Push((version(number),), f"rules {number}"), print)
    prompts.change(engine.db, Label("customer-support", "production", 1), print)
    prompts.change(engine.db, Label("customer-support", "staging", 3), print)
    return engine


@pytest.mark.parametrize(
    ("name", "program"), [("helicone", "helicone_program.py"), ("node-helicone", "helicone_program.mjs")]
)
def test_the_prompt_manager(stored, upstream, name, program):
    client = CLIENTS[name]
    if client.node and not has_node():
        pytest.skip("node and npm are not installed")
    if not client.ready.exists():
        pytest.skip(f"{client.package} is not installed; make test-clients does that")
    done = subprocess.run(
        [*client.command(program), stored.url],
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"]},
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    VERSIONS[client.package] = said["package"]
    assert said["told"] == ["customer-support@1", 1, "rules 1"] and said.get("async", True) is True
    assert said["raw"]["messages"][1] == {"role": "user", "content": "{{hc:user_input:any}}"}
    more = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Thanks, {{hc:tone:string}}"}]}
    for which, given in (
        ("production", {}),
        ("version", {"version_id": "customer-support@2"}),
        ("environment", {"environment": "staging"}),
    ):
        body = {"prompt_id": "customer-support", "inputs": VALUES, **more, **given}
        key = {"authorization": "Bearer sk-demo-000111222"}
        assert httpx2.post(f"{stored.url}/v1/chat/completions", json=body, headers=key).status_code == 200
        assert json.loads(upstream.seen[-1].body) == said[which], which
