"""Instants that callers write: with any zone, and then in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from tallystick.api.problems import FieldProblem, HttpProblem


def utc(name: str, at: datetime) -> datetime:
    """Return an instant in UTC; 422 where it has no zone, or lies outside the years 1 to 9999."""
    message = "Write an instant with its zone, such as 2026-01-01T00:00:00Z."
    if at.tzinfo is not None:
        try:
            return at.astimezone(UTC)
        except OverflowError:
            message = "This instant lies outside the years 1 to 9999."
    problem = FieldProblem(code="invalid", message=message, path=name)
    raise HttpProblem(422, "invalid", message, errors=[problem])


def utc_if_given(name: str, at: datetime | None) -> datetime | None:
    """Return an instant in UTC as `utc` does, and none where none was written."""
    return None if at is None else utc(name, at)
