"""Completion for fish.

Owns the script: rules that fish looks through by itself. Values keep the order in which they are given.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from helicli.cli.shells.table import NOTE, Offer, offers, rows
from helicli.cli.tree import Command, Option

_SCRIPT: Final = r"""
# The command that was typed, after -- where options have ended; then its arguments, a line each.
function __helicli_at
    set -l at
    set -l words
    set -l skip 0
    set -l bare
    for token in (commandline -opc)[2..-1]
        set -l known (__helicli_table "$at")
        if test $skip = 1
            set skip 0
        else if test -n "$bare"
            set -a words $token
        else if test "$token" = --
            set bare '-- '
        else if string match -qr '^-' -- $token
            contains -- $token (string split ' ' -- $known[2]); and set skip 1
        else if contains -- $token (string split ' ' -- $known[1])
            set at (string trim -- "$at $token")
        else
            set -a words $token
            test "$known[3]" = 1; and set bare '-- '
        end
    end
    echo -- "$bare$at"
    string join -- \n $words
end

function __helicli_is
    set -l found (__helicli_at)
    test "$found[1]" = "$argv[1]"
end

# Whether an argument of a command is next, at a place, and after which first one.
function __helicli_next
    set -l found (__helicli_at)
    test (string replace -r '^-- ' '' -- "$found[1]") = "$argv[1]"; or return
    test $argv[2] = '*' -o $argv[2] = (math (count $found) - 1); or return
    test (count $argv) -lt 3 -o "$found[2]" = "$argv[3]"
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
    known = offers(root)
    found = {(each.path, each.names): each for each in known if each.names}
    lines = [f"# helicli: completion for fish; {NOTE}.", "", "function __helicli_table", "    switch $argv[1]"]
    for row in rows(root):
        commands = " ".join(name for name, _ in row.commands)
        lines += [f"        case {_quoted(row.path)}", f"            echo {_quoted(commands)}"]
        lines += [f"            echo -- {_quoted(' '.join(row.takes))}", f"            echo {int(row.wraps)}"]
    lines += ["    end", "end", _SCRIPT, "complete -c helicli -f"]
    for row in rows(root):
        is_here = _rule(row.path)
        lines += [f"{is_here} -a {_quoted(name)} -d {_quoted(doc)}" for name, doc in row.commands]
        for option in row.options:
            lines.append(f"{is_here} {_option(option, found.get((row.path, option.names)))}")
    for each in known:
        if not each.names:
            lines += _arguments(each)
    return "\n".join(lines) + "\n"


def _rule(path: str) -> str:
    return f"complete -c helicli -n {_quoted('__helicli_is ' + _quoted(path))}"


def _arguments(offer: Offer) -> list[str]:
    """The rules of an argument: a program is followed by files."""
    if offer.kind == "programs":
        first = replace(offer, place="0")
        return [_next(first, _offered(first)), _next(offer, "-F")]
    return [_next(offer, _offered(offer))]


def _next(offer: Offer, what: str) -> str:
    words = [offer.path, offer.place, *([offer.first] if offer.first else [])]
    rule = " ".join(["__helicli_next", *map(_quoted, words)])
    return f"complete -c helicli -n {_quoted(rule)} {what}"


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
