"""How much a request may make a model say: what is set aside for a call before it is made.

Owns the fields in which each dialect says so, and which paths are answered without tokens of their own. Nothing here
raises, whatever the bytes; where a request sets no bound, None.
"""

from __future__ import annotations

import re
from typing import Any, Final

from helicli.providers import lenient
from helicli.providers.conversation import asked
from helicli.providers.dialects import spoken
from helicli.providers.estimate import PER_MESSAGE, tokens

_FIELDS: Final = ("max_output_tokens", "max_completion_tokens", "max_tokens", "max_tokens_to_sample")
_SILENT: Final = re.compile(
    r"/(?:embeddings|embed|moderations|rerank|files|tokenize|count_tokens)(?:[/?]|$)|/models(?:/[^:?]*)?(?:\?|$)"
)
_SILENT_VERBS: Final = re.compile(r":(?:embedContent|batchEmbedContents|countTokens)(?:\?|$)")
_CHOICES_MAX: Final = 128
_BYTES_A_TOKEN: Final = 4
_SAMPLED: Final = 8_192
"""Signs of a request that are counted, all of them or so many of a longer one, in SAMPLES parts."""
_SAMPLES: Final = 16


def is_silent(path: str) -> bool:
    """Whether what is asked there is answered without a word of a model's."""
    return bool(_SILENT.search(path) or _SILENT_VERBS.search(path))


def most_output(dialect: str, path: str, body: bytes) -> int | None:
    """The most tokens a request lets its answer have, all choices together; None where it does not say."""
    if is_silent(path):
        return 0
    request = lenient.mapping(lenient.loads(body))
    choices = 1
    if spoken(dialect, path) == "google":
        request = lenient.mapping(request.get("generationConfig") or request.get("generation_config"))
        most = _first(request, ("maxOutputTokens", "max_output_tokens"))
        choices = lenient.count(request.get("candidateCount")) or 1
    else:
        most = _first(request, _FIELDS) or _first(lenient.mapping(request.get("options")), ("num_predict",))
        choices = max(lenient.count(request.get("n")), lenient.count(request.get("num_generations")), 1)
    return most * min(choices, _CHOICES_MAX) if most else None


def estimated_input(dialect: str, path: str, body: bytes) -> int:
    """About as many tokens as a request has; of long texts a sample is counted, since calls wait for this."""
    messages = asked(dialect, path, body)
    tools = lenient.mapping(lenient.loads(body)).get("tools")
    texts = [lenient.compact(tools)] if tools else []
    for message in messages:
        texts += (message.text, *message.tool_calls)
    total = PER_MESSAGE * len(messages) + _estimated(texts)
    # What is no conversation, such as texts to embed, is taken by its length.
    return total or (len(body) // _BYTES_A_TOKEN if body[:64].lstrip().startswith(b"{") else 0)


def _estimated(texts: list[str]) -> int:
    """The tokens of some texts; where they are long together, of a sample from the first sign to the last."""
    if sum(map(len, texts)) <= _SAMPLED:
        return sum(map(tokens, texts))
    text, size = " ".join(texts), _SAMPLED // _SAMPLES
    step = (len(text) - size) / (_SAMPLES - 1)
    counted = sum(tokens(text[int(at * step) : int(at * step) + size]) for at in range(_SAMPLES))
    return -(-counted * len(text) // _SAMPLED)


def _first(request: dict[str, Any], names: tuple[str, ...]) -> int:
    return next((count for name in names if (count := lenient.count(request.get(name)))), 0)
