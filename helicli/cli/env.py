"""`helicli env`: the variables that send a shell's calls through the running engine.

Owns how each shell writes them. Every value is quoted so that no shell reads anything into it; nothing else goes to
stdout, since stdout is evaluated.
"""

from __future__ import annotations

import re
import shlex
from typing import Annotated, Final

import typer
from typer._click.core import Context

from helicli import baseurls
from helicli.cli import backlog
from helicli.cli.options import Invocation, invocation
from helicli.cli.root import new
from helicli.errors import NetworkError, UsageError
from helicli.guess import guess

SHELLS: Final = ("sh", "fish", "pwsh", "dotenv")
_SAME: Final = {"bash": "sh", "zsh": "sh", "powershell": "pwsh"}
_PLAIN: Final = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")

app = new()


@app.command(
    epilog="""
    eval "$(helicli env)"
    helicli env --shell fish | source
    helicli env --shell dotenv > .env.helicli
    eval "$(helicli env --unset)"
    """
)
def env(
    ctx: Context,
    shell: Annotated[str, typer.Option(metavar="NAME", help="sh (bash, zsh), fish, pwsh or dotenv.")] = "sh",
    unset: Annotated[bool, typer.Option("--unset", help="Take them out again.")] = False,
) -> None:
    """Print the variables."""
    run = invocation(ctx)
    if shell not in SHELLS:
        near = guess(shell, SHELLS) or _SAME.get(shell, "")
        fix = f"write --shell {', '.join(SHELLS[:-1])} or {SHELLS[-1]}"
        raise UsageError(f'--shell cannot be "{shell}"', f"did you mean {near}?   {fix}" if near else fix)
    if unset:
        if shell == "dotenv":
            raise UsageError("a dotenv file cannot unset", "take its lines out, or use --shell sh")
        for each in baseurls.VARIABLES:
            run.out.data(unset_line(shell, each.name))
        return
    for name, value in _variables(run).items():
        run.out.data(set_line(shell, name, value))


def set_line(shell: str, name: str, value: str) -> str:
    """The line of a shell that sets a variable."""
    if shell == "fish":
        quoted = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"set -gx {name} '{quoted}';"
    if shell == "pwsh":
        quoted = value.replace("'", "''")
        return f"$env:{name} = '{quoted}'"
    if shell == "dotenv":
        return f"{name}={value if _PLAIN.fullmatch(value) else _double_quoted(value)}"
    return f"export {name}={shlex.quote(value)}"


def unset_line(shell: str, name: str) -> str:
    """The line of a shell that takes a variable out."""
    if shell == "fish":
        return f"set -e {name};"
    if shell == "pwsh":
        return f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"
    return f"unset {name}"


def _variables(run: Invocation) -> dict[str, str]:
    """What is to be set here and now. Raises NetworkError where no engine answers."""
    told = backlog.engine(run.database)
    upstreams = backlog.upstreams(run.database) if told is not None else None
    if told is None or upstreams is None:
        raise NetworkError(f"no engine answers for {run.database}", "helicli serve   or: helicli run -- COMMAND")
    address = str(told["address"])
    without = {name for name, url in upstreams.items() if not url}
    values = baseurls.variables(address, without=without)
    _warn(run, values, upstreams)
    # A variable the house does not need is one more to explain.
    if any(run.env.get(name) for name in _PROXIES):
        values |= baseurls.no_proxy(run.env, address)
    return values


def _warn(run: Invocation, values: dict[str, str], upstreams: dict[str, str]) -> None:
    """Say whose calls change their upstream, and which variable stays as it is for want of one."""
    for name, host in baseurls.elsewhere(run.env, upstreams).items():
        provider = next(each.provider for each in baseurls.VARIABLES if each.name == name)
        note = run.out.err_style.warn("note:")
        if name in values:
            told = f"  {name} named {host}; its calls go to {upstreams.get(provider, '')} now"
        else:
            told = f"  {name} stays as it is: {provider} has no address here"
        run.out.say(note + f"{told}   to keep {host}: helicli config set providers.{provider}.base_url URL")


def _double_quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("`", "\\`")
    return f'"{escaped}"'
