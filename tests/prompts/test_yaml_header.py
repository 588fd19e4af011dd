"""The YAML of headers: what is read, and that nothing is guessed."""

from __future__ import annotations

import pytest

from helicli.errors import UsageError
from helicli.prompts.yaml_header import read

HEADER = """\
# a prompt
name: Support agent   # shown
model:
  api: chat
  configuration:
    azure_deployment: gpt-4o
  parameters: {max_tokens: 300, stop: ["\\n", 'it''s'], nothing: null}
tags:
- a
- "b: c"
authors:
  - name: Ada
    mail: ada@example.com
  - name: Linus
url: https://example.com/a?b=c#d
numbers: [1, -2.5, 1e3, true, no]
note: |
  first

    second
folded: >-
  one
  two
empty:
last: 'x' # y
"""


def test_what_headers_are_written_in():
    assert read(HEADER) == {
        "name": "Support agent",
        "model": {
            "api": "chat",
            "configuration": {"azure_deployment": "gpt-4o"},
            "parameters": {"max_tokens": 300, "stop": ["\n", "it's"], "nothing": None},
        },
        "tags": ["a", "b: c"],
        "authors": [{"name": "Ada", "mail": "ada@example.com"}, {"name": "Linus"}],
        "url": "https://example.com/a?b=c#d",
        "numbers": [1, -2.5, 1000.0, True, "no"],
        "note": "first\n\n  second\n",
        "folded": "one two",
        "empty": None,
        "last": "x",
    }
    assert read("") == {}


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1",
        "a: *x",
        "a: !tag 1",
        "just text",
        "a: 1\na: 2",
        "a: [1, 2",
        "a: {b}",
        "a: 1\n   b: 2",
        "- a",
        "a:\n\tb: 1",
        'a: "open',
        "a: 'open",
    ],
)
def test_what_it_does_not_know_is_refused(text):
    with pytest.raises(UsageError):
        read(text)


def test_the_line_is_named():
    with pytest.raises(UsageError, match=r'line 3 of the header, "b: &x 1", is not understood'):
        read("a: 1\nb: &x 1")
