"""A selection as SQL.

Owns the only place where a term becomes a condition. Values are always parameters, never text of the statement; words
are looked up by the statement itself, so that a word written later is found too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from helicli.filters import Selection, prompt

FAILED: Final = "(c.error IS NOT NULL OR c.status >= 400)"
"""What `status:error` means, of `calls c`."""
_STATUS_WORDS: Final = {"error": FAILED, "ok": "(c.status < 400 AND c.error IS NULL)"}

_PROPERTY: Final = (
    "c.seq IN (SELECT p.seq FROM properties p WHERE p.name = (SELECT id FROM words WHERE word = ?)"
    " AND p.value = (SELECT id FROM words WHERE word = ?))"
)

Parameters = list[str | int]


def where(selection: Selection) -> tuple[str, Parameters]:
    """The condition on `calls c` and its parameters; `1` for all calls."""
    terms: list[str] = []
    values: Parameters = []
    for column, words in (
        ("user", selection.users),
        ("session", selection.sessions),
        ("provider", selection.providers),
        ("name", selection.names),
        ("run", selection.runs),
    ):
        if words:
            terms.append(_words(f"c.{column}", words, values))
    if selection.models:
        terms.append(_models(selection.models, values))
    if selection.prompts:
        terms.append(_any([_prompt(each, values) for each in selection.prompts]))
    for name, value in selection.properties:
        terms.append(_PROPERTY)
        values.extend((name.lower(), value))
    if selection.statuses:
        if all(status == "error" or status[0] in "45" for status in selection.statuses):
            # Says nothing new, but there is an index on it.
            terms.append(FAILED)
        terms.append(_any([_status(status, values) for status in selection.statuses]))
    if selection.since_ms is not None:
        terms.append("c.created_at >= ?")
        values.append(selection.since_ms)
    if selection.until_ms is not None:
        terms.append("c.created_at < ?")
        values.append(selection.until_ms)
    return " AND ".join(terms) or "1", values


def _any(terms: Sequence[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"


def _words(column: str, words: Sequence[str], values: Parameters) -> str:
    """One word is compared with `=`, for then an index gives the calls in the order of seq."""
    values.extend(words)
    if len(words) == 1:
        return f"{column} = (SELECT id FROM words WHERE word = ?)"
    return f"{column} IN (SELECT id FROM words WHERE word IN ({', '.join('?' * len(words))}))"


def _models(models: Sequence[str], values: Parameters) -> str:
    """Either name of the model; `*` alone is a sign, since `?` and `[` stand in names."""
    terms: list[str] = []
    for column in ("c.model", "c.requested_model"):
        for model in models:
            if "*" in model:
                terms.append(f"{column} IN (SELECT id FROM words WHERE word GLOB ?)")
                values.append(model.replace("[", "[[]").replace("?", "[?]"))
            else:
                terms.append(_words(column, (model,), values))
    return _any(terms)


def _prompt(text: str, values: Parameters) -> str:
    """A prompt by its whole name, or by name and version."""
    term = _words("c.prompt", (text,), values)
    name, version = prompt(text)
    if version is None:
        return term
    other = _words("c.prompt", (name,), values)
    values.append(version)
    return f"({term} OR {other} AND c.prompt_version = ?)"


def _status(status: str, values: Parameters) -> str:
    known = _STATUS_WORDS.get(status)
    if known:
        return known
    if status.endswith("xx"):
        values.extend((int(status[0]) * 100, int(status[0]) * 100 + 100))
        return "(c.status >= ? AND c.status < ?)"
    values.append(int(status))
    return "c.status = ?"
