"""Prompts at the supervisor: stored first, in use second, answered third."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from helicli.engine.change_words import ChangePrompts, PromptsKept, PromptsRead, ReadPrompts
from helicli.engine.prompt_desk import PromptDesk
from helicli.errors import HelicliError, NotFoundError, UsageError
from helicli.prompts import File, Source
from helicli.store.prompts import Kept, Label, Push

PUSH = msgspec.to_builtins(Push((Source(File("p.md", "## user\nhi")),), "why", ("staging",), 7))
KEPT = Kept("p", 2, True, 1, 1, ("staging",))


class Children:
    """A recorder and a proxy that answer at once."""

    def __init__(self, error=None):
        self.words, self.error = [], error
        self.desk = PromptDesk(self.say, self.say)

    def say(self, word):
        self.words.append(word)
        answer = PromptsRead(word.number)
        if isinstance(word, ChangePrompts):
            answer = PromptsKept(word.number, [KEPT] if self.error is None else [], self.error)
        self.desk.on_word(answer)


def test_stored_then_in_use():
    children = Children()
    assert asyncio.run(children.desk.change(PUSH)) == [msgspec.to_builtins(KEPT)]
    assert [type(word) for word in children.words] == [ChangePrompts, ReadPrompts]
    assert msgspec.to_builtins(children.words[0].change) == PUSH
    asyncio.run(children.desk.change(msgspec.to_builtins(Label("p", "staging", None))))
    assert children.words[2].change == Label("p", "staging", None)


def test_an_error_of_the_recorder_is_the_commands():
    error = {"message": "no prompt", "fix": "look", "code": NotFoundError.exit_code, "cause": ""}
    children = Children(error)
    with pytest.raises(HelicliError) as raised:
        asyncio.run(children.desk.change(PUSH))
    assert raised.value.exit_code == NotFoundError.exit_code
    assert len(children.words) == 1, "the proxy has nothing to read"


@pytest.mark.parametrize("given", [{}, {"do": "drop"}, {"do": "push"}, {"do": "label", "name": 3}])
def test_what_is_no_change_goes_no_further(given):
    children = Children()
    with pytest.raises(UsageError, match="is not understood"):
        asyncio.run(children.desk.change(given))
    assert children.words == []
