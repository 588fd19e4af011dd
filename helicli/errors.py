"""Every error helicli raises on purpose, each with its fix and its exit code.

    HelicliError            1   it failed
    ├─ UsageError           2   a wrong option, value or setting
    ├─ NotFoundError        3   no such call, session, prompt
    ├─ DatabaseError        4   in use by another engine, not writable, from a newer version
    ├─ NetworkError         5   a port that is taken, a proxy that does not answer
    ├─ OverBudgetError      8   more was spent than was allowed
    ├─ CannotRunError     126   a program that cannot be executed
    └─ NoProgramError     127   a program that is not there

An error cannot be written without a fix: the sentence or command that helps.
"""

from __future__ import annotations


class Excerpt:
    """A text that was given, from where to where it is wrong, and what may have been meant there."""

    __slots__ = ("end", "hint", "start", "text")

    def __init__(self, text: str, start: int, end: int, hint: str = "") -> None:
        self.text = text
        self.start = start
        self.end = end
        self.hint = hint


class HelicliError(Exception):
    """Base of all; `message` names the subject, `cause` says why where it helps, `fix` says what to do.

    `excerpt` shows the place in what was given, where there is one.
    """

    exit_code = 1
    excerpt: Excerpt | None = None

    def __init__(self, message: str, fix: str, cause: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.cause = cause


class UsageError(HelicliError):
    """A wrong option, value or setting."""

    exit_code = 2


class NotFoundError(HelicliError):
    """Something named that is not there."""

    exit_code = 3


class DatabaseError(HelicliError):
    """The database is in use by another engine, cannot be written, or is from a newer version."""

    exit_code = 4


class NetworkError(HelicliError):
    """A port that is taken, or a proxy that does not answer."""

    exit_code = 5


class OverBudgetError(HelicliError):
    """More was spent than was allowed: an assertion that did not hold."""

    exit_code = 8


class CannotRunError(HelicliError):
    """A program that cannot be executed; the exit code is the one of shells."""

    exit_code = 126


class NoProgramError(HelicliError):
    """A program that is not there; the exit code is the one of shells."""

    exit_code = 127


EXIT_CODES = (
    (0, "it worked; finding nothing is no failure, unless --fail-empty asks for that"),
    (1, "it failed, or what was waited for did not come"),
    (UsageError.exit_code, "a wrong option, value or setting"),
    (NotFoundError.exit_code, "no such call, topic or database"),
    (
        DatabaseError.exit_code,
        "the database is in use by another engine, cannot be written, or is from a newer version",
    ),
    (NetworkError.exit_code, "a port that is taken, or a proxy that does not answer"),
    (OverBudgetError.exit_code, "costs --budget: more was spent"),
    (CannotRunError.exit_code, "run: the program cannot be executed"),
    (NoProgramError.exit_code, "run: there is no such program"),
    (130, "stopped by ^C; tail and serve, which are meant to be stopped so, end with 0"),
)
"""Every exit code and what it means, for help and the reference; run else ends as its program did."""
