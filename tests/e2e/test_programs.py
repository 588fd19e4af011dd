"""The programs people have: the real SDKs, nothing changed but the base URL."""

from __future__ import annotations

import anthropic
import openai
import pytest

HELICONE_AUTH = {"Helicone-Auth": "Bearer sk-helicone-x"}
TAGS = {
    "Helicone-User-Id": "user-123",
    "Helicone-Session-Id": "session-456",
    "Helicone-Property-Environment": "production",
    "Helicone-Property-Feature": "customer_support",
    "Helicone-Property-Version": "v2.1.0",
    "Helicone-Request-Name": "support_ticket_response",
}
HELLO = [{"role": "user", "content": "Hello!"}]
WEATHER = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    }
]
CLAUDE_WEATHER = [{"name": "get_weather", "input_schema": WEATHER[0]["function"]["parameters"]}]

pytestmark = pytest.mark.filterwarnings("ignore:The model 'claude-sonnet-4-20250514' is deprecated")


@pytest.fixture
def oai(engine):
    """The OpenAI SDK as a Helicone user has it."""
    with openai.OpenAI(
        api_key="sk-demo-000111222", base_url=f"{engine.url}/v1", default_headers=HELICONE_AUTH, max_retries=0
    ) as client:
        yield client


@pytest.fixture
def claude(engine):
    """The Anthropic SDK as a Helicone user has it."""
    with anthropic.Anthropic(
        api_key="sk-ant-demo-000111222", base_url=engine.url, default_headers=HELICONE_AUTH, max_retries=0
    ) as client:
        yield client


def claude_hello(client, **more):
    return client.messages.create(model="claude-sonnet-4-20250514", max_tokens=1024, messages=HELLO, **more)


def test_program_1_openai(engine, oai, upstream):
    raw = oai.chat.completions.with_raw_response.create(model="gpt-4o", messages=HELLO)
    answer = raw.parse()
    assert answer.choices[0].message.content
    row = engine.wait_rows(1)[0]
    assert row["id"] == raw.headers["helicone-id"].replace("-", "")
    assert raw.headers["helicone-cache-hit"] == "false"
    assert (row["provider"], row["requested_model"], row["model"]) == ("openai", "gpt-4o", answer.model)
    assert (row["status"], row["error"], row["stream"]) == (200, None, 0)
    assert (row["input_tokens"], row["output_tokens"]) == (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert row["cost_usd"] == pytest.approx(row["input_tokens"] * 2.5e-6 + row["output_tokens"] * 1e-5)
    assert not [name for name, _ in upstream.seen[0].headers if name.startswith(b"helicone")]


def test_program_1_anthropic(engine, claude, upstream):
    raw = claude.messages.with_raw_response.create(model="claude-sonnet-4-20250514", max_tokens=1024, messages=HELLO)
    answer = raw.parse()
    assert answer.content[0].text
    row = engine.wait_rows(1)[0]
    assert row["id"] == raw.headers["helicone-id"].replace("-", "")
    assert (row["provider"], row["model"]) == ("anthropic", "claude-sonnet-4-20250514")
    assert (row["input_tokens"], row["output_tokens"]) == (answer.usage.input_tokens, answer.usage.output_tokens)
    assert row["cost_usd"] == pytest.approx(row["input_tokens"] * 3e-6 + row["output_tokens"] * 1.5e-5)
    assert row["finish_reason"] == "end_turn"
    assert upstream.seen[0].header(b"anthropic-version")


def test_program_2_tags(engine, oai, upstream):
    oai.chat.completions.create(model="gpt-4o", messages=HELLO, extra_headers=TAGS)
    row = engine.wait_rows(1, "user = 'user-123' AND session = 'session-456' AND name = 'support_ticket_response'")[0]
    assert row["properties"] == {"environment": "production", "feature": "customer_support", "version": "v2.1.0"}
    assert not [name for name, _ in upstream.seen[0].headers if name.startswith(b"helicone")]


def test_without_any_helicone_header(engine):
    with openai.OpenAI(api_key="sk-demo-000111222", base_url=f"{engine.url}/openai/v1") as client:
        assert client.chat.completions.create(model="gpt-4o", messages=HELLO).choices
    with anthropic.Anthropic(api_key="sk-ant-demo-000111222", base_url=f"{engine.url}/anthropic") as client:
        assert claude_hello(client).content
    assert [row["provider"] for row in engine.wait_rows(2)] == ["openai", "anthropic"]


def test_openai_stream_has_usage_in_the_log_and_not_in_the_program(engine, oai, upstream):
    chunks = list(oai.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True))
    assert all(chunk.choices for chunk in chunks), "the usage chunk that helicli asked for was seen by the program"
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == oai.chat.completions.create(model="gpt-4o", messages=HELLO).choices[0].message.content
    streamed, plain = engine.wait_rows(2)
    assert (streamed["stream"], plain["stream"]) == (1, 0)
    assert streamed["ttft_ms"] is not None
    assert streamed["input_tokens"] == plain["input_tokens"] > 0
    assert streamed["cost_usd"] == plain["cost_usd"] > 0
    assert b'"include_usage":true' in upstream.seen[0].body


def test_openai_stream_that_asks_itself_keeps_its_usage(engine, oai):
    chunks = list(
        oai.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True, stream_options={"include_usage": True})
    )
    assert chunks[-1].usage.total_tokens == sum(
        engine.wait_rows(1)[0][name] for name in ("input_tokens", "output_tokens")
    )


