"""Answers that break off: at every event and inside one, in every dialect, sized or not, compressed or not.

A cut answer never ends like a clean one; what had come is passed on, and the row says so.
"""

from __future__ import annotations

import json

import anthropic
import httpx2
import openai
import pytest

from tests.e2e.caller import call, chunked, head, reply, request
from tests.e2e.codings import CODINGS, pieces, token
from tests.e2e.dialects import DIALECTS, NAMES, SAID, assert_refused
from tests.e2e.stage import Turn

OPENAI, ANTHROPIC, GOOGLE, OLLAMA = DIALECTS
CHUNKED = (b"Transfer-Encoding", b"chunked")
UNASKED = json.dumps({"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": SAID}]}).encode()
ENDS = {"closed": Turn.CUT, "reset": Turn.RESET}
each = pytest.mark.parametrize("dialect", DIALECTS, ids=NAMES)
every_end = pytest.mark.parametrize("end", ENDS)


def places(dialect):
    """The bytes a stream is cut after: none, each event, and the middle of each."""
    found, so_far = [b""], b""
    for event in dialect.events:
        found += [so_far + event[: len(event) // 2], so_far + event[:-1], so_far + event]
        so_far += event
    return found


def cut_rows(house, prefix, count):
    """The rows of calls whose names begin so, by name."""
    return {row["request_id"]: row for row in house.wait_rows(count, f"request_id LIKE '{prefix}-%'")}


@pytest.mark.parametrize(
    ("dialect", "body"),
    [*((dialect, "asking") for dialect in DIALECTS), (OPENAI, "asked")],
    ids=[*NAMES, "openai-asked"],
)
@every_end
def test_a_stream_cut_anywhere_is_never_a_clean_end(house, stage, dialect, end, body):
    prefix, sent = f"cut-{dialect.name}-{end}-{body}", places(dialect)
    content = UNASKED if body == "asked" else dialect.body
    for number, come in enumerate(sent):
        name = f"{prefix}-{number}"
        # A reset may overtake what was written before it: then nothing but the end is looked at.
        stage.plays[name] = [head([CHUNKED], kind=dialect.kind) + (chunked(come, end=b"") if come else b""), ENDS[end]]
        try:
            answer = call(house.url, request(dialect.path, content, dialect.fields(name)))
        except ConnectionResetError:
            continue
        if end == "reset" and answer.status == 502:
            continue
        assert (answer.status, answer.complete) == (200, False), name
        assert come.startswith(answer.body) or (body == "asked" and b'"usage":{' in come), name
        if end == "closed" and body == "asking":
            assert answer.body == come, name
    for name, row in cut_rows(house, prefix, len(sent)).items():
        assert row["error"] == "upstream_cut", name
        assert row["error_message"], name
        if end == "closed":
            assert (row["status"], row["stream"]) == (200, 1), name


@each
def test_what_was_said_before_a_cut_is_counted(house, stage, dialect):
    for number in range(1, len(dialect.events)):
        name = f"said-{dialect.name}-{number}"
        come = dialect.events[:number]
        stage.plays[name] = [head([CHUNKED], kind=dialect.kind) + chunked(*come, end=b""), Turn.CUT]
        call(house.url, request(dialect.path, dialect.body, dialect.fields(name)))
        row = house.row_of(name)
        if row["output_tokens"] and row["finish_reason"] is None:
            assert row["usage_estimated"] == 1, name
        if any(word in b"".join(come) for word in (b"Paris", b'"text":"')):
            assert row["output_tokens"] > 0, name
            assert row["input_tokens"] > 0, name
            assert (row["cost_usd"] or 0) > 0 if dialect.priced else row["cost_usd"] is None, name


@each
@pytest.mark.parametrize("coding", [coding for coding in CODINGS if coding != "identity"])
def test_a_compressed_stream_cut_at_every_event(house, stage, dialect, coding):
    prefix, encoded = f"packed-{dialect.name}-{coding}", pieces(coding, dialect.events)
    fields = [CHUNKED, (b"Content-Encoding", token(coding))]
    for number in range(len(encoded)):
        name = f"{prefix}-{number}"
        come = encoded[:number]
        stage.plays[name] = [head(fields, kind=dialect.kind) + chunked(*come, end=b""), Turn.CUT]
        answer = call(house.url, request(dialect.path, dialect.body, dialect.fields(name)))
        assert (answer.status, answer.complete, answer.body) == (200, False, b"".join(come)), name
    for name, row in cut_rows(house, prefix, len(encoded)).items():
        assert (row["error"], row["status"]) == ("upstream_cut", 200), name
        if name.endswith(f"-{len(encoded) - 1}"):
            assert row["input_tokens"] > 0, "what came compressed is read as far as it came"
            assert row["usage_estimated"] == 1


@each
@pytest.mark.parametrize("status", [b"200 OK", b"429 Too Many Requests", b"500 Internal Server Error"])
@every_end
def test_a_sized_answer_that_comes_short(house, stage, dialect, status, end):
    name = f"short-{dialect.name}-{status[:3].decode()}-{end}"
    stage.plays[name] = [reply(dialect.whole, status=status)[:-7], ENDS[end]]
    answer = call(house.url, request(dialect.plain_path, dialect.plain_body, dialect.fields(name)))
    if status.startswith(b"200") and answer.status != 502:
        assert not answer.complete
        assert answer.values(b"content-length") == [b"%d" % len(dialect.whole)]
        if end == "closed":
            assert answer.body == dialect.whole[:-7]
    else:
        # Nothing of a refusal had been passed on: what is known is that it broke off.
        assert_refused(dialect, answer, 502, "upstream_cut")
    assert house.row_of(name)["error"] == "upstream_cut"


@each
def test_a_stream_without_a_length_that_ends_early(house, stage, dialect):
    """Its end is the connection's, for helicli as for anybody: it passes, and the row tells the truth."""
    start = head([(b"Connection", b"close")], kind=dialect.kind)
    for number in range(1, len(dialect.events) + 1):
        name = f"unsized-{dialect.name}-{number}"
        come = b"".join(dialect.events[:number])
        stage.plays[name] = [start + come, Turn.CUT]
        answer = call(house.url, request(dialect.path, dialect.body, dialect.fields(name)))
        assert (answer.status, answer.body) == (200, come)
        row = house.row_of(name)
        ended = number == len(dialect.events)
        assert row["error"] == (None if ended else "upstream_cut"), name
        assert row["usage_estimated"] == (0 if ended else 1), name


@each
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_client_of_any_version_sees_the_cut(house, stage, dialect, version):
    """HTTP/1.0 knows no chunks: to such a client only a reset is no clean end."""
    name = f"version-{dialect.name}-{version}"
    stage.plays[name] = [head([CHUNKED], kind=dialect.kind) + chunked(dialect.events[0], end=b""), Turn.CUT]
    answer = call(house.url, request(dialect.path, dialect.body, dialect.fields(name), version=version))
    assert not answer.complete
    assert house.row_of(name)["error"] == "upstream_cut"


def test_openais_sdk_raises_on_a_cut_stream(house, stage):
    stage.plays["sdk-openai"] = [head([CHUNKED], kind=OPENAI.kind) + chunked(*OPENAI.events[:3], end=b""), Turn.CUT]
    headers = {"x-play": "sdk-openai"}
    with openai.OpenAI(api_key="sk-demo-000111", base_url=f"{house.url}/v1", max_retries=0) as client:
        stream = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": SAID}], stream=True, extra_headers=headers
        )
        with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):
            list(stream)


@pytest.mark.filterwarnings("ignore:The model .* is deprecated")
def test_anthropics_sdk_raises_on_a_cut_stream(house, stage):
    events = ANTHROPIC.events
    stage.plays["sdk-anthropic"] = [head([CHUNKED], kind=ANTHROPIC.kind) + chunked(*events[:3], end=b""), Turn.CUT]
    with anthropic.Anthropic(api_key="sk-ant-demo-000111", base_url=house.url, max_retries=0) as client:
        stream = client.messages.create(
            model="claude-sonnet-4-20250514",
            max_tokens=100,
            messages=[{"role": "user", "content": SAID}],
            stream=True,
            extra_headers={"x-play": "sdk-anthropic"},
        )
        with pytest.raises((anthropic.APIConnectionError, httpx2.RemoteProtocolError)):
            list(stream)
