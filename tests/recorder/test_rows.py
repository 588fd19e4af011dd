"""An exchange read into a row, whatever its bytes are."""

from __future__ import annotations

import gzip
import json
import zlib
from sys import version_info

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from helicli import headers as h
from helicli.call import Body, Exchange, Head, Prompted, Tags
from helicli.recorder.price import Prices
from helicli.recorder.rows import make_row, readable
from tests.providers import shapes
from tests.recorder.scene import JSON, begin, end

if version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PRICES = Prices()
STREAM = "text/event-stream"
CHAT = json.dumps(shapes.CHAT).encode()
MESSAGE = json.dumps(shapes.MESSAGE).encode()
ASKED = b'{"model":"gpt-4o","user":"u1","messages":[{"role":"user","content":"How are you today?"}]}'
STREAMED = shapes.sse(shapes.chunk({"content": "Hello there"}), shapes.chunk({}, "stop"), shapes.USAGE_EVENT)
ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def _row(response=CHAT, content_type="application/json", *, request=ASKED, head=True, encoding=None, tags=None, **more):
    fields = [(b"content-type", content_type.encode())]
    if encoding:
        fields.append((b"content-encoding", encoding.encode()))
    begun = {name: more.pop(name) for name in ("dialect", "provider", "path") if name in more}
    ended = end(**more)
    return make_row(
        Exchange(
            begin("n", **begun, **({"tags": tags} if tags else {})),
            Head(ended.status or 0, fields) if head else None,
            Body(request, len(request or b"")),
            Body(response, len(response or b"")),
            ended,
        ),
        PRICES,
        "box",
    )


def _anthropic(response, content_type="application/json", **more):
    return _row(response, content_type, dialect="anthropic", provider="anthropic", path="/v1/messages", **more)


def test_openai_json():
    row = _row()
    assert (row.words.model, row.words.requested_model, row.words.finish_reason) == (
        "gpt-4o-2024-08-06",
        "gpt-4o",
        "stop",
    )
    assert (row.words.user, row.words.error, row.words.path) == ("u1", None, "/v1/chat/completions")
    plain = row.plain
    assert (plain.input_tokens, plain.cache_read_tokens, plain.output_tokens, plain.reasoning_tokens) == (
        86,
        1920,
        300,
        128,
    )
    assert plain.cost_nano == 86 * 2500 + 1920 * 1250 + 300 * 10_000
    assert json.loads(plain.usage) == shapes.CHAT_USAGE
    assert not plain.usage_estimated
    assert not plain.stream
    assert row.words.price_source.startswith("genai-prices ")


def test_anthropic_json():
    row = _anthropic(MESSAGE)
    assert row.words.model == shapes.MESSAGE["model"]
    assert row.plain.output_tokens == shapes.MESSAGE["usage"]["output_tokens"]
    assert row.plain.input_tokens == shapes.MESSAGE["usage"]["input_tokens"]
    assert row.plain.cost_nano > 0


def test_openai_stream():
    row = _row(STREAMED, STREAM, ttft_us=9)
    assert row.plain.stream
    assert (row.plain.output_tokens, row.words.finish_reason, row.words.error) == (300, "stop", None)
    assert row.plain.cost_nano == _row().plain.cost_nano


def test_anthropic_stream():
    row = _anthropic(shapes.named(*shapes.MESSAGE_STREAM), STREAM)
    assert row.plain.stream
    assert row.words.error is None
    assert not row.plain.usage_estimated
    assert row.plain.cost_nano > 0


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("response", [CHAT, STREAMED], ids=["json", "stream"])
def test_compressed_bodies_are_read_and_kept_as_they_came(encoding, response):
    content_type = STREAM if response is STREAMED else "application/json"
    packed = ENCODERS[encoding](response)
    row = _row(packed, content_type, encoding=encoding)
    assert row.plain.cost_nano == _row().plain.cost_nano
    assert row.response == packed
    assert row.response_size == len(packed)


@pytest.mark.parametrize("encoding", [*ENCODERS, "gzip, br", "unknown"])
def test_what_does_not_decode_is_no_error(encoding):
    row = _row(b"not encoded at all", encoding=encoding)
    assert row.words.error is None
    assert row.plain.cost_nano in (None, 0) or row.plain.usage_estimated


def test_a_compressed_request_is_read():
    fields = [(b"content-encoding", b"gzip")]
    assert readable(fields, gzip.compress(ASKED)) == ASKED
    assert readable(fields, b"plain") == b"plain"
    assert readable([], None) == b""


