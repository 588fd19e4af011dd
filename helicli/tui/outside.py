"""Programs that are shown a text while the app stands aside: the user's pager and editor."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from helicli.errors import UsageError

if TYPE_CHECKING:
    from helicli.tui.app import HelicliApp


def page(app: HelicliApp, text: str, command: tuple[str, ...]) -> None:
    """Show a safe text in the pager."""
    _aside(app, command, text.encode(errors="replace"), "PAGER")


def edit(app: HelicliApp, text: str, name: str, command: tuple[str, ...]) -> None:
    """Open a copy of a safe text in the editor; what becomes of the copy is nobody's business."""
    with tempfile.TemporaryDirectory(prefix="helicli-") as folder:
        file = Path(folder) / name
        file.touch(mode=0o600)
        file.write_bytes(text.encode(errors="replace"))
        _aside(app, (*command, str(file)), None, "EDITOR")


def _aside(app: HelicliApp, command: tuple[str, ...], given: bytes | None, variable: str) -> None:
    try:
        with app.suspend():
            subprocess.run(command, input=given, check=False)
    except SuspendNotSupported:
        app.tell("this terminal cannot be left for another program")
    except OSError as error:
        app.tell_error(UsageError(f"{command[0]} cannot be started", f"set {variable}", str(error)))
