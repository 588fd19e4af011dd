"""The openai package: chat, Responses, embeddings, models."""

import openai
from common import BASE_URL, HELLO, TAGS, chat_calls, say

client = openai.OpenAI(api_key="sk-demo-000111222", base_url=BASE_URL, max_retries=0)
said = chat_calls(client, "gpt-4o", openai.RateLimitError)
asked = list(
    client.chat.completions.create(
        model="gpt-4o", messages=HELLO, stream=True, stream_options={"include_usage": True}, extra_headers=TAGS
    )
)
said["asked_usage"] = [asked[-1].usage.prompt_tokens, asked[-1].usage.completion_tokens]
response = client.responses.create(model="gpt-4o", input="Hello!")
with client.responses.stream(model="gpt-4o", input="Hello!") as stream:
    said["response_texts"] = [response.output_text, stream.get_final_response().output_text]
said["response_usage"] = [response.usage.input_tokens, response.usage.output_tokens]
made = client.embeddings.create(model="text-embedding-3-small", input=["Hello!", "Good-bye!"])
said["embeddings"] = [len(made.data), len(made.data[0].embedding), made.usage.prompt_tokens]
said["models"] = [model.id for model in client.models.list()]
say("openai", **said)
