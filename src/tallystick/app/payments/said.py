"""What people write about payments: text without card numbers, amounts in whole minor units."""

from decimal import Decimal

from tallystick.kernel import Currency, Done, Misuse, Money, Outcome, Problem, parse_decimal, refuse
from tallystick.payments import card_number_problem

TEXT_LENGTH_MAX = 500


def text_problem(field: str, text: str, *, needed: bool = False) -> Problem | None:
    """
    Return what is wrong with a text, None if nothing is.

    Problems:
        card_number: it holds what looks like one; it is not told back.
        wrong_text: it is too long, cannot be printed, or is missing though it is needed.
    """
    card = card_number_problem(text, field)
    if card is not None:
        return card
    if len(text) > TEXT_LENGTH_MAX or (text and not text.isprintable()):
        message = f"give at most {TEXT_LENGTH_MAX} printable characters"
        return Problem(code="wrong_text", message=message, field=field)
    if needed and not text.strip():
        return Problem(code="wrong_text", message=f"say {field}", field=field)
    return None


def money_said(text: str, unit: Currency, *, field: str) -> Outcome[Money]:
    """
    Return an amount above nothing, in whole minor units.

    Problems:
        wrong_amount: no number, nothing or less, or more places than the currency has.
    """
    try:
        value = parse_decimal(text)
    except Misuse:
        value = Decimal(0)
    minor = value.scaleb(unit.exponent)
    if value > 0 and minor == minor.to_integral_value():
        return Done(Money(minor=int(minor), currency=unit))
    message = f"{text[:40]!r} is no amount above 0 of whole {unit.code}"
    return refuse("wrong_amount", message, field)
