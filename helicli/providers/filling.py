"""A prompt put into a request's body, in three dialects: OpenAI's chat and Responses, Anthropic's messages.

Owns where messages, instructions, parameters and tools stand in each. What is said of neither the prompt nor a variable
keeps its bytes. The prompt's messages come first; those of the request that repeat its end are taken once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from helicli.errors import UsageError
from helicli.prompts import Compiled, Filled, Message
from helicli.prompts.template import Inputs, in_json, parse
from helicli.providers.questions import CHAT, MESSAGES, RESPONSES

KINDS: Final = (CHAT, RESPONSES, MESSAGES)
"""The kinds of questions that a prompt can be put into."""

PROMPT_KEYS: Final = ("prompt_id", "version_id", "environment", "inputs")
"""What a body says of a prompt; Helicone's gateway takes it there."""

_INSTRUCTING: Final = ("system", "developer")
_LISTS: Final = {CHAT: "messages", RESPONSES: "input", MESSAGES: "messages"}
_FIELDS: Final = {RESPONSES: "instructions", MESSAGES: "system"}
_LENGTHS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_LENGTH_OF: Final = {RESPONSES: "max_output_tokens", MESSAGES: "max_tokens"}
_TEXTS: Final = ("text", "input_text", "output_text")
_KEY: Final = b'"prompt_id"'
_SIGNS: Final = re.compile(rb'[{}\[\]]|"[^"\\]*(?:\\.[^"\\]*)*(?:"(?:\s*:)?|\\?\Z)', re.DOTALL)
"""Brackets and texts, and with a key its colon. A text that is cut off is one too: none is looked for twice."""
_NOTHING: Final = (b"null", b'""')

_object = msgspec.json.Decoder(dict[str, Raw])
_list = msgspec.json.Decoder(list[Raw])
_encode: Final = msgspec.json.encode


class Said(Struct, frozen=True):
    """What a body itself says of a prompt."""

    prompt: str
    version: str | None = None
    environment: str | None = None
    inputs: dict[str, Any] = {}


def read(body: bytes) -> dict[str, Raw]:
    """The keys of a body. Raises UsageError for what is no JSON object."""
    try:
        return _object.decode(body) if body.strip() else {}
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UsageError("the body is no JSON object", "send JSON", str(error)) from None


def said(top: Mapping[str, Raw]) -> Said | None:
    """What the keys of a body say of a prompt, None where they have no `prompt_id`. Raises UsageError.

    One that is null or empty names none: a client may always send the key.
    """
    if "prompt_id" not in top:
        return None
    if bytes(top["prompt_id"]) in _NOTHING:
        return Said("")
    values = {key: _value(top[key]) for key in PROMPT_KEYS if key in top}
    inputs = values.get("inputs")
    version = values.get("version_id")
    texts = (values["prompt_id"], values.get("environment") or "", str(version or ""))
    if not all(isinstance(text, str) for text in texts) or not isinstance(inputs, dict | None):
        raise UsageError(
            "prompt_id and environment are texts and inputs is an object", 'write "inputs": {"question": "Hello"}'
        )
    return Said(texts[0], texts[2] or None, texts[1] or None, inputs or {})


def names_one(begin: bytes) -> bool:
    """Whether the begin of a body, which is not there whole, names a prompt among its own keys."""
    depth = 0
    for found in _SIGNS.finditer(begin):
        sign = found[0]
        if sign in b"{[":
            depth += 1
        elif sign in b"}]":
            depth -= 1
        elif depth == 1 and sign.startswith(_KEY) and sign.endswith(b":"):
            return True
    return False


def fill(kind: str, top: Mapping[str, Raw], prompt: Compiled | None, values: Mapping[str, Any] | None) -> bytes:
    """The body with a prompt in it, and with its variables filled where there are values.

    Raises UsageError that names what is missing.
    """
    inputs = prompt.inputs(values or {}) if prompt else Inputs(values or {})
    own = inputs if values is not None else None
    body: dict[str, Any] = dict(top)
    if prompt is None:
        if own is not None:
            _fill_alone(kind, body, own)
    else:
        filled = prompt.fill({}, inputs)
        raw = [each for each, _ in prompt.messages]
        _put_messages(kind, body, raw, filled, own)
        _put_parameters(kind, body, filled)
        _put_tools(kind, body, filled.tools)
    inputs.check(prompt.shown if prompt else "the request", in_json)
    return _encode(body)


def _fill_alone(kind: str, body: dict[str, Any], inputs: Inputs) -> None:
    """Fill the variables of the request's own messages."""
    for key in (_LISTS[kind], _FIELDS.get(kind, "")):
        if key in body:
            body[key] = _filled(body[key], inputs)


