"""`helicli prompts render`, of stored versions and of files."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def console(prompted):
    return prompted


def test_render(console, tmp_path):
    done = console("prompts", "render", "support@1", "--var", "user_input=a {{user_input}}")
    assert done.out == "## system\nAnswer. Be kind.\n\n## user\na {{user_input}}\n"
    (tmp_path / "v.json").write_text('{"user_input": {"n": 1}}')
    body = json.loads(console("prompts", "render", "support@1", "--vars", "v.json", "--json").out)
    assert body == {
        "messages": [
            {"role": "system", "content": "Answer. Be kind."},
            {"role": "user", "content": '{"n":1}'},
        ],
        "model": "gpt-4o",
    }


def test_a_file_is_rendered_before_it_is_pushed(console, tmp_path):
    (tmp_path / "p.md").write_text("+++\n[defaults]\na = 1\n+++\n## user\n{{a:number}} {{b:number}}\n")
    assert console("prompts", "render", "p.md", "--var", "b=2").out == "## user\n1 2\n"
    done = console("prompts", "render", "p.md", "--var", "b=two")
    assert done.code == 2 and "p: b is to be a number" in done.err
    assert "fix:   helicli prompts render p.md --var b=3" in done.err
    done = console("prompts", "render", "p.md")
    assert done.err.splitlines() == [
        "error: p needs 1 variable: b",
        "fix:   helicli prompts render p.md --var b=3",
    ]


def test_what_is_not_there(console):
    assert console("prompts", "render", "nope").code == 3
    assert console("prompts", "render", "nope.md").code == 3
    for args in (["render", "p/nope.md"], ["diff", "support", "p/nope.md"]):
        done = console("prompts", *args)
        assert done.code == 3 and "p/nope.md cannot be read" in done.err
    done = console("prompts", "test", "support", "-m", "m")
    assert "fix:   helicli prompts test support --var user_input=…" in done.err
    assert console("prompts", "render", "support@9").code == 3
    assert console("prompts", "render", "a/b").code == 2
