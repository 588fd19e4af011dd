"""Completion for PowerShell: its form, since no PowerShell runs here."""

from __future__ import annotations

import re

from helicli.cli.completions import script

STRING = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"`]|`.)*\"")


def test_brackets_and_quotes_are_closed():
    plain = STRING.sub("''", "\n".join(line for line in script("powershell").splitlines() if not line.startswith("#")))
    assert "'" not in plain.replace("''", "") and '"' not in plain
    held: list[str] = []
    for sign in plain:
        if sign in "([{":
            held.append(sign)
        elif sign in ")]}":
            assert "([{".index(held.pop()) == ")]}".index(sign)
    assert held == []


def test_every_variable_is_set():
    text = STRING.sub(lambda found: found[0] if found[0].startswith('"') else "''", script("powershell"))
    used = set(re.findall(r"\$(?:\{)?([A-Za-z]\w*)", text)) - {"null", "false", "true", "env", "_"}
    given = set(re.findall(r"\$(\w+)(?:\s*=|,)", text)) | {"wordToComplete", "commandAst", "cursorPosition"}
    assert used <= given | set(re.findall(r"foreach \(\$(\w+) in", text)) | set(re.findall(r", \$(\w+) =", text))


def test_tables_hold_the_commands_and_the_kinds():
    text = script("powershell")
    assert "$commands['db'] = @('path', 'info'" in text
    assert "$kinds['tail:--user'] = 'users'" in text and "$kinds['show:0'] = 'calls'" in text
    assert "$choices[':--color'] = @('auto', 'always', 'never')" in text
    assert "$choices['config set:1 serve.bodies'] = @('full', 'meta', 'off')" in text
    assert "$kinds['help:*'] = 'topics'" in text and "$wraps = @('run')" in text
    assert "'--user'" in text.split("$options['tail']")[1].splitlines()[0]
