"""`helicli prompts` before a running engine: a push that is live, a test of versions and models side by side."""

from __future__ import annotations

import json

import httpx2
import pytest

from tests.e2e.test_config import helicli

KEY = {"authorization": "Bearer sk-demo-000111222"}
ENV = {"DEMO_KEY": "sk-demo-000111222"}


@pytest.fixture
def house(engine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prompts").mkdir()

    def run(*args, code=0, **env):
        return helicli("prompts", *args, "--db", str(engine.db), env={**ENV, **env}, code=code)

    def write(text, name="p.md"):
        (tmp_path / "prompts" / name).write_text(text)

    engine.run_prompts, engine.write_prompt = run, write
    return engine


def call(engine):
    body = {"model": "gpt-4o", "messages": [], "prompt_id": "p", "inputs": {"q": "Hi"}}
    return httpx2.post(f"{engine.url}/v1/chat/completions", json=body, headers=KEY, timeout=60)


def test_a_command_that_returns_has_changed_the_next_call(house):
    for number in (1, 2, 3):
        house.write_prompt(f"## user\nRules {number}. {{{{q}}}}\n")
        assert "in use from now on" in house.run_prompts("push").stderr
        assert call(house).headers["helicone-prompt-version"] == str(number)
    house.run_prompts("rollback", "p")
    assert call(house).headers["helicone-prompt-version"] == "2"
    house.run_prompts("label", "p@1", "production")
    assert call(house).headers["helicone-prompt-version"] == "1"
    house.run_prompts("label", "p", "production", "--remove")
    assert call(house).headers["helicone-prompt-version"] == "3"
    house.wait_rows(6)
    told = json.loads(house.run_prompts("log", "p", "--json").stdout)
    assert [(each["version"], each["calls"]) for each in told] == [(3, 2), (2, 2), (1, 2)]
    bad = house.run_prompts("push", "nope.md", code=3)
    assert "no file or folder" in bad.stderr
    house.write_prompt("## user\n{{q}} {{a b}}\n")
    assert "is no variable" in house.run_prompts("push", code=2).stderr
    assert call(house).headers["helicone-prompt-version"] == "3"


def test_versions_and_models_side_by_side(house, upstream, tmp_path):
    for number in (1, 2):
        house.write_prompt(f"## system\nRules {number}.\n\n## user\n{{{{q}}}}\n")
        house.run_prompts("push")
    (tmp_path / "sets.jsonl").write_text('{"q": "Where is it?"}\n{"q": "Hello"}\n')
    models = ("-m", "gpt-4o-mini", "-m", "claude-sonnet-4-5")
    args = ("test", "p", "--against", "@1", "--vars", "sets.jsonl", *models, "--key", "DEMO_KEY")
    done = house.run_prompts(*args, "--json")
    told = json.loads(done.stdout)
    assert [(each["set"], each["version"], each["model"]) for each in told] == [
        (at, version, model) for at in (1, 2) for version in (2, 1) for model in ("gpt-4o-mini", "claude-sonnet-4-5")
    ]
    assert all(each["answer"] and each["cost_usd"] > 0 and each["seq"] and each["latency_ms"] > 0 for each in told)
    paths = sorted({seen.path for seen in upstream.seen})
    assert paths == ["/v1/chat/completions", "/v1/messages"]
    session = done.stderr.split("recorded as session ")[1].split()[0]
    rows = house.wait_rows(8, f"session = '{session}'")
    assert {(row["prompt"], row["prompt_version"]) for row in rows} == {("p", 1), ("p", 2)}
    recorded = json.loads(
        house.run_prompts("test", "p", "--recorded", "1", *models[:2], "--key", "DEMO_KEY", "--json").stdout
    )
    assert len(recorded) == 1 and recorded[0]["inputs"]["q"] in ("Where is it?", "Hello")


def test_the_log_of_a_prompt_has_what_its_calls_were_scored(house):
    for number in (1, 2):
        house.write_prompt(f"## user\nRules {number}. {{{{q}}}}\n")
        house.run_prompts("push")
        for helpful in (0.5, 1, True):
            # At once: the call may have no row yet.
            ref = call(house).headers["helicone-id"]
            scored = httpx2.post(
                f"{house.url}/v1/request/{ref}/score", json={"scores": {"helpful": helpful - 0.5 * number}}
            )
            assert scored.status_code == 200, scored.text
    rated = {"helicone-id": call(house).headers["helicone-id"], "rating": True}
    assert httpx2.post(f"{house.url}/v1/feedback", json=rated).json() == {"data": None, "error": None}
    house.wait_rows(7)
    house.wait_rows(7, "scores <> '{}'")
    done = helicli("score", "1", "helpful=2", "--db", str(house.db))
    assert "1 scored: helpful=2" in done.stderr
    told = json.loads(house.run_prompts("log", "p", "--json").stdout)
    means = [{name: (round(each["mean"], 6), each["calls"]) for name, each in one["scores"].items()} for one in told]
    assert means == [{"feedback": (1, 1), "helpful": (round(-0.5 / 3, 6), 3)}, {"helpful": (1, 3)}]
    assert "no call 99" in helicli("score", "99", "up", "--db", str(house.db), code=3).stderr


def test_what_fails_is_told(house):
    house.write_prompt("## user\n{{q}}\n")
    house.run_prompts("push")
    done = house.run_prompts("test", "p", "--var", "q=Hi", "-m", "gpt-4o-mini", "--json", code=1)
    [told] = json.loads(done.stdout)
    assert told["status"] == 401 and told["error"] and told["cost_usd"] == 0
    assert "--key VARIABLE names the one that holds it" in done.stderr
    missing = house.run_prompts("test", "p", "-m", "gpt-4o-mini", code=2)
    assert "p@1 needs 1 variable: q" in missing.stderr
    assert "names no model" in house.run_prompts("test", "p", "--var", "q=Hi", code=2).stderr
    assert (
        "no variable NOPE" in house.run_prompts("test", "p", "--var", "q=x", "-m", "m", "--key", "NOPE", code=2).stderr
    )
    house.stop()
    assert "no engine runs" in house.run_prompts("test", "p", "--var", "q=Hi", "-m", "m", code=5).stderr
