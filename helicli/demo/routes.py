"""Which answer the fake upstream gives to a request: its status, its fields and its body or events.

Owns the paths of OpenAI and Anthropic and their rules (a key, a model, known parameters); the others have a module
each, which `vendors` finds. Pure: a function of the request and its switches. It must never wait or write; that is
`play`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain, islice
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qs, unquote

import msgspec

from helicli.call import Headers
from helicli.demo import refusals, responses_api, shapes, vendors
from helicli.demo.answers import Ask, Json, compose, count_input, read_ask
from helicli.demo.reply import BINARY, EVENTS, RefusedError, Reply
from helicli.demo.seen import Seen
from helicli.demo.switches import Switches


def reply_to(seen: Seen, switches: Switches, request_id: str) -> Reply:
    """The answer to a request, in its dialect and under its switches."""
    if found := vendors.posed(seen.path):
        return vendors.reply_to(*found, seen, switches, request_id)
    anthropic = is_anthropic(seen)
    path = seen.path.partition("?")[0]
    try:
        _check_key(seen, anthropic)
        if switches.status is not None:
            raise RefusedError(switches.status)
        reply = _routed(seen, path, anthropic)(seen, switches)
    except RefusedError as refused:
        model = model_of(seen.body)
        if anthropic:
            text = refusals.anthropic_error(refused.status, request_id=request_id, model=model, text=refused.text)
        else:
            text = refusals.openai_error(
                refused.status, model=model, text=refused.text, code=refused.code, param=refused.param
            )
        body = b"" if refused.status in (204, 304) else text
        reply = Reply(status=refused.status, fields=refusals.status_fields(refused.status), body=body)
    if switches.error is not None and reply.kind == EVENTS:
        broken = refusals.error_event(anthropic=anthropic, named=path == "/v1/responses")
        reply = msgspec.structs.replace(reply, parts=chain(islice(reply.parts, switches.error), [broken]))
    return msgspec.structs.replace(reply, fields=[*_provider_fields(anthropic, request_id), *reply.fields])


def is_anthropic(seen: Seen) -> bool:
    """Whether a request is in Anthropic's dialect: by its path, or by the field all its clients send."""
    path = seen.path.partition("?")[0]
    return path == "/v1/complete" or path.startswith("/v1/messages") or seen.header(b"anthropic-version") is not None


def model_of(body: bytes) -> str:
    """The model a request names, or nothing."""
    try:
        return str(msgspec.json.decode(body, type=Json).get("model") or "")
    except msgspec.DecodeError:
        return ""


def _check_key(seen: Seen, anthropic: bool) -> None:
    given = seen.header(b"x-api-key") or seen.header(b"authorization")
    if not given:
        text = "x-api-key header is required" if anthropic else _NO_KEY
        raise RefusedError(401, text)
    key = given.decode("latin-1").removeprefix("Bearer ")
    if key.startswith("sk-wrong"):
        where = "You can find your API key at https://platform.openai.com/account/api-keys."
        text = f"invalid x-api-key: {key}" if anthropic else f"Incorrect API key provided: {key}. {where}"
        raise RefusedError(401, text, code="invalid_api_key")


def _routed(seen: Seen, path: str, anthropic: bool) -> Callable[[Seen, Switches], Reply]:
    known = _ANTHROPIC_ROUTES if anthropic else _OPENAI_ROUTES
    if handler := known.get((seen.method, path)):
        return handler
    if any(path == other for _, other in known):
        raise RefusedError(405, f"Not allowed to {seen.method} on {path}.", code="method_not_supported")
    if seen.method == "GET" and path.startswith("/v1/models/"):
        return _anthropic_model if anthropic else _model
    if seen.method == "GET" and path.startswith("/v1/files/") and path.endswith("/content"):
        return _file_content
    raise RefusedError(404, "Not Found" if anthropic else f"Invalid URL ({seen.method} {path})")


def _ask(seen: Seen) -> Ask:
    try:
        ask = read_ask(seen.body)
    except ValueError as error:
        raise RefusedError(400) from error
    if not ask.model:
        raise RefusedError(400, "you must provide a model parameter")
    if ask.model == "no-stream-options" and ask.stream_options:
        name = "stream_options.include_usage"
        raise RefusedError(400, f"Unknown parameter: '{name}'.", code="unknown_parameter", param=name)
    if ask.stream_options and not ask.stream:
        text = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise RefusedError(400, text, param="stream_options")
    return ask


def _chat(seen: Seen, switches: Switches) -> Reply:
    ask = _ask(seen)
    answer = compose(ask, switches.events, switches.size)
    if ask.stream:
        return Reply(kind=EVENTS, parts=shapes.chat_events(answer, include_usage=ask.include_usage))
    return Reply(body=shapes.chat(answer))


def _completion(seen: Seen, switches: Switches) -> Reply:
    ask = _ask(seen)
    answer = compose(ask, switches.events, switches.size)
    if ask.stream:
        return Reply(kind=EVENTS, parts=shapes.completion_events(answer, include_usage=ask.include_usage))
    return Reply(body=shapes.completion(answer))


def _response(seen: Seen, switches: Switches) -> Reply:
    ask = _ask(seen)
    answer = compose(ask, switches.events, switches.size)
    if ask.stream:
        return Reply(kind=EVENTS, parts=responses_api.response_events(answer))
    return Reply(body=responses_api.response(answer))


