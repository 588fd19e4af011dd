"""Pictures of the full screen for README, drawn from a made-up log: `make pictures`.

Owns which screens are shown. What is drawn is the app itself, on a terminal of 120 by 36.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from helicli.demo.bulk import build
from tests.tui.scene import UNTIL_MS, Scene, scene

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
CALLS = 100_000
SCREENS: dict[str, tuple[str, ...]] = {
    "requests": (),
    "inspector": ("j", "enter"),
    "analytics": ("2",),
}
"""The keys that lead to each screen."""


async def draw(database: Path, folder: Path) -> None:
    """Write a picture of every screen."""
    for name, keys in SCREENS.items():
        async with scene(database) as at:
            await at.press(*keys)
            _save(at, folder / f"tui-{name}.svg")


def _save(at: Scene, file: Path) -> None:
    file.write_text(at.app.export_screenshot(title=f"helicli tui · {file.stem.removeprefix('tui-')}"), "utf-8")


def main() -> None:
    """Draw them all."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "helicli.db"
        build(database, CALLS, 7, UNTIL_MS, lambda share: None)
        asyncio.run(draw(database, FOLDER))


if __name__ == "__main__":
    main()