def test_upstream_that_refuses_to_be_asked_is_called_again_without(engine, oai, upstream):
    for _ in range(2):
        assert list(oai.chat.completions.create(model="no-stream-options", messages=HELLO, stream=True))
    bodies = [seen.body for seen in upstream.seen]
    assert [b"include_usage" in body for body in bodies] == [True, False, False]
    assert [row["attempts"] for row in engine.wait_rows(2)] == [2, 1]


def test_anthropic_stream(engine, claude):
    with claude.messages.stream(model="claude-sonnet-4-20250514", max_tokens=1024, messages=HELLO) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == final.content[0].text
    row = engine.wait_rows(1)[0]
    assert (row["stream"], row["error"], row["output_tokens"]) == (1, None, final.usage.output_tokens)


def test_openai_tools(engine, oai):
    question = [{"role": "user", "content": "What is the weather in Paris?"}]
    message = oai.chat.completions.create(model="gpt-4o", messages=question, tools=WEATHER).choices[0].message
    assert message.tool_calls[0].function.name == "get_weather"
    chunks = oai.chat.completions.create(model="gpt-4o", messages=question, tools=WEATHER, stream=True)
    arguments = "".join(
        call.function.arguments or "" for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []
    )
    assert arguments == message.tool_calls[0].function.arguments
    assert {row["finish_reason"] for row in engine.wait_rows(2)} == {"tool_calls"}


def test_anthropic_tools(engine, claude):
    answer = claude.messages.create(
        model="claude-sonnet-4-20250514",
        max_tokens=1024,
        messages=[{"role": "user", "content": "What is the weather in Paris?"}],
        tools=CLAUDE_WEATHER,
    )
    assert [block.name for block in answer.content if block.type == "tool_use"] == ["get_weather"]
    assert engine.wait_rows(1)[0]["finish_reason"] == "tool_use"


def test_openai_error_body_and_retry_after(engine, oai):
    with pytest.raises(openai.RateLimitError) as raised:
        oai.chat.completions.create(model="gpt-4o", messages=HELLO, extra_headers={"x-fake-status": "429"})
    assert raised.value.response.headers["retry-after"] == "2"
    assert raised.value.response.headers["helicone-id"]
    assert raised.value.body["message"]
    row = engine.wait_rows(1)[0]
    assert (row["status"], row["cost_usd"]) == (429, 0)
    assert row["error_message"] == raised.value.body["message"]


def test_anthropic_error_body_and_retry_after(engine, claude):
    with pytest.raises(anthropic.APIStatusError) as raised:
        claude_hello(claude, extra_headers={"x-fake-status": "529"})
    assert raised.value.response.headers["retry-after"] == "2"
    assert raised.value.body["error"]["type"] == "overloaded_error"
    assert engine.wait_rows(1)[0]["status"] == 529


def test_the_sdk_still_retries_by_itself(engine, upstream):
    with openai.OpenAI(api_key="sk-demo-000111222", base_url=f"{engine.url}/v1", max_retries=1) as client:
        headers = {"x-fake-status": "503", "x-fake-times": "1"}
        assert client.chat.completions.create(model="gpt-4o", messages=HELLO, extra_headers=headers).choices
    assert [row["status"] for row in engine.wait_rows(2)] == [503, 200]


def test_responses_embeddings_models(engine, oai, claude):
    answer = oai.responses.create(model="gpt-4o", input="Hello!")
    assert answer.output_text
    with oai.responses.stream(model="gpt-4o", input="Hello!") as stream:
        assert stream.get_final_response().output_text == answer.output_text
    assert oai.embeddings.create(model="text-embedding-3-small", input="Hello!").data[0].embedding
    assert oai.models.list().data
    assert claude.models.list().data
    rows = engine.wait_rows(5)
    assert [row["path"] for row in rows] == [
        "/v1/responses",
        "/v1/responses",
        "/v1/embeddings",
        "/v1/models",
        "/v1/models",
    ]
    assert [row["provider"] for row in rows] == ["openai"] * 4 + ["anthropic"]
    assert rows[0]["input_tokens"] == answer.usage.input_tokens
    assert rows[0]["cost_usd"] == rows[1]["cost_usd"] > 0
    assert rows[3]["cost_usd"] == 0


@pytest.mark.anyio
async def test_async_clients(engine):
    async with openai.AsyncOpenAI(api_key="sk-demo-000111222", base_url=f"{engine.url}/v1") as client:
        answer = await client.chat.completions.create(model="gpt-4o", messages=HELLO, extra_headers=TAGS)
        stream = await client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert text == answer.choices[0].message.content
    async with anthropic.AsyncAnthropic(api_key="sk-ant-demo-000111222", base_url=engine.url) as client:
        message = await claude_hello(client)
        async with client.messages.stream(
            model="claude-sonnet-4-20250514", max_tokens=1024, messages=HELLO
        ) as messages:
            assert "".join([text async for text in messages.text_stream]) == message.content[0].text
    rows = engine.wait_rows(4)
    assert [row["error"] for row in rows] == [None] * 4
    assert rows[0]["user"] == "user-123"


def test_user_named_in_the_body(engine, oai):
    oai.chat.completions.create(model="gpt-4o", messages=HELLO, user="grace")
    assert engine.wait_rows(1)[0]["user"] == "grace"


def test_request_id_of_the_caller(engine, oai):
    own = "123e4567-e89b-42d3-a456-426614174000"
    for given, answered in ((own, own), ("not-a-uuid", None)):
        raw = oai.chat.completions.with_raw_response.create(
            model="gpt-4o", messages=HELLO, extra_headers={"Helicone-Request-Id": given}
        )
        assert (raw.headers["helicone-id"] == answered) == (answered is not None)
    assert [row["request_id"] for row in engine.wait_rows(2)] == [own, "not-a-uuid"]
