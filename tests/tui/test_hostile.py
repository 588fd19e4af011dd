"""Text that came from elsewhere, wherever it is shown: it drives no terminal, and no line is moved by it."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from helicli.columns import COLUMNS
from helicli.view.safe import safe
from tests.tui.scene import UNTIL_MS, Scene, scene
from tests.tui.writing import Writer
from tests.view.payloads import HOSTILE, MARKUP

pytestmark = pytest.mark.anyio

SHORT = "".join(text for text in HOSTILE.values() if "\ud800" not in text and len(text) < 100)
WIDE = "名前👨‍👩‍👧‍👦e\u0301\u200b\u200d"
TEXT = SHORT + MARKUP + WIDE + "Z" + "\u0301" * 300 + "x" * 3_000
NAMED = (
    *("user", "session", "session_path", "session_name", "name", "model", "requested_model", "provider", "path"),
    *("error_message", "finish_reason", "prompt", "provider_key", "org", "run", "machine", "segment", "policy"),
    "request_id",
)
HUGE = dict.fromkeys(("input_tokens", "output_tokens", "cost_nano", "latency_us", "cache_read_tokens"), 2**62)
ALL = tuple(each.name for each in COLUMNS)


@pytest.fixture
def hostile_log(tmp_path):
    writer = Writer(tmp_path / "x.db")
    headers = [(b"content-type", b"application/json"), (TEXT[:100].encode(), TEXT.encode())]
    given = dict.fromkeys(NAMED, TEXT) | {"request_headers": headers, "response_headers": headers}
    for number, more in enumerate(({}, HUGE, {"status": 599, "error": "provider_error"}), 1):
        properties = {TEXT[:200]: TEXT, "b": WIDE}
        at = UNTIL_MS - 60_000 * number
        writer.add(number, at=at, said=TEXT, answer=TEXT, properties=properties, **given, **more)
    writer.add(4, at=UNTIL_MS, **{name: text for name, text in given.items() if name != "user"}, user="Z" + TEXT[:99])
    writer.add(5, at=UNTIL_MS, said=HOSTILE["a tower of marks"], answer=HOSTILE["enclosing marks"])
    writer.db.close()
    return tmp_path / "x.db"


def look(at: Scene, where: object) -> None:
    """Nothing on the screen drives the terminal, and each line is as wide as the screen."""
    text = at.text()
    assert sorted({sign for sign in text if sign != "\n" and safe(sign) != sign}) == [], (where, text)
    for strip in at.app.screen._compositor.render_strips():
        assert sum(cell_len(part.text) for part in strip) == at.app.size.width, (where, strip.text)


async def walk(at: Scene, *steps: str) -> None:
    """Press keys, looking after each."""
    for step in steps:
        await at.press(step)
        look(at, step)


async def test_lists_and_calls(hostile_log):
    async with scene(hostile_log, (100, 24), columns=ALL[:14]) as at:
        look(at, "columns")
        for names in (ALL[14:26], ALL[26:]):
            at.table.show(names)
            await at.settle()
            look(at, names)
        await walk(at, "j", "j", "enter", "tab", "tab", "tab", "w", "tab", "tab", "tab", "G", "y", "i", "escape")
        await walk(at, "x", "x", "X", "d", "escape", "escape", "g", "j", "u", "y", "escape", "w", "escape", "escape")


async def test_what_is_offered_and_said(hostile_log):
    async with scene(hostile_log, (100, 24), saved={f"[red]{WIDE}": f'text:"{SHORT}"'}) as at:
        for typed in ("user:", "prop."):
            await walk(at, "slash")
            await at.type(typed)
            await walk(at, "tab", "escape")
        await walk(at, "colon")
        await at.type("filter @")
        look(at, "palette")
        at.app.pop_screen()
        at.app.tell(TEXT)
        await at.settle()
        look(at, "toast")


async def test_analytics(hostile_log):
    async with scene(hostile_log, (100, 24), screen="analytics") as at:
        for group in "mpnvu12":
            await walk(at, "b", group)
        await walk(at, "tab", "tab", "tab", "tab", "M", "z", "M", "z", "y", "c", "enter")