@pytest.mark.parametrize("cut", [1, len(STREAMED) // 3, len(STREAMED) // 2])
def test_a_cut_stream_is_estimated_and_named(cut):
    row = _row(STREAMED[: cut * 1], STREAM)
    assert row.words.error == "upstream_cut"
    assert row.plain.error_message == "the stream ended without its last event"
    assert row.plain.usage_estimated
    assert row.plain.input_tokens > 0
    assert row.plain.cost_nano > 0
    assert row.words.model == ("gpt-4o-2024-08-06" if cut > 200 else "gpt-4o")


def test_a_stream_of_nothing_was_cut():
    row = _row(b"", STREAM)
    assert row.words.error == "upstream_cut"
    assert row.plain.cost_nano is None


def test_a_stream_whose_copy_was_dropped_was_not_cut():
    row = _row(None, STREAM)
    assert row.words.error is None
    assert row.plain.cost_nano is None
    assert row.response is None


def test_a_cut_stream_keeps_the_proxys_word():
    row = _row(STREAMED[:200], STREAM, error="client_closed", error_message="gone")
    assert (row.words.error, row.plain.error_message) == ("client_closed", "gone")
    assert row.plain.usage_estimated


def test_a_client_that_left_after_the_last_event_was_satisfied():
    row = _row(STREAMED, STREAM, error="client_closed", error_message="gone")
    assert (row.words.error, row.plain.error_message, row.plain.usage_estimated) == (None, None, False)
    row = _row(CHAT, error="client_closed", error_message="gone")
    assert row.words.error == "client_closed", "a body that is no stream has no last event"


def test_a_cut_compressed_stream_is_estimated():
    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(STREAMED[:400]) + packer.flush(zlib.Z_SYNC_FLUSH)
    row = _row(packed, STREAM, encoding="gzip")
    assert row.words.error == "upstream_cut"
    assert row.plain.usage_estimated


def test_an_error_answer_costs_nothing():
    row = _row(b'{"error":{"message":"no such model","type":"invalid_request_error"}}', status=404)
    assert (row.plain.cost_nano, row.plain.status, row.words.error) == (0, 404, None)
    assert row.plain.error_message == "no such model"
    assert row.words.model == "gpt-4o"
    assert row.plain.input_tokens is None
    row = _anthropic(b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', status=529)
    assert (row.plain.cost_nano, row.plain.error_message) == (0, "Overloaded")


def test_an_error_inside_a_good_status_is_the_providers():
    broken = shapes.sse(shapes.chunk({"content": "Hel"}), {"error": {"message": "overloaded"}}, done=False)
    row = _row(broken, STREAM)
    assert (row.words.error, row.plain.error_message) == ("provider_error", "overloaded")


def test_nothing_sent_and_nothing_came():
    row = _row(b"", head=False, request=b"", status=None, error="client_closed", error_message="gone")
    assert (row.words.error, row.plain.status, row.plain.cost_nano) == ("client_closed", None, 0)
    assert (row.response_headers, row.response) == (None, None)
    assert (row.request, row.request_size) == (b"", 0)


def test_a_paid_answer_without_figures_has_no_price():
    row = _row(b'{"model":"gpt-4o","choices":[]}')
    assert row.plain.cost_nano is None
    assert row.plain.input_tokens is None


def test_tokens_without_a_rate_have_no_price():
    row = _row(CHAT.replace(b"gpt-4o-2024-08-06", b"zonk-9000"), request=b"{}")
    assert (row.words.model, row.plain.cost_nano, row.words.price_source) == ("zonk-9000", None, None)
    assert row.plain.input_tokens == 86
    assert _row(provider="local").plain.cost_nano is None


def test_no_tokens_cost_nothing():
    row = _row(b'{"model":"zonk","usage":{"prompt_tokens":0,"completion_tokens":0}}')
    assert row.plain.cost_nano == 0


def test_a_list_of_models_costs_nothing():
    row = _row(b'{"object":"list","data":[]}', request=b"", path="/v1/models?limit=2")
    assert (row.plain.cost_nano, row.words.path, row.words.model) == (0, "/v1/models", None)


def test_invalid_utf8_is_kept_and_read_leniently():
    body = CHAT.replace(b"Hello!", b"\xff\xfe")
    row = _row(body, request=b'{"model":"gpt-4o","x":"\xff"}')
    assert row.response == body
    assert row.words.error is None
    assert row.plain.output_tokens in (300, None)


def test_the_callers_own_words():
    tags = Tags("me", "s", "/a", "sn", "n", "p", "rid", {"env": "dev"})
    row = _row(tags=tags)
    words = row.words
    assert (words.user, words.session, words.session_path, words.session_name, words.name, words.prompt) == (
        "me",
        "s",
        "/a",
        "sn",
        "n",
        "p",
    )
    assert (row.plain.request_id, row.properties) == ("rid", {"env": "dev"})


def test_the_callers_model_is_the_one_of_the_price_alone():
    row = _row(tags=Tags(model_override="gpt-4o-mini"))
    assert row.plain.cost_nano == 86 * 150 + 1920 * 75 + 300 * 600
    assert (row.words.model, row.words.requested_model) == ("gpt-4o-2024-08-06", "gpt-4o")


def _kept(bodies, tags=None, request=b"in", response=b"out"):
    exchange = Exchange(
        begin("n", tags=tags or Tags()),
        JSON,
        Body(request, 2) if request != b"0..9" else Body(request, 10, b"digest"),
        Body(response, 3),
        end(),
    )
    row = make_row(exchange, PRICES, "box", bodies)
    return row, (row.request, row.request_missing), (row.response, row.response_missing)


def test_what_is_kept_can_be_chosen():
    row, sent, came = _kept("full")
    assert (sent, came) == ((b"in", None), (b"out", None))
    row, sent, came = _kept("meta")
    assert (sent, came) == ((None, "switched_off"), (None, "switched_off"))
    assert (row.request_size, row.response_size) == (2, 3)
    assert row.request_headers and row.response_headers
    assert _kept("off")[0].request_headers is None


def test_what_the_caller_leaves_out():
    _, sent, came = _kept("full", Tags(omit_request=True))
    assert (sent, came) == ((None, "omitted"), (b"out", None))
    _, sent, came = _kept("full", Tags(omit_response=True))
    assert (sent, came) == ((b"in", None), (None, "omitted"))
    exchange = Exchange(
        begin("n", tags=Tags(omit_response=True)), JSON, Body(ASKED, len(ASKED)), Body(CHAT, len(CHAT)), end()
    )
    row = make_row(exchange, PRICES, "box")
    assert row.plain.cost_nano == _row().plain.cost_nano > 0
    assert row.plain.output_tokens == 300


def test_what_is_missing_has_a_word():
    row, sent, came = _kept("full", request=b"0..9", response=None)
    assert (sent, came) == ((b"0..9", "middle"), (None, "journal_full"))
    assert (row.request_sha256, row.response_sha256) == (b"digest", None)
    row, sent, _ = _kept("meta", request=b"0..9")
    assert (sent, row.request_sha256) == ((None, "switched_off"), None)


@given(
    request=st.binary(max_size=80),
    response=st.binary(max_size=200) | st.integers(0, len(STREAMED)).map(lambda cut: STREAMED[:cut]),
    content_type=st.sampled_from([STREAM, "application/json", "audio/mpeg", ""]),
    encoding=st.sampled_from([None, *ENCODERS, "gzip,gzip", ""]),
    dialect=st.sampled_from(["openai", "anthropic", "other", ""]),
    status=st.sampled_from([None, 200, 304, 400, 502]),
    head=st.booleans(),
)
def test_any_bytes_make_a_row(request, response, content_type, encoding, dialect, status, head):
    row = _row(
        response,
        content_type,
        request=request,
        encoding=encoding,
        dialect=dialect,
        provider="x",
        status=status,
        head=head,
    )
    assert row.request == request
    assert row.response == (response if head else None)
    assert row.plain.cost_nano is None or row.plain.cost_nano >= 0


def test_the_prompt_that_was_used_and_its_values():
    prompted = Prompted("support", 3, b'{"q":"Hi"}')
    row = _row(tags=Tags(prompt="support-v3"), prompted=prompted)
    assert (row.words.prompt, row.plain.prompt_version, row.inputs) == ("support", 3, b'{"q":"Hi"}')
    row = _row(tags=Tags(prompt="other"), prompted=Prompted(None, None, b'{"q":"Hi"}'))
    assert (row.words.prompt, row.plain.prompt_version, row.inputs) == ("other", None, b'{"q":"Hi"}')
    row = _row(tags=Tags(prompt="other"))
    assert (row.words.prompt, row.plain.prompt_version, row.inputs) == ("other", None, None)


@pytest.mark.parametrize(("omit", "bodies"), [(True, "full"), (False, "meta"), (False, "off")])
def test_values_go_with_the_request_they_are_part_of(omit, bodies):
    tags = Tags(prompt="support", omit_request=omit)
    fields = [(b"x", b"y"), (h.PROMPT_VARIABLES, b'{"q":"Hi"}')]
    ended = end(prompted=Prompted("support", 3, b'{"q":"Hi"}'))
    begun = replace(begin("n", tags=tags), headers=fields)
    row = make_row(Exchange(begun, Head(200, []), Body(ASKED, len(ASKED)), Body(b"", 0), ended), PRICES, "box", bodies)
    assert (row.words.prompt, row.plain.prompt_version, row.inputs) == ("support", 3, None)
    assert row.request_headers == (None if bodies == "off" else [(b"x", b"y"), (h.PROMPT_VARIABLES, b"***")])
