"""Where a run comes from, with a real git."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from helicli.engine import origin as module
from helicli.engine.origin import Origin


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


def git(*args):
    names = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=trunk"]
    done = subprocess.run(["git", *names, *args], check=True, capture_output=True, text=True, timeout=30)
    return done.stdout.strip()


def test_a_folder_without_a_repository(folder):
    assert Origin({}).properties() == {"cwd": str(folder)}


@pytest.mark.skipif(not shutil.which("git"), reason="no git")
def test_branch_commit_and_whether_something_was_changed(folder):
    git("init", "-q")
    assert Origin({}).properties() == {"cwd": str(folder), "git_branch": "trunk", "git_dirty": "false"}
    (folder / "a").write_text("1")
    git("add", "a")
    git("commit", "-qm", "one")
    commit = git("rev-parse", "HEAD")
    (folder / "untracked").write_text("1")
    clean = {"cwd": str(folder), "git_branch": "trunk", "git_commit": commit, "git_dirty": "false"}
    assert Origin({}).properties() == clean
    (folder / "a").write_text("2")
    assert Origin({}).properties() == {**clean, "git_dirty": "true"}
    git("checkout", "-q", "--detach")
    assert "git_branch" not in Origin({}).properties()


@pytest.mark.skipif(not shutil.which("git"), reason="no git")
def test_a_repositorys_own_programs_are_not_run(folder):
    git("init", "-q")
    (folder / "spy").write_text(f"#!/bin/sh\ntouch {folder}/ran\n")
    (folder / "spy").chmod(0o755)
    git("config", "core.fsmonitor", str(folder / "spy"))
    assert Origin({}).properties()["git_branch"] == "trunk"
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    ("env", "found"),
    [
        ({}, {}),
        ({"CI": "false"}, {}),
        ({"CI": "true"}, {"ci": "other"}),
        ({"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_JOB": "test"}, {"ci": "github", "ci_job": "test"}),
        ({"GITLAB_CI": "true", "CI_JOB_NAME": "unit"}, {"ci": "gitlab", "ci_job": "unit"}),
        ({"BUILDKITE": "true", "BUILDKITE_JOB_ID": "0193"}, {"ci": "buildkite", "ci_job": "0193"}),
        ({"JENKINS_URL": "http://j/", "JOB_NAME": "a/b"}, {"ci": "jenkins", "ci_job": "a/b"}),
        ({"CIRCLECI": "true", "CIRCLE_JOB": "build"}, {"ci": "circleci", "ci_job": "build"}),
    ],
)
def test_the_job_of_continuous_integration(folder, env, found):
    assert Origin(env).properties() == {"cwd": str(folder), **found}


def test_a_git_that_takes_too_long_or_is_not_there(folder, monkeypatch):
    monkeypatch.setattr(module, "GIT_SECONDS", 0.01)
    monkeypatch.setattr(module, "_STATUS", ("sleep", "60"))
    assert Origin({}).properties() == {"cwd": str(folder)}
    monkeypatch.setattr(module, "_STATUS", ("no-such-git",))
    assert Origin({}).properties() == {"cwd": str(folder)}
