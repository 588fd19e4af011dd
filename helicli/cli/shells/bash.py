"""Completion for bash, 3.2 and later.

Owns the script. It splits the line itself, because bash breaks words at `:` and `=`, which stand in sessions, models
and properties; what it offers is quoted as the word that was begun.
"""

from __future__ import annotations

from typing import Final

from helicli.cli.shells.table import NOTE, offers, quoted, rows
from helicli.cli.tree import Command

_SCRIPT: Final = r"""
# The words of a line up to the cursor, without their quotes; the last one is $current, $quote what it is in.
_helicli_split() {
    local line=$1 sign begun= i
    typed=() current= quote=
    for ((i = 0; i < ${#line}; i++)); do
        sign=${line:i:1}
        if [[ $quote == "'" && $sign != "'" ]]; then
            current+=$sign
        elif [[ $sign == "\\" && $quote != "'" ]]; then
            ((i++))
            current+=${line:i:1} begun=1
        elif [[ -n $quote && $sign == "$quote" ]]; then
            quote=
        elif [[ -z $quote && ($sign == "'" || $sign == '"') ]]; then
            quote=$sign begun=1
        elif [[ -z $quote && $sign == [[:space:]] ]]; then
            [[ -n $begun ]] && typed+=("$current")
            current= begun=
        else
            current+=$sign begun=1
        fi
    done
}

# The command that was typed, the option that waits for its value, and the database.
_helicli_walk() {
    local word i
    at= option= bare= count=0 first= db=$HELICLI_DB
    for ((i = 1; i < ${#typed[@]}; i++)); do
        word=${typed[i]}
        _helicli_table "$at"
        if [[ -n $option ]]; then
            [[ $option == --db ]] && db=$word
            option=
        elif [[ -n $bare ]]; then
            first=${first:-$word}
            ((count++))
        elif [[ $word == -- ]]; then
            bare=1
        elif [[ $word == --db=* ]]; then
            db=${word#*=}
        elif [[ $word == -* ]]; then
            [[ " $takes " == *" $word "* ]] && option=$word
        elif [[ " $subcommands " == *" $word "* ]]; then
            at=${at:+$at }$word
        else
            first=${first:-$word}
            ((count++))
            bare=$wraps
        fi
    done
    _helicli_table "$at"
}

_helicli_found() {
    local word
    case $kind in
        files | programs)
            compopt -o filenames 2>/dev/null
            [[ $kind == programs && $count -gt 0 ]] && kind=files
            while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
                if [[ $kind == programs ]]; then compgen -c -- "$current"; else compgen -f -- "$current"; fi
            )
            ;;
        '')
            for word in $choices; do found+=("$word"); done
            ;;
        *)
            [[ $kind == columns ]] && compopt -o nospace 2>/dev/null
            while IFS= read -r word; do
                word=${word%%$'\t'*}
                [[ $kind == properties && $word == *= ]] && compopt -o nospace 2>/dev/null
                found+=("$word")
            done < <(HELICLI_DB=$db "$program" __complete "$kind" "$current" 2>/dev/null)
            ;;
    esac
}

_helicli() {
    local typed current quote at option bare count first db subcommands options takes wraps
    local kind= choices= lead= word trim= rest breaks=
    local -a found=()
    COMPREPLY=()
    _helicli_split "${COMP_LINE:0:COMP_POINT}"
    local program=${typed[0]}
    type -P -- "$program" >/dev/null || program=helicli
    _helicli_walk
    if [[ -n $option ]]; then
        _helicli_offer "$at" "$option"
    elif [[ -z $bare && $current == --*=* ]]; then
        lead=${current%%=*}= current=${current#*=}
        _helicli_offer "$at" "${lead%=}"
    elif [[ -z $bare && $current == -* ]]; then
        choices=$options
    elif [[ -n $subcommands ]]; then
        choices=$subcommands
    else
        _helicli_offer "$at" "$count"
        _helicli_offer "$at" "$count $first"
    fi
    _helicli_found
    # Outside of quotes, what stands before the last break is kept by readline and must not come again.
    if [[ -z $quote ]]; then
        [[ $COMP_WORDBREAKS == *:* ]] && breaks+=:
        [[ $COMP_WORDBREAKS == *=* ]] && breaks+==
        if [[ -n $breaks && $lead$current == *[$breaks]* ]]; then
            rest=$lead$current
            rest=${rest##*[$breaks]}
            trim=$lead$current
            trim=${trim%"$rest"}
        fi
    fi
    for word in "${found[@]}"; do
        [[ $word == "$current"* ]] || continue
        word=$lead$word
        word=${word#"$trim"}
        [[ -n $word ]] || continue
        if [[ -z $quote ]]; then
            printf -v word %q "$word"
            word=${word//\\,/,}
        elif [[ $quote == "'" ]]; then
            word=${word//\'/\'\\\'\'}
        else
            word=${word//\\/\\\\} word=${word//\"/\\\"} word=${word//\$/\\\$} word=${word//\`/\\\`}
        fi
        COMPREPLY+=("$word")
    done
}

complete -o nosort -F _helicli helicli 2>/dev/null || complete -F _helicli helicli
"""


def render(root: Command) -> str:
    """The script."""
    lines = [f"# helicli: completion for bash; {NOTE}.", ""]
    lines += ["_helicli_table() {", "    case $1 in"]
    for row in rows(root):
        commands = " ".join(name for name, _ in row.commands)
        lines += [
            f"        {quoted(row.path)})",
            f"            subcommands={quoted(commands)}",
            f"            options={quoted(' '.join(row.names))}",
            f"            takes={quoted(' '.join(row.takes))} wraps={'1' if row.wraps else ''}",
            "            ;;",
        ]
    lines += ["    esac", "}", "", "_helicli_offer() {", "    case $1:$2 in"]
    for offer in offers(root):
        keys = "|".join(quoted(f"{offer.path}:{key.removesuffix('*')}") for key in offer.keys)
        keys += "[0-9]*" if offer.place == "*" else ""
        what = f"kind={offer.kind}" if offer.kind else f"choices={quoted(' '.join(offer.words))}"
        lines.append(f"        {keys}) {what} ;;")
    return "\n".join([*lines, "    esac", "}"]) + "\n" + _SCRIPT
