"""Currencies that callers name."""

from __future__ import annotations

from tallystick.api.problems import FieldProblem, HttpProblem
from tallystick.kernel import Currency, Misuse, currency, custom_currency


def unit_named(name: str, code: str) -> Currency:
    """Return the currency of a code, or a custom unit whose places the caller does not know."""
    try:
        return currency(code)
    except Misuse as unknown:
        try:
            return custom_currency(code, 0)
        except Misuse:
            problem = FieldProblem(code="invalid", message=str(unknown), path=name)
            raise HttpProblem(422, "invalid", str(unknown), errors=[problem]) from unknown
