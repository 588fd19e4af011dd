"""What the programs ask and how they tell what they were answered. Each runs in its client's own environment."""

import json
import sys
from importlib.metadata import version

BASE_URL = sys.argv[1]
HELLO = [{"role": "user", "content": "Hello!"}]
WEATHER = [{"role": "user", "content": "What is the weather in Oslo?"}]
SCHEMA = {"type": "object", "properties": {"location": {"type": "string"}, "unit": {"type": "string"}}}
TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Now.", "parameters": SCHEMA}}]
TAGS = {
    "Helicone-Auth": "Bearer sk-helicone-x",
    "Helicone-User-Id": "ada",
    "Helicone-Session-Id": "session-456",
    "Helicone-Property-Environment": "production",
}
FAIL = {"x-fake-status": "429"}


def say(package, **said):
    """The program's whole output: one JSON object."""
    json.dump({"version": version(package), **said}, sys.stdout)


def chat_calls(client, model, limited):
    """The five calls of a client with OpenAI's surface: plain, streamed, a tool, a streamed tool, and a refusal."""
    create = client.chat.completions.create
    plain = create(model=model, messages=HELLO, extra_headers=TAGS)
    streamed = list(create(model=model, messages=HELLO, stream=True))
    tool = create(model=model, messages=WEATHER, tools=TOOLS)
    tool_stream = list(create(model=model, messages=WEATHER, tools=TOOLS, stream=True))
    try:
        create(model=model, messages=HELLO, extra_headers=FAIL)
        refused = None
    except limited as error:
        refused = {
            "type": type(error).__name__,
            "status": error.status_code,
            "retry_after": error.response.headers["retry-after"],
            "body": error.body,
        }
    calls = [call for chunk in tool_stream for choice in chunk.choices for call in choice.delta.tool_calls or []]
    return {
        "text": plain.choices[0].message.content,
        "model": plain.model,
        "usage": _usage(plain),
        "streamed_text": "".join(c.delta.content or "" for chunk in streamed for c in chunk.choices),
        "streamed_usage": next((used for used in map(_usage, streamed) if used), None),
        "tool": _call(tool.choices[0].message.tool_calls[0].function),
        "tool_finish": tool.choices[0].finish_reason,
        "tool_usage": _usage(tool),
        "streamed_tool": [calls[0].function.name, json.loads("".join(call.function.arguments or "" for call in calls))],
        "refused": refused,
    }


def _usage(answer):
    used = answer.usage
    return [used.prompt_tokens, used.completion_tokens] if used else None


def _call(function):
    return [function.name, json.loads(function.arguments)]
