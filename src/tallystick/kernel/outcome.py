"""
What a caller must expect is a value, not an exception.

A function that may decline returns ``Outcome[T]``: either ``Done`` with what was made, or
``Refused`` with every problem found, so that a person can mend them all at once. Exceptions are
left for misuse and for infrastructure (``errors.py``).

>>> refuse("unknown_unit", "'hours' is not known; did you mean 'hour'?", "unit").problems[0].field
'unit'
"""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """
    One reason why something was refused.

    Attributes:
        code: machine-readable, lower snake case, stable across releases.
        message: what is wrong and what to do, for a person.
        field: path of the field concerned (``tiers[1].up_to``), empty when it is about the whole.
    """

    code: str
    message: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Done(Generic[T_co]):
    """The wanted result."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Refused:
    """Declined, with at least one problem."""

    problems: tuple[Problem, ...]


Outcome: TypeAlias = Done[T_co] | Refused


def refuse(code: str, message: str, field: str = "") -> Refused:
    """
    Return a refusal with a single problem.

    Example:
        >>> refuse("too_late", "the period is closed").problems[0].code
        'too_late'
    """
    return Refused((Problem(code=code, message=message, field=field),))
