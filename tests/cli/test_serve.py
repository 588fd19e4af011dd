"""The options of serve; what it does is tested end to end in tests/e2e/test_lifecycle.py."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--upstream", "nonsense"], 'error: --upstream cannot be "nonsense"'),
        (["--upstream", "=http://x"], "error:"),
        (["--upstream", "x=ftp://host"], "error:"),
        (["--idle-timeout", "soon"], 'error: --idle-timeout cannot be "soon"'),
        (["--bodies", "some"], 'error: --bodies cannot be "some"'),
        (["--port", "70000"], "error:"),
        (["--ca-file", "/no/such.pem"], "error: /no/such.pem holds no certificates"),
        (["--host", "0.0.0.0"], "error: 0.0.0.0 can be reached by other machines"),
        (["--host", "no.such.host.invalid", "--unsafe-no-auth"], "error: no.such.host.invalid is not an address"),
        (["--prot", "1"], "error: no option --prot"),
    ],
)
def test_wrong_options_are_told_with_a_fix_and_start_nothing(empty, options, told):
    result = empty("serve", *options)
    assert result.code == 2
    assert result.err.startswith(told)
    assert "fix:" in result.err
    assert result.out == ""
    assert not empty.database.exists()
