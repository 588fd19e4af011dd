"""The tree of errors and its exit codes."""

from __future__ import annotations

import pytest

from helicli import errors

CODES = {
    "HelicliError": 1,
    "UsageError": 2,
    "NotFoundError": 3,
    "DatabaseError": 4,
    "NetworkError": 5,
    "OverBudgetError": 8,
    "CannotRunError": 126,
    "NoProgramError": 127,
}


def _raised():
    kinds = {name: each for name, each in vars(errors).items() if isinstance(each, type)}
    return {name: each for name, each in kinds.items() if issubclass(each, BaseException)}


def test_each_has_its_exit_code_and_a_line_in_the_docstring():
    assert {name: each.exit_code for name, each in _raised().items()} == CODES
    for name, code in CODES.items():
        (line,) = [line for line in errors.__doc__.splitlines() if name in line]
        assert line.split(name)[1].split()[0] == str(code)


def test_all_are_one_kind():
    assert all(issubclass(each, errors.HelicliError) for each in _raised().values())


@pytest.mark.parametrize("name", CODES)
def test_none_is_written_without_its_fix(name):
    kind = getattr(errors, name)
    with pytest.raises(TypeError):
        kind("it failed")
    error = kind("it failed", "do this", "since")
    assert (str(error), error.message, error.fix, error.cause) == ("it failed", "it failed", "do this", "since")
    assert kind("it failed", "do this").cause == ""


def test_every_exit_code_is_explained_once():
    codes = [code for code, _ in errors.EXIT_CODES]
    raised = {kind.exit_code for kind in _raised().values()}
    assert codes == sorted(set(codes)) and raised <= set(codes)
