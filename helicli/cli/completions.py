"""`helicli completions`: the script that completes commands, options and values in a shell.

Owns the names of the shells and how each takes its script in. The script is data; how to install it is narration.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Final

import typer
from typer._click.core import Context

from helicli.cli.options import invocation
from helicli.cli.root import new
from helicli.errors import UsageError
from helicli.guess import guess

app = new()

SHELLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bash": "helicli completions bash > ~/.local/share/bash-completion/completions/helicli",
        "zsh": 'helicli completions zsh > "${fpath[1]}/_helicli"',
        "fish": "helicli completions fish > ~/.config/fish/completions/helicli.fish",
        "powershell": "helicli completions powershell >> $PROFILE",
    }
)
"""Each shell, and the line that installs its script."""

FILES: Final[Mapping[str, str]] = MappingProxyType({"powershell": "helicli.ps1"})
"""Names of scripts that do not end in their shell's name."""


@app.command(
    epilog="""
    helicli completions bash > ~/.local/share/bash-completion/completions/helicli
    helicli completions zsh > "${fpath[1]}/_helicli"
    helicli completions fish > ~/.config/fish/completions/helicli.fish
    """
)
def completions(
    ctx: Context, shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")]
) -> None:
    """Print the script; where it is to go is said on stderr."""
    run = invocation(ctx)
    if shell not in SHELLS:
        near = guess(shell, SHELLS)
        fix = f"write {', '.join(SHELLS)}"
        raise UsageError(f'no completions for "{shell}"', f"did you mean {near}?   {fix}" if near else fix)
    run.out.data(script(shell).removesuffix("\n"))
    run.out.hint(f"install  {SHELLS[shell]}      then open a new shell")


def script(shell: str) -> str:
    """The script of a shell."""
    from helicli.cli.main import COMMANDS
    from helicli.cli.tree import tree

    rendered: str = import_module(f"helicli.cli.shells.{shell}").render(tree(COMMANDS))
    return rendered
