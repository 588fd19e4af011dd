"""Completion for zsh.

Owns the script: a function for `fpath`, or to be sourced. zsh quotes what it is given, so values come as they are.
"""

from __future__ import annotations

from typing import Final

from helicli.cli.shells.table import NOTE, offers, quoted, rows
from helicli.cli.tree import Command

_SCRIPT: Final = r"""
_helicli_values() {
    local line
    local -a values shown end
    while IFS= read -r line; do
        values+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  -- }")
    done < <(HELICLI_DB=$h_db command $h_program __complete $h_kind "${(Q)PREFIX}" 2>/dev/null)
    (( $#values )) || return 1
    [[ $h_kind == columns || $values[1] == *= ]] && end=(-S '')
    if [[ "$shown" == *'  -- '* ]]; then
        compadd -V helicli -l -d shown "${end[@]}" -a values
    else
        compadd -V helicli "${end[@]}" -a values
    fi
}

_helicli_offered() {
    case $h_kind in
        files) _files ;;
        programs) if (( h_count )); then _files; else _command_names -e; fi ;;
        '') (( $#h_choices )) && compadd -V helicli -a h_choices ;;
        *) _helicli_values ;;
    esac
}

_helicli() {
    local h_at= h_option= h_bare= h_count=0 h_first= h_wraps= h_db=$HELICLI_DB h_kind= h_word h_program=${(Q)words[1]}
    local -a h_commands h_options h_takes h_choices
    (( $+commands[$h_program] )) || [[ -x $h_program ]] || h_program=helicli
    for h_word in "${(@Q)words[2,CURRENT-1]}"; do
        _helicli_table "$h_at"
        if [[ -n $h_option ]]; then
            [[ $h_option == --db ]] && h_db=$h_word
            h_option=
        elif [[ -n $h_bare ]]; then
            h_first=${h_first:-$h_word}
            (( h_count++ ))
        elif [[ $h_word == -- ]]; then
            h_bare=1
        elif [[ $h_word == --db=* ]]; then
            h_db=${h_word#*=}
        elif [[ $h_word == -* ]]; then
            (( ${h_takes[(Ie)$h_word]} )) && h_option=$h_word
        elif (( ${h_commands[(I)${(b)h_word}:*]} )); then
            h_at=${h_at:+$h_at }$h_word
        else
            h_first=${h_first:-$h_word}
            (( h_count++ ))
            h_bare=$h_wraps
        fi
    done
    _helicli_table "$h_at"
    if [[ -n $h_option ]]; then
        _helicli_offer "$h_at" "$h_option"
        _helicli_offered
    elif [[ -z $h_bare && $PREFIX == --*=* ]]; then
        _helicli_offer "$h_at" "${PREFIX%%=*}"
        compset -P 1 '*='
        _helicli_offered
    elif [[ -z $h_bare && $PREFIX == -* ]]; then
        _describe -V option h_options
    elif (( $#h_commands )); then
        _describe -V command h_commands
    else
        _helicli_offer "$h_at" "$h_count"
        _helicli_offer "$h_at" "$h_count $h_first"
        _helicli_offered
    fi
}

if [[ $funcstack[1] == _helicli ]]; then
    _helicli "$@"
else
    compdef _helicli helicli
fi
"""


def render(root: Command) -> str:
    """The script."""
    lines = ["#compdef helicli", f"# helicli: completion for zsh; {NOTE}.", ""]
    lines += ["_helicli_table() {", "    case $1 in"]
    for row in rows(root):
        options = [_told(name, option.help) for option in row.options for name in option.names]
        lines += [
            f"        {quoted(row.path)})",
            f"            h_commands=({' '.join(_told(name, doc) for name, doc in row.commands)})",
            f"            h_takes=({' '.join(row.takes)}) h_wraps={'1' if row.wraps else ''}",
            "            h_options=(",
            *(f"                {each}" for each in options),
            "            )",
            "            ;;",
        ]
    lines += ["    esac", "}", "", "_helicli_offer() {", "    case $1:$2 in"]
    for offer in offers(root):
        keys = "|".join(quoted(f"{offer.path}:{key.removesuffix('*')}") for key in offer.keys)
        keys += "[0-9]*" if offer.place == "*" else ""
        what = f"h_kind={offer.kind}" if offer.kind else f"h_choices=({' '.join(map(quoted, offer.words))})"
        lines.append(f"        {keys}) {what} ;;")
    return "\n".join([*lines, "    esac", "}"]) + "\n" + _SCRIPT


def _told(name: str, doc: str) -> str:
    return quoted(f"{name}:{doc.rstrip('.')}")
