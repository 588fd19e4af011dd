"""The groq package, which puts /openai/v1 behind its base URL."""

import groq
from common import BASE_URL, HELLO, chat_calls, say

client = groq.Groq(api_key="gsk-demo-000111222", base_url=BASE_URL, max_retries=0)
said = chat_calls(client, "llama-3.3-70b-versatile", groq.RateLimitError)
chunks = list(client.chat.completions.create(model="llama-3.3-70b-versatile", messages=HELLO, stream=True))
used = [chunk.x_groq.usage for chunk in chunks if chunk.x_groq and chunk.x_groq.usage][0]
said["x_groq_usage"] = [used.prompt_tokens, used.completion_tokens]
said["models"] = [model.id for model in client.models.list().data]
say("groq", **said)
