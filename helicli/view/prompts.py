"""Prompts as people and programs see them: lists of them and of their versions, what a push did, what is different.

Pure. A difference is told by words: on a terminal with colour by colour, else between `[-` and `-]`, `{+` and `+}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from helicli.prompts import PRODUCTION, Compiled, Source
from helicli.query.prompts import Mean, Uses
from helicli.store.prompts import Kept, StoredPrompt, Version
from helicli.units import ago, dollars, rfc3339, seconds
from helicli.view.fields import pairs
from helicli.view.safe import safe
from helicli.view.style import Painted, Style, painted

LIST: Final = ("name", "used", "versions", "labels", "calls", "changed_at")
LIST_TITLES: Final = ("NAME", "IN USE", "VERSIONS", "LABELS", "CALLS", "CHANGED")
LOG: Final = ("version", "created_at", "hash", "message", "calls", "cost_usd", "p50_ms", "labels", "scores")
LOG_TITLES: Final = ("VERSION", "PUSHED", "HASH", "MESSAGE", "CALLS", "COST", "P50", "LABELS", "SCORE")
PUSHED: Final = ("name", "version", "state", "added", "removed", "used", "labels")
_WORDS: Final = re.compile(r"\s+|\w+|[^\w\s]")
_CONTEXT: Final = 3
_HASH: Final = 8
_SHORT: Final = 4


def version(number: int) -> str:
    """`v3`."""
    return f"v{number}"


def listed(stored: StoredPrompt, calls: int) -> dict[str, Any]:
    """A prompt for JSON."""
    return {
        "name": stored.name,
        "used": stored.used,
        "versions": len(stored.versions),
        "labels": dict(stored.labels),
        "calls": calls,
        "changed_at": rfc3339(stored.versions[-1].created_at),
    }


def list_row(told: Mapping[str, Any], stored: StoredPrompt, now_ms: int | None) -> list[str]:
    """The same as the texts of its columns; for people with `now_ms`."""
    labels = ", ".join(f"{label} {version(number)}" for label, number in stored.labels.items())
    changed = told["changed_at"] if now_ms is None else ago(stored.versions[-1].created_at, now_ms)
    return [stored.name, version(stored.used), str(told["versions"]), labels, f"{told['calls']:,}", changed]


def logged(stored: StoredPrompt, each: Version, used: Uses | None, scored: Mapping[str, Mean]) -> dict[str, Any]:
    """A version for JSON."""
    return {
        "version": each.number,
        "created_at": rfc3339(each.created_at),
        "hash": each.hash.hex()[:_HASH],
        "message": each.message,
        "calls": used.calls if used else 0,
        "errors": used.errors if used else 0,
        "cost_usd": used.cost_nano / 1e9 if used else 0,
        "unpriced": used.unpriced if used else 0,
        "p50_ms": used.p50_us / 1000 if used and used.p50_us is not None else None,
        "scores": {name: {"mean": mean.value, "calls": mean.calls} for name, mean in scored.items()},
        "labels": stored.labels_of(each.number),
        "used": stored.used == each.number,
    }


def score_names(scored: Iterable[Mapping[str, Mean]]) -> list[str]:
    """The names of all scores that any version has."""
    return sorted({name for each in scored for name in each})


def log_texts(told: Mapping[str, Any], text: Callable[[Any], str]) -> list[str]:
    """The same for programs, by tab stops."""
    means = {name: each["mean"] for name, each in told["scores"].items()}
    return [pairs(means) if name == "scores" else text(told[name]) for name in LOG]


def _scores(scored: Mapping[str, Mean], *, named: bool) -> str:
    """`0.81`; where there are scores of several names, each with its own."""
    return " ".join(f"{f'{name} ' if named else ''}{mean.value:.2f}" for name, mean in scored.items())


def log_row(
    stored: StoredPrompt, each: Version, used: Uses | None, scored: Mapping[str, Mean], now_ms: int, *, named: bool
) -> list[str]:
    """The same as the texts of its columns, for people; `named` where there are scores of several names."""
    labels = stored.labels_of(each.number)
    if stored.used == each.number and PRODUCTION not in labels:
        labels = ["in use", *labels]
    return [
        version(each.number),
        ago(each.created_at, now_ms),
        each.hash.hex()[:_SHORT],
        f'"{each.message}"' if each.message else "",
        f"{used.calls if used else 0:,}",
        dollars(used.cost_nano) if used else "",
        seconds(used.p50_us) if used and used.p50_us is not None else "",
        f"← {', '.join(labels)}" if labels else "",
        _scores(scored, named=named),
    ]


def pushed(kept: Kept, added: int, removed: int) -> dict[str, Any]:
    """What became of a pushed prompt, for JSON."""
    return {
        "name": kept.name,
        "version": kept.number,
        "state": "new" if kept.new else "unchanged",
        "added": added,
        "removed": removed,
        "used": kept.used,
        "labels": list(kept.labels),
    }


def pushed_row(kept: Kept, added: int, removed: int) -> list[str]:
    """The same as a line for people."""
    lines = f"+{added} −{removed}" if kept.new else ""
    labels = f"label {', '.join(kept.labels)}" if kept.labels else ""
    if kept.new and kept.used != kept.number:
        labels = f"label {PRODUCTION} stays at {version(kept.used)}"
    return [kept.name, version(kept.number), "new" if kept.new else "unchanged", lines, labels]


def counted(before: Source | None, after: Source) -> tuple[int, int]:
    """How many lines were added and removed."""
    added = removed = 0
    for name in _names(before, after):
        for tag, old, new in _changes(_lines(before, name), _lines(after, name)):
            if tag != "equal":
                removed, added = removed + len(old), added + len(new)
    return added, removed


def difference(before: Source, after: Source, style: Style) -> Iterator[Painted]:
    """The lines of a difference, by words, with a few lines around each; nothing where there is none."""
    for name in _names(before, after):
        found = _changes(_lines(before, name), _lines(after, name))
        if all(tag == "equal" for tag, _, _ in found):
            continue
        if before.partials or after.partials:
            yield style.accent(safe(name))
        for at, (tag, old, new) in enumerate(found):
            if tag == "equal":
                yield from _around(old, first=at == 0, last=at == len(found) - 1, style=style)
            else:
                yield from _changed("\n".join(old), "\n".join(new), style)


def _around(lines: Sequence[str], *, first: bool, last: bool, style: Style) -> Iterator[Painted]:
    head = [] if first else list(lines[:_CONTEXT])
    tail = [] if last else list(lines[max(len(head), len(lines) - _CONTEXT) :])
    yield from (painted(safe(line)) for line in head)
    if len(head) + len(tail) < len(lines) and not (first and last):
        yield style.dim("…")
    yield from (painted(safe(line)) for line in tail)


def _changed(old: str, new: str, style: Style) -> Iterator[Painted]:
    """Lines that differ, their words marked."""
    pieces: list[tuple[str, str]] = []
    for tag, gone, come in _changes(_WORDS.findall(old), _WORDS.findall(new)):
        if tag == "equal":
            pieces.append(("", "".join(gone)))
        else:
            pieces += [("-", "".join(gone)), ("+", "".join(come))]
    lines: list[list[Painted]] = [[]]
    for sign, text in pieces:
        for at, line in enumerate(text.split("\n")):
            if at:
                lines.append([])
            if line:
                lines[-1].append(_marked(sign, safe(line), style))
    for parts in lines:
        yield Painted("".join(parts))


def _marked(sign: str, text: str, style: Style) -> Painted:
    if not sign:
        return painted(text)
    if style.on:
        return style.gone(text) if sign == "-" else style.come(text)
    return painted(f"[-{text}-]" if sign == "-" else f"{{+{text}+}}")


def _changes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, list[str], list[str]]]:
    from difflib import SequenceMatcher

    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(tag, list(old[a:b]), list(new[c:d])) for tag, a, b, c, d in found]


def _names(before: Source | None, after: Source) -> list[str]:
    """The files of both, the prompt's own under one name though it may have another now."""
    partials = [each.name for source in (before, after) if source for each in source.partials]
    return list(dict.fromkeys([after.file.name, *partials]))


def _lines(source: Source | None, name: str) -> list[str]:
    if source is None:
        return []
    files = {each.name: each.text for each in source.partials}
    return files.get(name, source.file.text if name not in files and name[:1] != "_" else "").splitlines()


def shown(stored: StoredPrompt, number: int, source: Source, compiled: Compiled) -> dict[str, Any]:
    """A version for JSON, whole."""
    each, prompt = stored.version(number), compiled.prompt
    return {
        "name": stored.name,
        "version": number,
        "used": stored.used == number,
        "hash": each.hash.hex(),
        "labels": stored.labels_of(number),
        "message": each.message,
        "created_at": rfc3339(each.created_at),
        "model": prompt.model or None,
        "description": prompt.description or None,
        "parameters": prompt.parameters,
        "tools": list(prompt.tools),
        "defaults": prompt.defaults,
        "variables": compiled.variables,
        "messages": [{"role": message.role, "content": message.text} for message in prompt.messages],
        "files": {file.name: file.text for file in (source.file, *source.partials)},
    }
