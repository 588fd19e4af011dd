"""What may have been meant."""

from __future__ import annotations

import pytest

from helicli.guess import guess


@pytest.mark.parametrize(
    ("word", "near"), [("tial", "tail"), ("TAIL", "tail"), ("gpt4o", "GPT-4o"), ("xyz", ""), ("", "")]
)
def test_the_nearest_word_as_it_is_spelled(word, near):
    assert guess(word, ["tail", "show", "GPT-4o"]) == near
