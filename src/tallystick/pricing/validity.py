"""
How a price says that it cannot be: all its faults at once, each with its field.

Models check themselves when they are built, so that a price which exists can be rated. Documents
turn the same faults into problems with a path.
"""

from collections.abc import Iterable
from decimal import Decimal

from tallystick.kernel import Misuse, Problem


class InvalidPrice(Misuse):
    """
    A price or one of its parts breaks a rule.

    Attributes:
        problems: every fault found, with the field relative to the object.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.message}" for fault in problems))
        self.problems = problems


def require(problems: Iterable[Problem]) -> None:
    """
    Raise ``InvalidPrice`` with all problems, if there are any.

    Example:
        >>> require(())
    """
    found = tuple(problems)
    if found:
        raise InvalidPrice(found)


def negative_problems(field: str, value: Decimal) -> tuple[Problem, ...]:
    """
    Return a problem if a number of a price is below zero or not finite.

    Example:
        >>> negative_problems("amount", Decimal("-1"))[0].code
        'negative'
    """
    if value.is_finite() and value >= 0:
        return ()
    return (Problem(code="negative", message=f"must be 0 or more, not {value}", field=field),)


def positive_problems(field: str, value: Decimal) -> tuple[Problem, ...]:
    """
    Return a problem if a number of a price is not above zero, or not finite.

    Example:
        >>> positive_problems("package_size", Decimal(0))[0].code
        'not_positive'
    """
    if value.is_finite() and value > 0:
        return ()
    return (Problem(code="not_positive", message=f"must be above 0, not {value}", field=field),)
