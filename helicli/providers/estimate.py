"""Token counts estimated from text, for calls whose provider did not say.

Owns the estimator: no vocabulary, no download, one figure for every model, within 15 percent of o200k on the English,
German, Russian, Chinese, Markdown, JSON and Python it was fitted on. Never used where a provider's figure is at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from helicli.providers.facts import Message

PER_MESSAGE: Final = 4
"""Tokens that set a message off from the next, as OpenAI's cookbook counts them."""

_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_DIGITS = re.compile(r"[0-9]+")
_OTHER_WORD = re.compile(r"(?:(?=[\u0370-\u1fff])[^\W\d_])+")
_IDEOGRAPH = re.compile(r"(?![\u0370-\u1fff])[^\W\d_A-Za-z\u00c0-\u024f]")
_SIGNS = re.compile(r"[^\w\s]+|_+")

_FITTED: Final = 0.95


def tokens(text: str) -> int:
    """About as many tokens as the text has.

    A Latin word has one for each six letters begun, one of another alphabet for each four, a number for each three
    digits, an ideograph three quarters, a run of signs one; a factor takes off what that is too much.
    """
    whole: float = sum((len(word) + 5) // 6 for word in _WORD.findall(text))
    whole += sum((len(digits) + 2) // 3 for digits in _DIGITS.findall(text)) + len(_SIGNS.findall(text))
    if not text.isascii():
        # These two look at every sign, and take as long as the others together.
        whole += sum((len(word) + 3) // 4 for word in _OTHER_WORD.findall(text))
        whole += 0.75 * len(_IDEOGRAPH.findall(text))
    return round(_FITTED * whole) or int(whole > 0)


def tokens_asked(messages: Iterable[Message], tools: str) -> int:
    """About as many tokens as a request has; 0 when it has no text."""
    counted = [_of(message) for message in messages]
    text = sum(counted) + tokens(tools)
    return text + PER_MESSAGE * len(counted) if text else 0


def tokens_answered(messages: Iterable[Message]) -> int:
    """About as many tokens as an answer has, its reasoning included as far as it can be read."""
    return sum(_of(message) for message in messages)


def _of(message: Message) -> int:
    return tokens(message.text) + sum(tokens(call) for call in message.tool_calls)
