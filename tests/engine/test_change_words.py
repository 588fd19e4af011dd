"""The words on changes, on a link."""

from __future__ import annotations

import pytest

from helicli.engine.change_words import (
    ChangePrompts,
    DropLimit,
    KeepLimit,
    KeepScores,
    LimitKept,
    LimitsRead,
    PromptsKept,
    PromptsRead,
    ReadLimits,
    ReadPrompts,
    ScoresKept,
)
from helicli.engine.words import LENGTH_BYTES, pack, unpack
from helicli.prompts import File, Source
from helicli.scores import Scored
from helicli.store.limits import StoredLimit
from helicli.store.prompts import Kept, Label, Push

ERROR = {"message": "no", "fix": "look", "code": 3, "cause": ""}
WORDS = [
    KeepLimit(1, StoredLimit("a", "10;w=60")),
    DropLimit(2, "a"),
    LimitKept(2, ERROR),
    ReadLimits(3),
    LimitsRead(3),
    ChangePrompts(4, Push((Source(File("é.md", "## user\n\x1b"), (File("_t.md", ""),)),), "why", ("staging",), 7)),
    ChangePrompts(5, Label("p", "production", None, 7)),
    PromptsKept(5, [Kept("p", 2, True, None, 1, ("a",))]),
    PromptsKept(6, error=ERROR),
    ReadPrompts(7),
    PromptsRead(7),
    KeepScores(8, Scored("x", {"helpful": 0.5}, 7)),
    ScoresKept(8, ERROR),
]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
def test_a_word_comes_as_it_went(word):
    assert unpack(pack(word)[LENGTH_BYTES:]) == word