def _put_messages(
    kind: str, body: dict[str, Any], raw: Sequence[Message], filled: Filled, inputs: Inputs | None
) -> None:
    field, key = _FIELDS.get(kind), _LISTS[kind]
    pairs = list(zip(raw, filled.messages, strict=True))
    if field is not None:
        instructing = [pair for pair in pairs if pair[0].role in _INSTRUCTING]
        pairs = [pair for pair in pairs if pair[0].role not in _INSTRUCTING]
        if instructing:
            body[field] = _instructions(body.get(field), instructing, inputs)
        elif field in body and inputs is not None:
            body[field] = _filled(body[field], inputs)
    given = body.get(key)
    asked = _asked(given)
    if not pairs and kind == RESPONSES:
        if given is not None and inputs is not None:
            body[key] = _filled(given, inputs)
        return
    same = _repeated([each for each, _ in pairs], asked)
    rest = [each if inputs is None else _filled(each, inputs) for each in asked[same:]]
    body[key] = [*({"role": each.role, "content": each.text} for _, each in pairs), *rest]


def _asked(given: Any) -> list[Any]:
    """The request's messages, each as it came; the text of a Responses input is one of them."""
    if given is None or bytes(given) in _NOTHING:
        return []
    value = bytes(given)
    if value[:1] == b'"':
        return [Raw(b'{"role":"user","content":' + value + b"}")]
    try:
        return list(_list.decode(value))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise UsageError("the messages are no list", 'write "messages": [{"role": "user", "content": "…"}]') from None


def _repeated(end: Sequence[Message], asked: Sequence[Raw]) -> int:
    """How many of the first messages of a request are the last ones of a prompt, before anything is filled in."""
    first = [_told(each) for each in asked[: len(end)]]
    for count in range(len(first), 0, -1):
        if first[:count] == [(each.role, each.text) for each in end[-count:]]:
            return count
    return 0


def _told(raw: Raw) -> tuple[str, str] | None:
    message = _value(raw)
    if not isinstance(message, dict):
        return None
    content = message.get("content")
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], dict):
        content = content[0].get("text") if content[0].get("type") in _TEXTS else None
    return (str(message.get("role")), content) if isinstance(content, str) else None


def _instructions(given: Any, pairs: Sequence[tuple[Message, Message]], inputs: Inputs | None) -> Any:
    """The system's text: the prompt's, then the request's; once where the request has the same."""
    text = "\n\n".join(each.text for _, each in pairs)
    raw = "\n\n".join(each.text for each, _ in pairs)
    value = _value(given) if given is not None else None
    if isinstance(value, list):
        blocks = value[1:] if value and isinstance(value[0], dict) and value[0].get("text") == raw else value
        return [{"type": "text", "text": text}, *(_walk(each, inputs) for each in blocks)]
    if not value or value == raw:
        return text
    return f"{text}\n\n{_walk(value, inputs)}"


def _filled(value: Any, inputs: Inputs) -> Any:
    """A part of the body with its variables filled; as it came where there are none."""
    data = bytes(value)
    return _walk(_value(value), inputs) if b"{{" in data else value


def _walk(value: Any, inputs: Inputs | None) -> Any:
    """Texts, contents of messages, and texts of their parts."""
    if inputs is None:
        return value
    if isinstance(value, str):
        return inputs.fill(parse(value, strict=False)) if "{{" in value else value
    if isinstance(value, list):
        return [_walk(each, inputs) for each in value]
    if isinstance(value, dict):
        return {key: _walk(each, inputs) if key in ("content", "text") else each for key, each in value.items()}
    return value


def _put_parameters(kind: str, body: dict[str, Any], filled: Filled) -> None:
    """The prompt's parameters, where the request has none of that name."""
    if filled.model and bytes(body.get("model", b"null")) in _NOTHING:
        body["model"] = filled.model
    for name, value in filled.parameters.items():
        if name in _LENGTHS:
            if any(each in body for each in _LENGTHS):
                continue
            name = _LENGTH_OF.get(kind, "max_completion_tokens" if name == "max_output_tokens" else name)
        body.setdefault(name, value)


def _put_tools(kind: str, body: dict[str, Any], tools: Sequence[Any]) -> None:
    """The prompt's tools, then the request's; of two with one name that of the request."""
    if not tools:
        return
    given = _asked(body.get("tools"))
    names = {_tool_name(_value(each)) for each in given}
    own = [shaped(kind, each) for each in tools]
    body["tools"] = [*(each for each in own if _tool_name(each) not in names), *given]


def shaped(kind: str, tool: Any) -> Any:
    """A tool as the dialect has it; one that is written in a dialect's own form stays as it is."""
    if (
        not isinstance(tool, dict)
        or "name" not in tool
        or any(key in tool for key in ("type", "function", "input_schema"))
    ):
        return tool
    schema = tool.get("parameters", {"type": "object", "properties": {}})
    plain = {key: value for key, value in tool.items() if key != "parameters"}
    if kind == MESSAGES:
        return {**plain, "input_schema": schema}
    return (
        {"type": "function", **plain, "parameters": schema}
        if kind == RESPONSES
        else {"type": "function", "function": {**plain, "parameters": schema}}
    )


def _tool_name(tool: Any) -> str | None:
    if not isinstance(tool, dict):
        return None
    inner = tool.get("function")
    name = inner.get("name") if isinstance(inner, dict) else tool.get("name")
    return name if isinstance(name, str) else None


def _value(raw: Any) -> Any:
    """The JSON value of bytes. Raises UsageError."""
    try:
        return msgspec.json.decode(bytes(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UsageError("the body is no JSON object", "send JSON", str(error)) from None
