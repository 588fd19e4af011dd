"""helicli with a clock that stands twelve minutes after the sample log began; run as a script."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from helicli.cli.main import run  # noqa: E402
from helicli.cli.options import Invocation  # noqa: E402

NOW = datetime(2026, 11, 21, 14, 15, 11, 204_000, UTC)

if __name__ == "__main__":
    args = sys.argv[1:]
    parsed_early = args[:1] == ["__complete"]
    sys.exit(run(args) if parsed_early else run(args, Invocation(os.environ, clock=lambda: NOW)))
