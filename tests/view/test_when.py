"""Instants in the four ways of --time."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from helicli.view.when import TIMES, When
from tests.query.logs import T0

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("how", "exact", "short", "dated"),
    [
        ("relative", "12m ago", "12m ago", "12m ago"),
        ("local", "2026-11-21T15:03:11.204+01:00", "15:03:11", "2026-11-21 15:03:11"),
        ("utc", "2026-11-21T14:03:11.204Z", "14:03:11", "2026-11-21 14:03:11"),
        ("unix", "1795269791.204", "1795269791", "1795269791"),
    ],
)
def test_an_instant(how, exact, short, dated):
    when = When(how, VIENNA, T0 + 720_000)
    assert (when.exact(T0), when.short(T0), when.dated(T0)) == (exact, short, dated)
    assert how in TIMES


def test_utc_is_the_rule():
    assert When() == When("utc", UTC, 0)
