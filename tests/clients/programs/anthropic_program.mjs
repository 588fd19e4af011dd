// The @anthropic-ai/sdk package of npm: messages, streams, tools, countTokens, models.
import { readFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";

const HELLO = [{ role: "user", content: "Hello!" }];
const WEATHER = [{ role: "user", content: "What is the weather in Oslo?" }];
const input_schema = { type: "object", properties: { location: { type: "string" }, unit: { type: "string" } } };
const tools = [{ name: "get_weather", description: "Now.", input_schema }];
const TAGS = {
  "Helicone-Auth": "Bearer sk-helicone-x",
  "Helicone-User-Id": "ada",
  "Helicone-Session-Id": "session-456",
  "Helicone-Property-Environment": "production",
};
const asks = { model: "claude-sonnet-5", max_tokens: 1024 };
const client = new Anthropic({ apiKey: "sk-ant-demo-000111222", baseURL: process.argv[2], maxRetries: 0 });
const used = (message) => [message.usage.input_tokens, message.usage.output_tokens];

function called(message) {
  const block = message.content.find((each) => each.type === "tool_use");
  return [block.name, block.input];
}

const plain = await client.messages.create({ ...asks, messages: HELLO }, { headers: TAGS });
let streamedText = "";
const stream = client.messages.stream({ ...asks, messages: HELLO }).on("text", (text) => (streamedText += text));
const streamed = await stream.finalMessage();
const tool = await client.messages.create({ ...asks, messages: WEATHER, tools });
const streamedTool = await client.messages.stream({ ...asks, messages: WEATHER, tools }).finalMessage();
let refused = null;
try {
  await client.messages.create({ ...asks, messages: HELLO }, { headers: { "x-fake-status": "429" } });
} catch (error) {
  if (!(error instanceof Anthropic.RateLimitError)) throw error;
  const { request_id, ...body } = error.error;
  refused = { type: error.constructor.name, status: error.status, retry_after: error.headers.get("retry-after"), body };
}
const counted = await client.messages.countTokens({ model: asks.model, messages: HELLO });
const models = [];
for await (const each of client.models.list()) models.push(each.id);

const said = {
  version: JSON.parse(readFileSync(new URL("./node_modules/@anthropic-ai/sdk/package.json", import.meta.url))).version,
  text: plain.content[0].text,
  model: plain.model,
  usage: used(plain),
  streamed_text: streamedText,
  streamed_usage: used(streamed),
  tool: called(tool),
  tool_finish: tool.stop_reason,
  tool_usage: used(tool),
  streamed_tool: called(streamedTool),
  refused,
  counted: counted.input_tokens,
  models,
};
process.stdout.write(JSON.stringify(said));
