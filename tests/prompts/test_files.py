"""Files that hold prompts: Markdown, dotprompt, Prompty."""

from __future__ import annotations

import pytest

from helicli.errors import UsageError
from helicli.prompts import SOURCE_MAX, File, Message, Prompt, Source
from helicli.prompts.files import compiled, gathered, read

SUPPORT = """\
+++
name = "customer-support"
model = "gpt-4o"
description = "The first answer"
labels = ["staging"]

[parameters]
temperature = 0.2
stop = ["\\n"]

[defaults]
tone = "kind"

[[tools]]
name = "find_order"
parameters = {type = "object", properties = {number = {type = "string"}}}
+++

## system
You are {{tone}}.

### Rules
\\## user
\\\\## user

## User
{{question}}
"""


def markdown(text, name="p.md"):
    return read(File(name, text))


def test_markdown():
    assert markdown(SUPPORT) == Prompt(
        name="customer-support",
        model="gpt-4o",
        description="The first answer",
        labels=("staging",),
        parameters={"temperature": 0.2, "stop": ["\n"]},
        tools=({"name": "find_order", "parameters": {"type": "object", "properties": {"number": {"type": "string"}}}},),
        defaults={"tone": "kind"},
        messages=(
            Message("system", "You are {{tone}}.\n\n### Rules\n## user\n\\## user"),
            Message("user", "{{question}}"),
        ),
    )
    assert markdown("## user\r\nhi\r\nthere\r\n") == Prompt(name="p", messages=(Message("user", "hi\nthere"),))
    assert markdown("\ufeff+++\n+++\n## user\nhi").messages == (Message("user", "hi"),)
    assert markdown("## user\n").messages == (Message("user", ""),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", '"hello" stands in no section'),
        ("## sytem\nhello", "stands in no section"),
        ("", "has no messages"),
        ('+++\nname = "x"\n', "the header does not end"),
        ("+++\nname = \n+++\n## user\n", "is no TOML"),
        ('+++\nnmae = "x"\n+++\n## user\n', 'unknown key "nmae"'),
        ("+++\nname = 3\n+++\n## user\n", '"name" in the header is not a text'),
        ("+++\nlabels = [1]\n+++\n## user\n", "holds what is no text"),
        ('+++\nlabels = ["3"]\n+++\n## user\n', "cannot be a label"),
        ('+++\ntools = ["x"]\n+++\n## user\n', "a tool in the header is no table"),
        ('+++\nname = "../x"\n+++\n## user\n', "cannot be the name"),
    ],
)
def test_what_is_wrong_is_named(text, said):
    with pytest.raises(UsageError) as raised:
        markdown(text)
    assert said in raised.value.message and raised.value.fix


def test_a_typo_is_guessed():
    with pytest.raises(UsageError) as raised:
        markdown("## sytem\nhello")
    assert raised.value.fix == "did you mean ## system?"


@pytest.mark.parametrize("name", ["p.txt", "p", "naïve.md", "a b.md"])
def test_a_file_by_another_name(name):
    with pytest.raises(UsageError):
        markdown("## user\nhi", name)


def test_compiling_names_the_file():
    with pytest.raises(UsageError, match=r'p.md: "\{\{a b\}\}" in line 1 of ## user is no variable'):
        compiled(Source(File("p.md", "## user\n{{a b}}")))
    with pytest.raises(UsageError, match=r'p.md: no partial "tone"'):
        compiled(Source(File("p.md", "## user\n{{> tone}}")))
    with pytest.raises(UsageError, match="too large"):
        compiled(Source(File("p.md", "x" * (SOURCE_MAX + 1))))


@pytest.mark.parametrize(
    "name", ["../p.md", "/p.md", "a/p.md", "a\\p.md", "c:p.md", "p\x00.md", ".p.md", ".md", "x" * 256]
)
def test_a_file_lies_in_its_folder(name):
    with pytest.raises(UsageError, match="cannot be the name of a file"):
        compiled(Source(File(name, "## user\nhi")))
    with pytest.raises(UsageError, match="cannot be the name of a file"):
        compiled(Source(File("p.md", "## user\nhi"), (File(name, ""),)))


def test_partials_are_gathered_with_those_they_use():
    beside = {
        name: File(f"_{name}.md", text)
        for name, text in {"tone": "Be kind{{> end}}\n\n", "end": ".\n", "other": "x", "a": "{{> a}}"}.items()
    }
    source = gathered(File("p.md", "## user\n{{> tone}} {{> tone}}"), beside)
    assert [each.name for each in source.partials] == ["_end.md", "_tone.md"]
    assert compiled(source).fill({}).messages[0].text == "Be kind. Be kind."
    with pytest.raises(UsageError, match="stands in itself"):
        compiled(gathered(File("p.md", "## user\n{{> a}}"), beside))


DOTPROMPT = """\
---
model: googleai/gemini-2.5-flash
config:
  temperature: 0.9
  maxOutputTokens: 400
  topK: 5
input:
  schema:
    name: string, who is asked
    age?: integer
    tags(array): string
  default:
    age: 7
---
{{!-- not said --}}
{{role "system"}}
You greet.
{{role "user"}}
Greet {{{name}}}, {{age}}.
{{role "model"}}
Hello!
"""


def test_dotprompt():
    prompt = read(File("greet.prompt", DOTPROMPT))
    assert prompt == Prompt(
        name="greet",
        model="gemini-2.5-flash",
        parameters={"temperature": 0.9, "max_tokens": 400, "top_k": 5},
        defaults={"age": 7},
        types={"name": "string", "age": "number", "tags": "string"},
        messages=(
            Message("system", "You greet."),
            Message("user", "Greet {{name}}, {{age}}."),
            Message("assistant", "Hello!"),
        ),
    )
    assert compiled(Source(File("greet.prompt", DOTPROMPT))).fill({"name": "Ada"}).messages[1].text == "Greet Ada, 7."
    assert read(File("x.prompt", "Just this")).messages == (Message("user", "Just this"),)
    for text in ("{{#if a}}x{{/if}}", "{{history}} {{media url=x}}", "{{a.b}}"):
        with pytest.raises(UsageError, match="is no variable"):
            compiled(Source(File("x.prompt", text)))
    with pytest.raises(UsageError, match="known by name alone"):
        read(File("x.prompt", "---\ntools: [find]\n---\nx"))
    with pytest.raises(UsageError, match='"tool" is no role'):
        read(File("x.prompt", '{{role "tool"}}x'))


PROMPTY = """\
---
name: Basic Prompt
description: A basic prompt
model:
  api: chat
  configuration:
    type: azure_openai
    azure_deployment: gpt-35-turbo
  parameters:
    max_tokens: 128
inputs:
  question: {type: string}
  firstName:
    type: string
    default: Jane
---
system:
You help {{firstName}}.

# user:
{{question}}
"""


def test_prompty():
    assert read(File("basic.prompty", PROMPTY)) == Prompt(
        name="basic-prompt",
        model="gpt-35-turbo",
        description="A basic prompt",
        parameters={"max_tokens": 128},
        defaults={"firstName": "Jane"},
        types={"question": "string", "firstName": "string"},
        messages=(Message("system", "You help {{firstName}}."), Message("user", "{{question}}")),
    )
    assert read(File("x.prompty", "---\nmodel: gpt-4o\n---\nHi")).messages == (Message("system", "Hi"),)
    with pytest.raises(UsageError, match="Jinja that is not understood"):
        read(File("x.prompty", "user:\n{% if a %}x{% endif %}"))
