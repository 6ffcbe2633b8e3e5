"""
Exceptions: misuse by a programmer, broken invariants, missing engines.

Expected refusals are values (``outcome.py``). The tree:

    TallystickError
    ├── Misuse               a caller gave what the contract forbids
    │   ├── CurrencyMismatch two currencies met
    │   └── UnitMismatch     two units met that do not convert
    ├── InvariantBroken      our own promise does not hold: a defect
    └── EngineUnavailable    PostgreSQL, ClickHouse or the log cannot be reached
        └── EngineBusy       it works, and what was asked waited too long for others
"""


class TallystickError(Exception):
    """Root of every exception raised on purpose."""


class Misuse(TallystickError):
    """The caller broke the documented contract of a function."""


class CurrencyMismatch(Misuse):
    """Amounts of different currencies met; currencies never mix."""


class UnitMismatch(Misuse):
    """Quantities met whose units do not convert into each other."""


class InvariantBroken(TallystickError):
    """Something that must always hold does not: a defect of ours."""


class EngineUnavailable(TallystickError):
    """An engine or the log cannot be reached or refuses to work."""


class EngineBusy(EngineUnavailable):
    """An engine works, but what was asked of it waited too long for what others do there."""


def check(cond: object, message: str) -> None:
    """
    Raise ``InvariantBroken`` unless the condition holds; ``python -O`` does not remove it.

    Example:
        >>> check(1 + 1 == 2, "arithmetic works")
    """
    if not cond:
        raise InvariantBroken(message)
