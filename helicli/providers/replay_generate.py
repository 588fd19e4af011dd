"""An answer of Gemini's as one document, and as the chunks of a stream.

Pure. A text that came in pieces is one part again; a part that carries anything else beside its text stays by itself.
https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

GOOD: Final = frozenset(("STOP",))
_TEXT: Final = (frozenset(("text",)), frozenset(("text", "thought")))


def finished(document: Json) -> bool:
    """Whether every candidate came to its end by itself."""
    candidates = document.get("candidates")
    return bool(candidates) and all(each.get("finishReason") in GOOD for each in candidates or ())


def joined(events: list[Json]) -> Json | None:
    """The document of a stream's chunks."""
    document: Json = {}
    candidates: dict[int, Json] = {}
    for chunk in events:
        document.update({name: value for name, value in chunk.items() if name != "candidates" and value is not None})
        for piece in chunk.get("candidates") or ():
            candidate = candidates.setdefault(piece.get("index") or 0, {})
            for name, value in piece.items():
                if name == "content":
                    _join(candidate.setdefault("content", {}), value)
                elif value is not None:
                    candidate[name] = value
    document["candidates"] = [candidate for _, candidate in sorted(candidates.items())]
    return document


def split(document: Json, usage: bool) -> list[Json]:
    """One chunk: a stream of Gemini's may be as short as that."""
    return [document]


def _join(held: Json, more: Json) -> None:
    parts = held.setdefault("parts", [])
    held.update({name: value for name, value in more.items() if name != "parts"})
    for part in more.get("parts") or ():
        last = parts[-1] if parts else {}
        if part.keys() in _TEXT and last.keys() == part.keys() and last.get("thought") == part.get("thought"):
            last["text"] += part["text"]
        elif part != {"text": ""} or not parts:
            parts.append(dict(part))
