"""The table of clients: what each is installed from, what runs its program, and where its environment is kept.

Every client has an environment of its own under `.clients/`, because their dependencies cannot share one. `python
tests/clients/clients.py` makes those that are missing, over the network; the tests themselves never leave this machine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".clients"
PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True)
class Client:
    """One client: a package of PyPI, or of npm where `node`."""

    name: str
    package: str
    node: bool = False

    @property
    def folder(self) -> Path:
        """Its environment."""
        return KEPT / self.name

    @property
    def ready(self) -> Path:
        """The mark of an environment that was made to the end."""
        return self.folder / ".ready"

    def make(self) -> None:
        """Make its environment anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if self.node:
            (self.folder / "package.json").write_text('{"private": true}\n')
            _run("npm", "install", "--no-audit", "--no-fund", "--loglevel=error", self.package, folder=self.folder)
        else:
            _run(sys.executable, "-m", "venv", str(self.folder), folder=ROOT)
            python = str(self.folder / "bin" / "python")
            _run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", self.package, folder=ROOT)
        self.ready.touch()

    def command(self, program: str) -> list[str]:
        """The command that runs `program`, a file of `programs/`, without its argument."""
        if not self.node:
            return [str(self.folder / "bin" / "python"), str(PROGRAMS / program)]
        # A module of node's looks for packages beside itself.
        return ["node", shutil.copy(PROGRAMS / program, self.folder)]


CLIENTS = {
    client.name: client
    for client in (
        Client("openai", "openai"),
        Client("anthropic", "anthropic"),
        Client("google-genai", "google-genai"),
        Client("groq", "groq"),
        Client("together", "together"),
        Client("mistralai", "mistralai"),
        Client("ollama", "ollama"),
        Client("cohere", "cohere"),
        Client("helicone", "helicone_helpers"),
        Client("node-openai", "openai", node=True),
        Client("node-anthropic", "@anthropic-ai/sdk", node=True),
        Client("node-helicone", "@helicone/helpers", node=True),
    )
}


def has_node() -> bool:
    """Whether node and npm are here."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def _run(*command: str, folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True)


def main() -> None:
    """Make every environment that is missing."""
    for client in CLIENTS.values():
        if client.node and not has_node():
            sys.stdout.write(f"{client.name}: skipped, because node and npm are not installed\n")
        elif not client.ready.exists():
            sys.stdout.write(f"{client.name}: installing {client.package} into {client.folder.relative_to(ROOT)}\n")
            sys.stdout.flush()
            client.make()


if __name__ == "__main__":
    main()
