// The openai package of npm: chat, Responses, embeddings, models.
import { readFileSync } from "node:fs";
import OpenAI from "openai";

const HELLO = [{ role: "user", content: "Hello!" }];
const WEATHER = [{ role: "user", content: "What is the weather in Oslo?" }];
const parameters = { type: "object", properties: { location: { type: "string" }, unit: { type: "string" } } };
const TOOLS = [{ type: "function", function: { name: "get_weather", description: "Now.", parameters } }];
const TAGS = {
  "Helicone-Auth": "Bearer sk-helicone-x",
  "Helicone-User-Id": "ada",
  "Helicone-Session-Id": "session-456",
  "Helicone-Property-Environment": "production",
};
const model = "gpt-4o";
const client = new OpenAI({ apiKey: "sk-demo-000111222", baseURL: process.argv[2], maxRetries: 0 });
const create = (body, headers = {}) => client.chat.completions.create({ model, ...body }, { headers });
const used = (usage) => [usage.prompt_tokens, usage.completion_tokens];

async function collected(stream) {
  const all = [];
  for await (const each of stream) all.push(each);
  return all;
}

const plain = await create({ messages: HELLO }, TAGS);
const streamed = await collected(await create({ messages: HELLO, stream: true }));
const tool = await create({ messages: WEATHER, tools: TOOLS });
const toolStream = await collected(await create({ messages: WEATHER, tools: TOOLS, stream: true }));
let refused = null;
try {
  await create({ messages: HELLO }, { "x-fake-status": "429" });
} catch (error) {
  if (!(error instanceof OpenAI.RateLimitError)) throw error;
  refused = {
    type: error.constructor.name,
    status: error.status,
    retry_after: error.headers.get("retry-after"),
    body: error.error,
  };
}
const asked = await collected(
  await create({ messages: HELLO, stream: true, stream_options: { include_usage: true } }, TAGS),
);
const response = await client.responses.create({ model, input: "Hello!" });
const final = await client.responses.stream({ model, input: "Hello!" }).finalResponse();
const made = await client.embeddings.create({ model: "text-embedding-3-small", input: ["Hello!", "Good-bye!"] });
const models = await collected(await client.models.list());

const calls = toolStream.flatMap((chunk) => chunk.choices.flatMap((choice) => choice.delta.tool_calls ?? []));
const call = tool.choices[0].message.tool_calls[0].function;
const said = {
  version: JSON.parse(readFileSync(new URL("./node_modules/openai/package.json", import.meta.url))).version,
  text: plain.choices[0].message.content,
  model: plain.model,
  usage: used(plain.usage),
  streamed_text: streamed.flatMap((chunk) => chunk.choices.map((choice) => choice.delta.content ?? "")).join(""),
  streamed_usage: null,
  tool: [call.name, JSON.parse(call.arguments)],
  tool_finish: tool.choices[0].finish_reason,
  tool_usage: used(tool.usage),
  streamed_tool: [calls[0].function.name, JSON.parse(calls.map((each) => each.function.arguments ?? "").join(""))],
  refused,
  asked_usage: used(asked.at(-1).usage),
  response_texts: [response.output_text, final.output_text],
  response_usage: [response.usage.input_tokens, response.usage.output_tokens],
  embeddings: [made.data.length, made.data[0].embedding.length, made.usage.prompt_tokens],
  models: models.map((each) => each.id),
};
process.stdout.write(JSON.stringify(said));
