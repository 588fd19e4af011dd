"""Which dialect a path speaks, where a provider speaks several.

Owns the paths that give a dialect away: OpenAI's, which nearly every provider answers too, and those of Anthropic,
Google and Ollama behind other hosts. A path that says nothing is its provider's own. Never looks at a body.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_SPOKEN: Final = (
    (
        "anthropic",
        re.compile(r"(?:^|/)(?:v1|anthropic)/messages(?:/|$)|/v1/complete$|/models/[^/]+:(?:streamR|r)awPredict$"),
    ),
    ("google", re.compile(r"/[^/]+:(?:(?:streamG|g)enerateContent|countTokens|(?:batchE|e)mbedContents?|predict)$")),
    ("ollama", re.compile(r"/api/(?:chat|generate|embed|embeddings)$")),
    ("openai", re.compile(r"/(?:chat/completions|completions|responses|embeddings|moderations)$")),
    ("openai", re.compile(r"/(?:images|audio)/[a-z]+$")),
)


_ARRAYS: Final = re.compile(r":streamGenerateContent$")


def streams_array(path: str) -> bool:
    """Whether what is asked for by a path, with or without its query, is streamed though it may come as JSON.

    Google's streams are one array that comes piece by piece, unless events are asked for.
    """
    return _ARRAYS.search(path.partition("?")[0]) is not None


def spoken(dialect: str, path: str) -> str:
    """The dialect of an upstream path, with or without its query, at a provider that mostly speaks `dialect`.

    "other" stays what it is: nothing was found out about that call.
    """
    return dialect if dialect == "other" else _marked(path.partition("?")[0]) or dialect


@lru_cache(maxsize=1024)
def _marked(path: str) -> str | None:
    return next((dialect for dialect, mark in _SPOKEN if mark.search(path)), None)
