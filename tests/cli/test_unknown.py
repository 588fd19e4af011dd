"""Names that stand in no call, and what may have been meant."""

from __future__ import annotations

import pytest

from helicli.cli.unknown import tell_unknown
from tests.query.logs import chosen


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"user": ("adda",)}, 'note:  no user "adda" in the log; did you mean ada?\n'),
        ({"model": ("gpt4o",)}, 'note:  no model "gpt4o" in the log; did you mean gpt-4o?\n'),
        ({"provider": ("zzz",)}, 'note:  no provider "zzz" in the log\n'),
        ({"name": ("suport",)}, 'note:  no name "suport" in the log; did you mean support?\n'),
        ({"user": ("\x1b[2J",)}, 'note:  no user "·[2J" in the log\n'),
        ({"user": ("ada",), "model": ("gpt*",)}, ""),
    ],
)
def test_a_name_that_stands_in_no_call(console, terms, told):
    tell_unknown(console.invocation(), chosen(**terms))
    assert console.streams[1].bytes().decode() == told


def test_nothing_is_told_of_no_log(empty):
    tell_unknown(empty.invocation(), chosen(user=("x",)))
    assert empty.streams[1].bytes() == b""
