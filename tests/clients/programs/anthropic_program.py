"""The anthropic package: messages, streams, tools, count_tokens, models."""

import anthropic
from common import BASE_URL, FAIL, HELLO, SCHEMA, TAGS, WEATHER, say

MODEL = "claude-sonnet-5"
TOOL = {"name": "get_weather", "description": "Now.", "input_schema": SCHEMA}

client = anthropic.Anthropic(api_key="sk-ant-demo-000111222", base_url=BASE_URL, max_retries=0)


def usage(message):
    return [message.usage.input_tokens, message.usage.output_tokens]


def called(message):
    return next([block.name, block.input] for block in message.content if block.type == "tool_use")


plain = client.messages.create(model=MODEL, max_tokens=1024, messages=HELLO, extra_headers=TAGS)
with client.messages.stream(model=MODEL, max_tokens=1024, messages=HELLO) as stream:
    streamed_text = "".join(stream.text_stream)
    streamed = stream.get_final_message()
tool = client.messages.create(model=MODEL, max_tokens=1024, messages=WEATHER, tools=[TOOL])
with client.messages.stream(model=MODEL, max_tokens=1024, messages=WEATHER, tools=[TOOL]) as stream:
    streamed_tool = called(stream.get_final_message())
try:
    client.messages.create(model=MODEL, max_tokens=1024, messages=HELLO, extra_headers=FAIL)
    refused = None
except anthropic.RateLimitError as error:
    refused = {
        "type": type(error).__name__,
        "status": error.status_code,
        "retry_after": error.response.headers["retry-after"],
        "body": {name: said for name, said in error.body.items() if name != "request_id"},
    }
counted = client.messages.count_tokens(model=MODEL, messages=HELLO)
say(
    "anthropic",
    text=plain.content[0].text,
    model=plain.model,
    usage=usage(plain),
    streamed_text=streamed_text,
    streamed_usage=usage(streamed),
    tool=called(tool),
    tool_finish=tool.stop_reason,
    tool_usage=usage(tool),
    streamed_tool=streamed_tool,
    refused=refused,
    counted=counted.input_tokens,
    models=[model.id for model in client.models.list()],
)
