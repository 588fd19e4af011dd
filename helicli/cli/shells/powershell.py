"""Completion for PowerShell, 5.1 and later.

Owns the script. It is rendered and its form is checked, but it is not run by the tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from helicli.cli.shells.table import NOTE, offers, rows
from helicli.cli.tree import Command

_SCRIPT: Final = r"""
    $at = ''
    $option = ''
    $bare = $false
    $words = @()
    $db = $env:HELICLI_DB
    $typed = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
    foreach ($element in @($typed | Select-Object -Skip 1)) {
        $word = $element.Extent.Text.Trim("'", '"')
        if ($option) {
            if ($option -ceq '--db') { $db = $word }
            $option = ''
        } elseif ($bare) {
            $words += $word
        } elseif ($word -ceq '--') {
            $bare = $true
        } elseif ($word -clike '--db=*') {
            $db = $word.Substring(5)
        } elseif ($word.StartsWith('-')) {
            if ($takes[$at] -ccontains $word) { $option = $word }
        } elseif ($commands[$at] -ccontains $word) {
            $at = "$at $word".Trim()
        } else {
            $words += $word
            $bare = $wraps -ccontains $at
        }
    }
    $lead = ''
    $current = $wordToComplete.Trim("'", '"')
    if (-not $option -and -not $bare -and $current -clike '--*=*') {
        $option, $current = $current.Split('=', 2)
        $lead = "$option="
    }
    $found = @()
    if (-not $option -and -not $bare -and $current.StartsWith('-')) {
        $found = $options[$at]
    } elseif (-not $option -and $commands[$at]) {
        $found = $commands[$at]
    } else {
        $place = "${at}:$($words.Count)"
        $keys = @("${at}:$option")
        if (-not $option) { $keys = @("$place $($words | Select-Object -First 1)", $place, "${at}:*") }
        $key = $keys | Where-Object { $kinds.ContainsKey($_) -or $choices.ContainsKey($_) } | Select-Object -First 1
        if (-not $key) { return }
        if ($kinds[$key] -eq 'files' -or $kinds[$key] -eq 'programs') { return }
        if ($kinds[$key]) {
            $before = $env:HELICLI_DB
            try {
                $env:HELICLI_DB = $db
                $found = @(& helicli __complete $kinds[$key] $current 2>$null)
            } finally {
                $env:HELICLI_DB = $before
            }
        } else {
            $found = $choices[$key]
        }
    }
    foreach ($line in $found) {
        $value, $doc = $line.Split("`t", 2)
        if (-not $value.StartsWith($current)) { continue }
        if (-not $doc) { $doc = $value }
        $text = "$lead$value"
        if ($text -match '[^\w\-.,:=/@*+]') { $text = "'" + $text.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $doc)
    }
}
"""


def render(root: Command) -> str:
    """The script."""
    lines = [
        f"# helicli: completion for PowerShell; {NOTE}.",
        "",
        "Register-ArgumentCompleter -Native -CommandName helicli -ScriptBlock {",
        "    param($wordToComplete, $commandAst, $cursorPosition)",
    ]
    found = rows(root)
    lines += _table("commands", ((row.path, _list(name for name, _ in row.commands)) for row in found if row.commands))
    lines += _table("options", ((row.path, _list(row.names)) for row in found))
    lines += _table("takes", ((row.path, _list(row.takes)) for row in found))
    lines.append(f"    $wraps = {_list(row.path for row in found if row.wraps)}")
    keyed = [(f"{offer.path}:{key}", offer) for offer in offers(root) for key in offer.keys]
    lines += _table("kinds", ((key, _quoted(offer.kind)) for key, offer in keyed if offer.kind))
    lines += _table("choices", ((key, _list(offer.words)) for key, offer in keyed if not offer.kind))
    return "\n".join(lines) + _SCRIPT


def _table(name: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    # A hash table made with @{} does not tell -u from -U.
    lines = [f"    ${name} = [System.Collections.Hashtable]::new([System.StringComparer]::Ordinal)"]
    return lines + [f"    ${name}[{_quoted(key)}] = {value}" for key, value in pairs]


def _list(words: Iterable[str]) -> str:
    return "@(" + ", ".join(_quoted(word) for word in words) + ")"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