def _message(seen: Seen, switches: Switches) -> Reply:
    ask = _ask(seen)
    if ask.limit is None:
        raise RefusedError(400, "max_tokens: Field required")
    answer = compose(ask, switches.events, switches.size)
    if ask.stream:
        return Reply(kind=EVENTS, parts=shapes.message_events(answer))
    return Reply(body=shapes.message(answer))


def _count_tokens(seen: Seen, switches: Switches) -> Reply:
    return Reply(body=shapes.compact({"input_tokens": count_input(_ask(seen))}))


def _embeddings(seen: Seen, switches: Switches) -> Reply:
    ask = _ask(seen)
    body = msgspec.json.decode(seen.body, type=Json)
    dimensions = body.get("dimensions", 1536)
    if not isinstance(dimensions, int) or not 1 <= dimensions <= 3072:
        raise RefusedError(400, "Invalid value for 'dimensions'.", param="dimensions")
    packed = body.get("encoding_format") == "base64"
    return Reply(body=shapes.embeddings(ask.model, [text for _, text in ask.rows], dimensions, packed=packed))


def _models(seen: Seen, switches: Switches) -> Reply:
    return Reply(body=shapes.models())


def _model(seen: Seen, switches: Switches) -> Reply:
    name = _last_part(seen)
    if name not in shapes.OPENAI_MODELS:
        raise RefusedError(404, f"The model '{name}' does not exist", code="model_not_found", param="model")
    return Reply(body=shapes.pretty(shapes.model(name)))


def _anthropic_models(seen: Seen, switches: Switches) -> Reply:
    return Reply(body=shapes.anthropic_models())


def _anthropic_model(seen: Seen, switches: Switches) -> Reply:
    name = _last_part(seen)
    if name not in shapes.ANTHROPIC_MODELS:
        raise RefusedError(404, f"model: {name}")
    return Reply(body=shapes.compact(shapes.anthropic_model(name)))


def _file(seen: Seen, switches: Switches) -> Reply:
    if not (seen.header(b"content-type") or b"").startswith(b"multipart/form-data"):
        raise RefusedError(400, "Expected multipart/form-data.")
    return Reply(body=shapes.file(seen.body))


def _file_content(seen: Seen, switches: Switches) -> Reply:
    asked = parse_qs(seen.path.partition("?")[2]).get("size", ["1024"])[0]
    if not asked.isdecimal():
        raise RefusedError(400, "size is a whole number of bytes", param="size")
    return Reply(kind=BINARY, parts=shapes.binary(int(asked)), size=int(asked))


def _last_part(seen: Seen) -> str:
    return unquote(seen.path.partition("?")[0].removeprefix("/v1/models/"))


def _provider_fields(anthropic: bool, request_id: str) -> Headers:
    named = _ANTHROPIC_FIELDS if anthropic else _OPENAI_FIELDS
    mark = request_id.removeprefix("req_").encode()
    own = [(b"request-id" if anthropic else b"x-request-id", request_id.encode()), (b"cf-ray", mark[:16] + b"-FRA")]
    return [*named, *own, *((b"set-cookie", cookie.replace(b"MARK", mark)) for cookie in _COOKIES)]


_NO_KEY: Final = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY)."
)
_COOKIES: Final = (
    b"__cf_bm=MARK; path=/; expires=Thu, 01-Jan-26 00:30:00 GMT; domain=.example.invalid; HttpOnly; Secure",
    b"_cfuvid=MARK; path=/; domain=.example.invalid; HttpOnly; Secure; SameSite=None",
)
_OPENAI_FIELDS: Final = (
    (b"openai-organization", b"org-demo"),
    (b"openai-processing-ms", b"412"),
    (b"openai-version", b"2020-10-01"),
    (b"x-ratelimit-limit-requests", b"10000"),
    (b"x-ratelimit-limit-tokens", b"2000000"),
    (b"x-ratelimit-remaining-requests", b"9999"),
    (b"x-ratelimit-remaining-tokens", b"1999840"),
    (b"x-ratelimit-reset-requests", b"6ms"),
    (b"x-ratelimit-reset-tokens", b"4ms"),
)
_ANTHROPIC_FIELDS: Final = (
    (b"anthropic-organization-id", b"00000000-0000-4000-8000-00000000demo"),
    (b"anthropic-ratelimit-requests-limit", b"4000"),
    (b"anthropic-ratelimit-requests-remaining", b"3999"),
    (b"anthropic-ratelimit-tokens-limit", b"480000"),
    (b"anthropic-ratelimit-tokens-remaining", b"479000"),
)
_Routes = Mapping[tuple[str, str], Callable[[Seen, Switches], Reply]]
_OPENAI_ROUTES: Final[_Routes] = MappingProxyType(
    {
        ("POST", "/v1/chat/completions"): _chat,
        ("POST", "/v1/completions"): _completion,
        ("POST", "/v1/responses"): _response,
        ("POST", "/v1/embeddings"): _embeddings,
        ("GET", "/v1/models"): _models,
        ("POST", "/v1/files"): _file,
    }
)
_ANTHROPIC_ROUTES: Final[_Routes] = MappingProxyType(
    {
        ("POST", "/v1/messages"): _message,
        ("POST", "/v1/messages/count_tokens"): _count_tokens,
        ("GET", "/v1/models"): _anthropic_models,
        ("POST", "/v1/files"): _file,
    }
)
