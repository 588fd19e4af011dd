"""The together package, which puts /v1 behind its base URL."""

import together
from common import BASE_URL, chat_calls, say

client = together.Together(api_key="together-demo-000111222", base_url=BASE_URL, max_retries=0)
said = chat_calls(client, "meta-llama/Llama-3.3-70B-Instruct-Turbo", together.RateLimitError)
made = client.embeddings.create(model="BAAI/bge-base-en-v1.5", input=["Hello!", "Good-bye!"])
said["embeddings"] = [len(made.data), len(made.data[0].embedding)]
say("together", **said)
