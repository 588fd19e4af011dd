"""Options that every command which starts an engine takes.

Owns their words, so that `serve` and `run` say the same of the same.
"""

from __future__ import annotations

from typing import Annotated

import typer

Upstreams = Annotated[
    list[str], typer.Option(metavar="NAME=URL", help="A provider of your own, or another address for one.")
]
AllowedHosts = Annotated[list[str], typer.Option(metavar="NAME", help="A Host to answer to besides localhost.")]
CaFile = Annotated[str | None, typer.Option(metavar="FILE", help="Certificates to trust besides the system's.")]
Cache = Annotated[
    bool | None,
    typer.Option("--cache/--no-cache", help="Cache the answers of calls that do not say themselves."),
]
Retries = Annotated[
    int | None,
    typer.Option(metavar="N", min=0, max=100, help="Repeat calls that fail, so often at most, unless they say."),
]
NoAuth = Annotated[
    bool, typer.Option("--unsafe-no-auth", help="Listen where other machines reach it, asking nobody for a key.")
]
