"""`helicli prompts` on two stored prompts, without an engine."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def console(prompted):
    return prompted


def used(console, name="support"):
    return next(each["used"] for each in json.loads(console("prompts", "list", "--json").out) if each["name"] == name)


def test_a_rollback_and_its_undo(console):
    assert used(console) == 2
    done = console("prompts", "rollback", "support")
    assert done.code == 0 and "undo: helicli prompts label support@2 production" in done.err
    assert used(console) == 1
    assert console("prompts", "rollback", "support").code == 3
    assert console("prompts", "label", "support@2", "production").code == 0
    assert used(console) == 2
    console("prompts", "rollback", "support@3")
    assert used(console) == 3
    console("prompts", "rollback", "support")
    assert used(console) == 2
    done = console("prompts", "label", "support", "production", "--remove")
    assert "v3 is in use" in done.err and used(console) == 3


def test_a_label_names_a_version(console):
    assert console("prompts", "label", "support@1", "old").code == 0
    assert "begin" in console("prompts", "show", "support@old", tty=True).err
    assert console("prompts", "label", "support@old", "older").code == 0
    assert json.loads(console("prompts", "show", "support@older", "--json").out)["labels"] == ["old", "older"]
    assert console("prompts", "label", "support@9", "x").code == 3
    assert console("prompts", "label", "nope", "x").code == 3


def test_show_gives_the_file_as_it_was(console, tmp_path):
    text = console("prompts", "show", "classify").raw
    assert text.endswith(b"## user\n{{user_input}}\n")
    (tmp_path / "classify.md").write_bytes(text)
    assert "unchanged" in console("prompts", "push", "classify.md").out


def test_diff(console, tmp_path):
    assert (
        "Answer{+ and ask for the order number+}. {{> tone}}"
        in console("prompts", "diff", "support@1", "support@2").out
    )
    assert "[- and ask for the order number-]" in console("prompts", "diff", "support@2", "support@1").out
    assert console("prompts", "diff", "support").err == "support@2 → support@3\n"
    assert console("prompts", "diff", "support@1").err == "support@1 → support@3\n"
    console("prompts", "pull", "support@3", "--dir", "p")
    (tmp_path / "p" / "_tone.md").write_text("Be cruel.\n")
    done = console("prompts", "diff", "support@3", "p/support.md")
    assert done.out == "_tone.md\nBe [-kind-]{+cruel+}.\n"
    assert console("prompts", "diff", "support@3", "support@3").out == ""
    assert console("prompts", "diff", "classify").err == "classify@1 → classify@1: the same\n"
    coloured = console("--color", "always", "prompts", "diff", "support@1", "support@2").out
    assert "\x1b[32;4m and ask for the order number\x1b[0m" in coloured and "{+" not in coloured


def test_log_is_of_this_prompt_alone(console):
    told = json.loads(console("prompts", "log", "support", "--json").out)
    assert [(each["version"], each["calls"], each["used"]) for each in told] == [
        (3, 0, False),
        (2, 2, True),
        (1, 1, False),
    ]
    assert [each["scores"] for each in told] == [{}, {"helpful": {"mean": 0.81, "calls": 2}}, {}]
    assert json.loads(console("prompts", "log", "classify", "--json").out)[0]["calls"] == 0
    assert console("prompts", "log", "nope").code == 3


def test_scores_of_one_name_stand_alone_those_of_several_with_it(console):
    assert "← production  0.81\n" in console("prompts", "log", "support", tty=True).out
    assert "\tproduction\thelpful=0.81\n" in console("prompts", "log", "support").out
    seq = json.loads(console("filter", "prompt:support@1", "--since", "all", "--json").out)[0]["seq"]
    assert console("score", str(seq), "correct=yes").code == 0
    told = console("prompts", "log", "support", tty=True).out
    assert "helpful 0.81" in told and "correct 1.00" in told


def test_hostile_text_is_made_safe(console, tmp_path):
    (tmp_path / "p.md").write_text("## user\n\x1b]0;x\x07{{a}}\n")
    assert "\x1b" not in console("prompts", "push", "p.md", "-m", "\x1b[2J", tty=True).out.replace("\x1b[2m", "")
    for args in (["log", "p"], ["show", "p"], ["diff", "p", "support"], ["render", "p", "--var", "a=\x1b[2J"]):
        done = console("--color", "never", "prompts", *args, tty=True)
        assert done.code == 0 and "\x1b" not in done.out + done.err
