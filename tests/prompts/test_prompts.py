"""Prompts as values: names and versions that are meant, what a source is, filling."""

from __future__ import annotations

import pytest

from helicli.errors import NotFoundError, UsageError
from helicli.prompts import (
    Compiled,
    File,
    Message,
    Prompt,
    Ref,
    Source,
    check_label,
    check_name,
    chosen,
    named,
    no_prompt,
    ref,
)

STORED = dict.fromkeys(["support", "support-v2", "chat", "a@b"])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("support", Ref("support")),
        ("support@3", Ref("support", 3)),
        ("support@v3", Ref("support", 3)),
        ("support@production", Ref("support", None, "production")),
        ("support@latest", Ref("support", None, "latest")),
    ],
)
def test_what_a_command_means(text, wanted):
    assert ref(text) == wanted


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a..b", ".a", "naïve", "a b", "a\x00", "-a", "x" * 65, "a\n"])
def test_what_is_no_name(name):
    with pytest.raises(UsageError, match="cannot be the name"):
        check_name(name)
    with pytest.raises(UsageError):
        ref(f"{name}@3")


@pytest.mark.parametrize("label", ["", "3", "v3", "a b", "latest", "ä", "a\n"])
def test_what_is_no_label(label):
    with pytest.raises(UsageError, match="cannot be a label"):
        check_label(label)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("support", Ref("support")),
        ("support-v2", Ref("support-v2")),
        ("support-v3", Ref("support", 3)),
        ("support-v2-v7", Ref("support-v2", 7)),
        ("chat@3", Ref("chat", 3)),
        ("chat@v3", Ref("chat", 3)),
        ("chat@prod", Ref("chat", None, "prod")),
        ("a@b", Ref("a@b")),
        ("other", None),
        ("other-v2", None),
        ("chat-v0", None),
        ("chat@", None),
        ("support/..", None),
    ],
)
def test_an_exact_name_goes_before_the_other_forms(text, wanted):
    assert named(text, STORED) == wanted


def test_which_version_is_meant():
    assert chosen(Ref("p"), [1, 2, 3], {}) == 3
    assert chosen(Ref("p"), [1, 2, 3], {"production": 2}) == 2
    assert chosen(Ref("p", None, "production"), [1, 2, 3], {}) == 3
    assert chosen(Ref("p", None, "latest"), [1, 2, 3], {"production": 2}) == 3
    assert chosen(Ref("p", None, "old"), [1, 2, 3], {"old": 1}) == 1
    assert chosen(Ref("p", 1), [1, 2, 3], {"production": 2}) == 1
    with pytest.raises(NotFoundError) as raised:
        chosen(Ref("p", 9), [1, 2, 3], {"production": 2})
    assert raised.value.message == "p has no version 9; it has versions 1 to 3 and label production"
    with pytest.raises(NotFoundError) as raised:
        chosen(Ref("p", None, "producton"), [1, 3], {"production": 3, "old": 1})
    assert raised.value.message == "p has no label producton; it has versions 1, 3 and labels old, production"
    assert raised.value.fix == "did you mean p@production?   helicli prompts log p"
    with pytest.raises(NotFoundError, match="it has version 1$"):
        chosen(Ref("p", 0), [1], {})


def test_a_name_that_is_none():
    error = no_prompt("suport", ["support", "chat"])
    assert error.message == 'no prompt "suport" is stored; there are chat, support'
    assert error.fix.startswith("did you mean support?")
    assert no_prompt("x", []).message == 'no prompt "x" is stored'


def test_a_hash_is_of_every_text_and_name():
    sources = [
        Source(File("a.md", "x")),
        Source(File("a.md", "y")),
        Source(File("b.md", "x")),
        Source(File("a.md", "x"), (File("_b.md", ""),)),
        Source(File("a.md", ""), (File("x", "_b.md"),)),
    ]
    assert len({each.hash for each in sources}) == len(sources)
    assert Source(File("a.md", "x")).hash == sources[0].hash


def test_filling():
    prompt = Prompt(
        name="p",
        model="gpt-4o",
        parameters={"temperature": "{{warm:number}}", "metadata": {"for": "{{who}}!", "n": 3}, "stop": ["{{who}}"]},
        tools=({"name": "find", "description": "for {{who}}"},),
        defaults={"warm": 0},
        messages=(Message("system", "{{> tone}} for {{who}}"), Message("user", "hello")),
    )
    compiled = Compiled(prompt, {"tone": "Be {{how}}"}, "p@2")
    assert compiled.variables == {"how": "any", "who": "any", "warm": "number"}
    filled = compiled.fill({"who": "{{how}}", "how": "brief"})
    assert filled.messages == (Message("system", "Be brief for {{how}}"), Message("user", "hello"))
    assert filled.parameters == {"temperature": 0, "metadata": {"for": "{{how}}!", "n": 3}, "stop": ["{{how}}"]}
    assert filled.tools == [{"name": "find", "description": "for {{how}}"}]
    with pytest.raises(UsageError, match="p@2 needs 2 variables: how, who"):
        compiled.fill({})
    with pytest.raises(UsageError, match="p@2: warm is to be a number"):
        compiled.fill({"who": "", "how": "", "warm": "hot"})


def test_a_variable_has_one_type():
    def of(*texts, **more):
        return Compiled(Prompt(name="p", messages=tuple(Message("user", text) for text in texts), **more), {}).variables

    assert of("{{n}} {{n:number}}") == {"n": "number"}
    assert of("{{n}}", types={"n": "boolean"}) == {"n": "boolean"}
    with pytest.raises(UsageError, match='"n" is a number and a string'):
        of("{{n:number}}", "{{n:string}}")
