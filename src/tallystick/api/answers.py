"""From an outcome to an answer."""

from __future__ import annotations

from typing import TypeVar

from tallystick.api.problems import UNPROCESSABLE, problem_from_refusal
from tallystick.kernel import Outcome, Refused

T = TypeVar("T")


def value_of(outcome: Outcome[T], *, otherwise: int = UNPROCESSABLE) -> T:
    """Return what was wanted, or end the request with the problem document of the refusal."""
    if isinstance(outcome, Refused):
        raise problem_from_refusal(outcome, otherwise=otherwise)
    return outcome.value
