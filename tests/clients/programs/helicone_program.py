"""The helicone_helpers package: a prompt's body, pulled and compiled here; argument: the address of the prompt API."""

import asyncio
import json
import sys
from importlib.metadata import version

from helicone_helpers import HeliconePromptManager

VALUES = {"user_input": "Where is it? {{hc:tone:string}}", "tone": "kind", "count": 3}


def of(compiled):
    assert not compiled["errors"], compiled["errors"]
    return compiled["body"]


async def pulled(manager, asked):
    body = await manager.apull_prompt_body(asked)
    await manager.aclose()
    return body


manager = HeliconePromptManager(api_key="sk-helicone-x", base_url=sys.argv[1])
more = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Thanks, {{hc:tone:string}}"}]}
said = {
    which: of(manager.get_prompt_body({"prompt_id": "customer-support", "inputs": VALUES, **more, **given}))
    for which, given in {
        "production": {},
        "version": {"version_id": "customer-support@2"},
        "environment": {"environment": "staging"},
    }.items()
}
told = manager.pull_prompt_version({"prompt_id": "customer-support"})
said["told"] = [told.id, told.major_version, told.commit_message]
said["raw"] = manager.pull_prompt_body_by_version_id("customer-support@1")
asked = {"prompt_id": "customer-support"}
said["async"] = asyncio.run(pulled(manager, asked)) == manager.pull_prompt_body(asked)
said["package"] = version("helicone_helpers")
sys.stdout.write(json.dumps(said))
