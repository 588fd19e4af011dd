"""The cohere package's ClientV2: chat and chat_stream, embed, models."""

import json

import cohere
from common import BASE_URL, FAIL, HELLO, TAGS, TOOLS, WEATHER, say

MODEL = "command-a-03-2025"

client = cohere.ClientV2(api_key="cohere-demo-000111222", base_url=BASE_URL, max_retries=0)


def usage(used):
    return [int(used.billed_units.input_tokens), int(used.billed_units.output_tokens)]


plain = client.chat(model=MODEL, messages=HELLO, request_options={"additional_headers": TAGS})
streamed = list(client.chat_stream(model=MODEL, messages=HELLO))
tool = client.chat(model=MODEL, messages=WEATHER, tools=TOOLS)
tool_stream = list(client.chat_stream(model=MODEL, messages=WEATHER, tools=TOOLS))
try:
    client.chat(model=MODEL, messages=HELLO, request_options={"additional_headers": FAIL})
    refused = None
except cohere.TooManyRequestsError as error:
    refused = {
        "type": type(error).__name__,
        "status": error.status_code,
        "retry_after": error.headers["retry-after"],
        "body": error.body,
    }
made = client.embed(
    model="embed-v4.0", input_type="search_document", texts=["Hello!", "Good-bye!"], embedding_types=["float"]
)
function = tool.message.tool_calls[0].function
names = [each.delta.message.tool_calls.function.name for each in tool_stream if each.type == "tool-call-start"]
deltas = [each.delta.message.tool_calls.function.arguments for each in tool_stream if each.type == "tool-call-delta"]
say(
    "cohere",
    text=plain.message.content[0].text,
    model=None,
    usage=usage(plain.usage),
    streamed_text="".join(each.delta.message.content.text for each in streamed if each.type == "content-delta"),
    streamed_usage=usage(streamed[-1].delta.usage),
    tool=[function.name, json.loads(function.arguments)],
    tool_finish=tool.finish_reason,
    tool_usage=usage(tool.usage),
    streamed_tool=[names[0], json.loads("".join(deltas))],
    refused=refused,
    embeddings=[len(made.embeddings.float_), len(made.embeddings.float_[0])],
    models=[model.name for model in client.models.list().models],
)
