"""The ollama package: chat and generate, as lines and whole, embed, list."""

import json

import ollama
from common import BASE_URL, FAIL, HELLO, TAGS, TOOLS, WEATHER, say

MODEL = "llama3.2"

client = ollama.Client(host=BASE_URL)
tagged = ollama.Client(host=BASE_URL, headers=TAGS)
failing = ollama.Client(host=BASE_URL, headers=FAIL)


def usage(answer):
    return [answer.prompt_eval_count, answer.eval_count]


def called(answers):
    calls = [call for answer in answers for call in answer.message.tool_calls or ()]
    return [calls[0].function.name, dict(calls[0].function.arguments)]


plain = tagged.chat(model=MODEL, messages=HELLO)
streamed = list(client.chat(model=MODEL, messages=HELLO, stream=True))
tool = client.chat(model=MODEL, messages=WEATHER, tools=TOOLS)
tool_stream = list(client.chat(model=MODEL, messages=WEATHER, tools=TOOLS, stream=True))
try:
    failing.chat(model=MODEL, messages=HELLO)
    refused = None
except ollama.ResponseError as error:
    refused = {"type": type(error).__name__, "status": error.status_code, "body": json.dumps(error.error)}
written = client.generate(model=MODEL, prompt="Hello!")
pieces = list(client.generate(model=MODEL, prompt="Hello!", stream=True))
made = client.embed(model="nomic-embed-text", input=["Hello!", "Good-bye!"])
say(
    "ollama",
    text=plain.message.content,
    model=plain.model,
    usage=usage(plain),
    streamed_text="".join(each.message.content or "" for each in streamed),
    streamed_usage=usage(streamed[-1]),
    tool=called([tool]),
    tool_finish=tool.done_reason,
    tool_usage=usage(tool),
    streamed_tool=called(tool_stream),
    refused=refused,
    generated=[written.response, "".join(piece.response for piece in pieces)],
    embeddings=[len(made.embeddings), len(made.embeddings[0]), made.prompt_eval_count],
    models=[model.model for model in client.list().models],
)
