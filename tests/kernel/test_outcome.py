"""Outcomes."""

from tallystick.kernel import Done, Outcome, Problem, Refused, refuse


def half(number: int) -> Outcome[int]:
    """Return half of an even number."""
    return refuse("odd", f"{number} is odd", "number") if number % 2 else Done(number // 2)


def test_a_refusal_carries_code_message_and_field() -> None:
    """Who refuses says what, why and where."""
    assert half(3) == Refused((Problem(code="odd", message="3 is odd", field="number"),))


def test_a_result_is_a_value() -> None:
    """A result compares by what it holds."""
    assert half(4) == Done(2)
    assert half(4) != half(6)
