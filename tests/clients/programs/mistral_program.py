"""The mistralai package: chat.complete and chat.stream."""

import json

from common import BASE_URL, FAIL, HELLO, TAGS, TOOLS, WEATHER, say
from mistralai.client import Mistral, errors

MODEL = "mistral-small-latest"


def usage(answer):
    return [answer.usage.prompt_tokens, answer.usage.completion_tokens]


def called(call):
    return [call.function.name, json.loads(call.function.arguments)]


with Mistral(api_key="mistral-demo-000111222", server_url=BASE_URL) as client:
    plain = client.chat.complete(model=MODEL, messages=HELLO, http_headers=TAGS)
    streamed = [each.data for each in client.chat.stream(model=MODEL, messages=HELLO)]
    tool = client.chat.complete(model=MODEL, messages=WEATHER, tools=TOOLS)
    tool_stream = [each.data for each in client.chat.stream(model=MODEL, messages=WEATHER, tools=TOOLS)]
    try:
        client.chat.complete(model=MODEL, messages=HELLO, http_headers=FAIL)
        refused = None
    except errors.SDKError as error:
        refused = {
            "type": type(error).__name__,
            "status": error.status_code,
            "retry_after": error.headers["retry-after"],
            "body": json.loads(error.body),
        }
    made = client.embeddings.create(model="mistral-embed", inputs=["Hello!", "Good-bye!"])
    models = client.models.list()

calls = [call for chunk in tool_stream for choice in chunk.choices for call in choice.delta.tool_calls or []]
say(
    "mistralai",
    text=plain.choices[0].message.content,
    model=plain.model,
    usage=usage(plain),
    streamed_text="".join(chunk.choices[0].delta.content or "" for chunk in streamed),
    streamed_usage=usage(streamed[-1]),
    tool=called(tool.choices[0].message.tool_calls[0]),
    tool_finish=tool.choices[0].finish_reason,
    tool_usage=usage(tool),
    streamed_tool=called(calls[0]),
    refused=refused,
    embeddings=[len(made.data), len(made.data[0].embedding), made.usage.prompt_tokens],
    models=[model.id for model in models.data],
)
