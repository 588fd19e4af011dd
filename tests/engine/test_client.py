"""The control socket from a command's side; what is asked and answered stands in test_control.py."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest

from helicli.engine import client
from helicli.engine.control import ControlServer
from helicli.errors import HelicliError, UsageError

pytestmark = pytest.mark.anyio


async def test_what_is_given_is_held_until_the_connection_ends(tmp_path):
    let_go = asyncio.Event()

    @asynccontextmanager
    async def lease(given):
        if not given:
            raise UsageError("for whom?", "say it")
        yield {"to": given["who"]}
        let_go.set()

    server = ControlServer(tmp_path / "run" / "x.sock", {}, {"lease": lease})
    await server.start()
    path = str(tmp_path / "run" / "x.sock")
    with pytest.raises(HelicliError, match="for whom") as caught:
        await asyncio.to_thread(client.ask, path, "lease")
    assert caught.value.exit_code == 2
    connection, answer = await asyncio.to_thread(client.hold, path, "lease", {"who": "ada"})
    assert answer == {"to": "ada"}
    assert not let_go.is_set()
    connection.close()
    await asyncio.wait_for(let_go.wait(), 10)
    server.close()


def test_it_imports_no_event_loop():
    program = "import sys, helicli.engine.join, helicli.engine.program; sys.exit('asyncio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=30).returncode == 0
