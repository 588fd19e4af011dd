"""Completion for fish.

Owns the script: rules that fish looks through by itself. Values keep the order in which they are given.
"""

from __future__ import annotations

from typing import Final

from helicli.cli.shells.table import NOTE, Offer, offers, rows
from helicli.cli.tree import Command, Option

_SCRIPT: Final = r"""
# The command that was typed; -- where options have ended.
function __helicli_at
    set -l at
    set -l skip 0
    for token in (commandline -opc)[2..-1]
        set -l known (__helicli_table "$at")
        if test $skip = 1
            set skip 0
        else if test "$token" = --
            echo -- "-- $at"
            return
        else if string match -qr '^-' -- $token
            contains -- $token (string split ' ' -- $known[2]); and set skip 1
        else if contains -- $token (string split ' ' -- $known[1])
            set at (string trim -- "$at $token")
        end
    end
    echo -- "$at"
end

function __helicli_is
    test "$(__helicli_at)" = "$argv[1]"
end

# The values of a kind that begin as what has been typed does.
function __helicli_values
    set -l tokens (commandline -opc)
    set -l current (string replace -r '^--[a-z-]+=' '' -- (commandline -ct))
    set -l plain (string unescape -- $current 2>/dev/null); or set plain (string trim -l -c '"\'' -- $current)
    set -l at (contains -i -- --db $tokens); and set -lx HELICLI_DB $tokens[(math $at + 1)]
    set -l given (string replace -rf '^--db=' '' -- $tokens); and set -lx HELICLI_DB $given[1]
    set -l program $tokens[1]
    command -q $program; or set program helicli
    command $program __complete $argv[1] "$plain" 2>/dev/null
end
"""


def render(root: Command) -> str:
    """The script."""
    found = {(each.path, each.names): each for each in reversed(offers(root))}
    lines = [f"# helicli: completion for fish; {NOTE}.", "", "function __helicli_table", "    switch $argv[1]"]
    for row in rows(root):
        commands = " ".join(name for name, _ in row.commands)
        lines += [f"        case {_quoted(row.path)}", f"            echo {_quoted(commands)}"]
        lines += [f"            echo -- {_quoted(' '.join(row.takes))}"]
    lines += ["    end", "end", _SCRIPT, "complete -c helicli -f"]
    for row in rows(root):
        is_here = _rule(row.path)
        lines += [f"{is_here} -a {_quoted(name)} -d {_quoted(doc)}" for name, doc in row.commands]
        for option in row.options:
            lines.append(f"{is_here} {_option(option, found.get((row.path, option.names)))}")
        words = found.get((row.path, ()))
        if words is not None:
            lines.append(f"{is_here} {_offered(words)}")
            lines.append(f"{_rule('-- ' + row.path)} {_offered(words)}")
    return "\n".join(lines) + "\n"


def _rule(path: str) -> str:
    return f"complete -c helicli -n {_quoted('__helicli_is ' + _quoted(path))}"


def _option(option: Option, offer: Offer | None) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    what = "" if option.metavar is None else " -x" if offer is None else " " + _offered(offer)
    return f"{names}{what} -d {_quoted(option.help.rstrip('.'))}"


def _offered(offer: Offer) -> str:
    if offer.kind == "files":
        return "-r -F" if offer.names else "-F"
    must = "-x " if offer.names else ""
    if offer.kind == "programs":
        return f"{must}-a '(__fish_complete_command)'"
    if offer.kind:
        return f"{must}-k -a '(__helicli_values {offer.kind})'"
    return f"{must}-k -a {_quoted(' '.join(offer.words))}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
