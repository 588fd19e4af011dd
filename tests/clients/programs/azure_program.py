"""AzureOpenAI of the openai package: a deployment that does not bear its model's name, Responses, embeddings."""

import openai
from common import BASE_URL, chat_calls, say

client = openai.AzureOpenAI(
    api_key="azure-demo-000111222", azure_endpoint=BASE_URL, api_version="2024-10-21", max_retries=0
)
said = chat_calls(client, "my-deployment", openai.RateLimitError)
response = client.responses.create(model="gpt-4o", input="Hello!")
said["response_text"] = response.output_text
said["response_usage"] = [response.usage.input_tokens, response.usage.output_tokens]
made = client.embeddings.create(model="my-embeddings", input=["Hello!", "Good-bye!"])
said["embeddings"] = [len(made.data), len(made.data[0].embedding), made.usage.prompt_tokens]
said["models"] = [model.id for model in client.models.list()]
say("openai", **said)
