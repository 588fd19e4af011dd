"""Where a run comes from: its folder, its commit, its job of continuous integration.

Owns the names of these properties. Nothing here may hold a run up or fail it: what is not known at once is left out.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

GIT_SECONDS: Final = 0.5

# Not asked for what a repository's own settings would have it run, nor for its lock.
_GIT: Final = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false")
_STATUS: Final = (*_GIT, "status", "--porcelain=v2", "--branch", "--untracked-files=no", "--ignore-submodules")

CI: Final = (
    ("github", "GITHUB_ACTIONS", ("GITHUB_JOB",)),
    ("gitlab", "GITLAB_CI", ("CI_JOB_NAME",)),
    ("buildkite", "BUILDKITE", ("BUILDKITE_LABEL", "BUILDKITE_JOB_ID")),
    ("jenkins", "JENKINS_URL", ("JOB_NAME",)),
    ("circleci", "CIRCLECI", ("CIRCLE_JOB",)),
    ("other", "CI", ()),
)
"""Name, the variable that tells, and those the job's name may stand in."""


class Origin:
    """What is known of a run; git is asked while other things are done."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._git = _start(_STATUS)

    def properties(self) -> dict[str, str]:
        """`cwd git_branch git_commit git_dirty ci ci_job`, as far as they are known."""
        found: dict[str, str] = {}
        with suppress(OSError):
            found["cwd"] = os.getcwd()  # noqa: PTH109
        found.update(_read_status(_finish(self._git)))
        found.update(_ci(self._env))
        return found


def _read_status(text: str | None) -> dict[str, str]:
    """Branch, commit and whether files that git knows were changed."""
    if not text:
        return {}
    heads = dict(line[2:].split(" ", 1) for line in text.splitlines() if line.startswith("# branch."))
    found = {"git_branch": heads.get("branch.head", ""), "git_commit": heads.get("branch.oid", "")}
    # `(initial)` and `(detached)` are git's way to say that there is none.
    found = {name: value for name, value in found.items() if value and not value.startswith("(")}
    dirty = any(line and not line.startswith("#") for line in text.splitlines())
    return {**found, "git_dirty": "true" if dirty else "false"}


def _ci(env: Mapping[str, str]) -> dict[str, str]:
    for name, sign, jobs in CI:
        if env.get(sign, "").lower() not in ("", "0", "false"):
            job = next((env[job] for job in jobs if env.get(job)), "")
            return {"ci": name, **({"ci_job": job} if job else {})}
    return {}


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except OSError:
        return None


def _finish(git: subprocess.Popen[bytes] | None) -> str | None:
    """What git said; None where there is no git, no repository, or it takes too long."""
    if git is None:
        return None
    try:
        said, _ = git.communicate(timeout=GIT_SECONDS)
    except subprocess.TimeoutExpired:
        git.kill()
        git.communicate()
        return None
    return said.decode(errors="replace") if git.returncode == 0 else None
