"""Helicone's prompt API, as its SDK's prompt managers ask it: stored prompts and their versions, to be read.

Owns the paths under `/v1/prompt-2025/` and the shape of their answers. A prompt's id is its name, a version's NAME@N;
bodies have Helicone's own tags, and partials in their places. Answers come from the shelf; nothing is changed here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from helicli.errors import HelicliError, NotFoundError, UsageError
from helicli.prompts import Compiled, Ref, no_prompt, ref
from helicli.prompts.template import ANY, Include, Tag, Template
from helicli.providers.filling import shaped
from helicli.providers.questions import CHAT
from helicli.proxy.prompts import Shelf
from helicli.store.prompts import StoredPrompt
from helicli.units import rfc3339

LEAD: Final = "/v1/prompt-2025"
_LIMIT: Final = 100


def answer(shelf: Shelf, method: str, path: str, body: bytes, address: str) -> tuple[int, bytes]:
    """Status and body of the answer to a path below `LEAD`; `address` is where the caller has found us."""
    words = [word for word in path.partition("?")[0].removeprefix(LEAD).split("/") if word]
    try:
        if method == "GET" and len(words) == 2 and words[0] == "body":
            return 200, msgspec.json.encode(_body(shelf, words[1]))
        if method == "GET" and len(words) == 2 and words[0] == "id":
            return _told(_prompt(_find(shelf, words[1])))
        if method == "GET" and words == ["tags"]:
            return _told([])
        asked = _QUERIES.get("/".join(words)) if method == "POST" else None
        if asked is not None:
            return _told(asked(shelf, _given(body), address))
    except HelicliError as error:
        return _told(None, f"{error.message}; {error.fix}", 404 if isinstance(error, NotFoundError) else 400)
    return _told(None, "helicli's prompts are changed by its commands; helicli prompts push", 501)


def _told(data: Any, error: str | None = None, status: int = 200) -> tuple[int, bytes]:
    return status, msgspec.json.encode({"data": data, "error": error})


def _given(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body or b"{}", type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UsageError("the body is no JSON object", 'send {"promptId": "…"}', str(error)) from None


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise UsageError(f"{key} is missing", f'send {{"{key}": "…"}}')
    return value


def _find(shelf: Shelf, name: str) -> StoredPrompt:
    if name not in shelf.prompts:
        raise no_prompt(name, shelf.prompts)
    return shelf.prompts[name]


def _list(shelf: Shelf, given: Mapping[str, Any], address: str) -> list[Any]:
    wanted, page, size = str(given.get("search") or ""), given.get("page") or 0, given.get("pageSize") or _LIMIT
    if not isinstance(page, int) or not isinstance(size, int) or page < 0 or size < 1:
        raise UsageError("page and pageSize are whole numbers", 'send {"page": 0, "pageSize": 10}')
    names = sorted(name for name in shelf.prompts if wanted.lower() in name.lower())
    return [_prompt(shelf.prompts[name]) for name in names[page * size : (page + 1) * size]]


def _by_id(shelf: Shelf, given: Mapping[str, Any], address: str) -> dict[str, Any]:
    wanted = ref(_text(given, "promptVersionId"))
    return _version(shelf, wanted, address)


def _in_production(shelf: Shelf, given: Mapping[str, Any], address: str) -> dict[str, Any]:
    return _version(shelf, Ref(_text(given, "promptId")), address)


def _in_environment(shelf: Shelf, given: Mapping[str, Any], address: str) -> dict[str, Any]:
    return _version(shelf, Ref(_text(given, "promptId"), None, _text(given, "environment")), address)


def _versions(shelf: Shelf, given: Mapping[str, Any], address: str) -> list[Any]:
    stored, major = _find(shelf, _text(given, "promptId")), given.get("majorVersion")
    numbers = [each.number for each in reversed(stored.versions) if major in (None, each.number)]
    return [_version(shelf, Ref(stored.name, number), address) for number in numbers]


_QUERIES: Final[Mapping[str, Callable[[Shelf, Mapping[str, Any], str], Any]]] = {
    "query": _list,
    "query/version": _by_id,
    "query/versions": _versions,
    "query/production-version": _in_production,
    "query/environment-version": _in_environment,
}


def _prompt(stored: StoredPrompt) -> dict[str, Any]:
    at = rfc3339(stored.versions[0].created_at)
    return {"id": stored.name, "name": stored.name, "tags": [], "created_at": at}


def _version(shelf: Shelf, wanted: Ref, address: str) -> dict[str, Any]:
    stored = _find(shelf, wanted.name)
    number = stored.number(wanted)
    each = stored.version(number)
    return {
        "id": f"{stored.name}@{number}",
        "model": shelf.get(stored.name, number).prompt.model,
        "prompt_id": stored.name,
        "major_version": number,
        "minor_version": 0,
        "commit_message": each.message,
        "environments": stored.labels_of(number),
        "created_at": rfc3339(each.created_at),
        "s3_url": f"{address}{LEAD}/body/{stored.name}@{number}",
    }


def _body(shelf: Shelf, which: str) -> dict[str, Any]:
    """A version as the body of a chat request, its variables as tags."""
    wanted = ref(which)
    number = _find(shelf, wanted.name).number(wanted)
    ready = shelf.get(wanted.name, number)
    body: dict[str, Any] = {"model": ready.prompt.model} if ready.prompt.model else {}
    body["messages"] = [{"role": each.role, "content": tagged(text, ready)} for each, text in ready.messages]
    body |= _tagged(ready.parameters, ready)
    if ready.prompt.tools:
        body["tools"] = [shaped(CHAT, each) for each in _tagged(ready.tools, ready)]
    return body


def tagged(template: Template, ready: Compiled) -> str:
    """A text with Helicone's tags; one of no type takes any value there too."""
    return "".join(_piece(piece, ready) for piece in template.pieces)


def _piece(piece: str | Tag | Include, ready: Compiled) -> str:
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Include):
        return ""
    return f"{{{{hc:{piece.name}:{ready.variables.get(piece.name, ANY)}}}}}"


def _tagged(tree: Any, ready: Compiled) -> Any:
    if isinstance(tree, Template):
        return tagged(tree, ready)
    if isinstance(tree, list):
        return [_tagged(each, ready) for each in tree]
    return {name: _tagged(each, ready) for name, each in tree.items()} if isinstance(tree, dict) else tree
