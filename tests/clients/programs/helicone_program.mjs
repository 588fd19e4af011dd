// The @helicone/helpers package: a prompt's body, pulled and compiled here; argument: the address of the prompt API.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { HeliconePromptManager } = createRequire(import.meta.url)("@helicone/helpers");

const VALUES = { user_input: "Where is it? {{hc:tone:string}}", tone: "kind", count: 3 };
const more = { model: "gpt-4o", messages: [{ role: "user", content: "Thanks, {{hc:tone:string}}" }] };

function of(compiled) {
  if (compiled.errors.length) throw new Error(JSON.stringify(compiled.errors));
  // It writes the list of tools also where there are none.
  if (!compiled.body.tools.length) delete compiled.body.tools;
  return compiled.body;
}

const manager = new HeliconePromptManager({ apiKey: "sk-helicone-x", baseUrl: process.argv[2] });
const said = {};
for (const [which, given] of Object.entries({
  production: {},
  version: { version_id: "customer-support@2" },
  environment: { environment: "staging" },
})) {
  said[which] = of(await manager.getPromptBody({ prompt_id: "customer-support", inputs: VALUES, ...more, ...given }));
}
const told = await manager.pullPromptVersion({ prompt_id: "customer-support" });
said.told = [told.id, told.major_version, told.commit_message];
said.raw = await manager.pullPromptBodyByVersionId("customer-support@1");
said.package = JSON.parse(readFileSync(new URL("node_modules/@helicone/helpers/package.json", import.meta.url))).version;
process.stdout.write(JSON.stringify(said));
