"""From an outcome to an answer."""

from __future__ import annotations

from typing import TypeVar

from tallystick.api.problems import HttpProblem, problem_from_refusal
from tallystick.kernel import Outcome, Refused

T = TypeVar("T")


def value_of(outcome: Outcome[T]) -> T:
    """Return what was wanted, or end the request with the problem document of the refusal."""
    if isinstance(outcome, Refused):
        raise problem_from_refusal(outcome)
    return outcome.value


def found(value: T | None, what: str) -> T:
    """Return a value that was looked for, or end the request with 404."""
    if value is None:
        raise HttpProblem(404, "not_found", f"There is no such {what}.")
    return value
