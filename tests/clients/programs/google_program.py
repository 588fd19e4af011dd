"""The google-genai package: generate_content and its stream, count_tokens, embeddings, models."""

from common import BASE_URL, FAIL, SCHEMA, TAGS, say
from google import genai
from google.genai import errors, types

MODEL = "gemini-2.5-flash"
TOOL = types.Tool(function_declarations=[types.FunctionDeclaration(name="get_weather", parameters_json_schema=SCHEMA)])
QUESTION = "What is the weather in Oslo?"

client = genai.Client(api_key="google-demo-000111222", http_options=types.HttpOptions(base_url=BASE_URL))
first = genai.Client(
    api_key="google-demo-000111222", http_options=types.HttpOptions(base_url=BASE_URL, api_version="v1")
)


def usage(answer):
    used = answer.usage_metadata
    return [used.prompt_token_count, used.candidates_token_count + (used.thoughts_token_count or 0)]


def called(answer):
    return next([call.name, call.args] for call in answer.function_calls or ())


def config(headers=None, tools=None):
    return types.GenerateContentConfig(http_options=types.HttpOptions(headers=headers), tools=tools)


plain = client.models.generate_content(model=MODEL, contents="Hello!", config=config(TAGS))
streamed = list(client.models.generate_content_stream(model=MODEL, contents="Hello!"))
tool = client.models.generate_content(model=MODEL, contents=QUESTION, config=config(tools=[TOOL]))
tool_stream = list(client.models.generate_content_stream(model=MODEL, contents=QUESTION, config=config(tools=[TOOL])))
try:
    client.models.generate_content(model=MODEL, contents="Hello!", config=config(FAIL))
    refused = None
except errors.ClientError as error:
    refused = {
        "type": type(error).__name__,
        "status": error.code,
        "retry_after": error.response.headers["retry-after"],
        "body": error.details,
    }
chat = client.chats.create(model=MODEL)
turns = [chat.send_message("Hello!").text, chat.send_message("And in French?").text]
stable = first.models.generate_content(model=MODEL, contents="Hello!")
counted = client.models.count_tokens(model=MODEL, contents="Hello!")
made = client.models.embed_content(model="gemini-embedding-001", contents=["Hello!", "Good-bye!"])
say(
    "google-genai",
    text=plain.text,
    model=plain.model_version,
    usage=usage(plain),
    streamed_text="".join(chunk.text or "" for chunk in streamed),
    streamed_usage=usage(streamed[-1]),
    tool=called(tool),
    tool_finish=tool.candidates[0].finish_reason.value,
    tool_usage=usage(tool),
    streamed_tool=called(tool_stream[0]),
    refused=refused,
    turns=turns,
    stable_text=stable.text,
    counted=counted.total_tokens,
    embeddings=[len(made.embeddings), len(made.embeddings[0].values)],
    models=[model.name for model in client.models.list()],
)
