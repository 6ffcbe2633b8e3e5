"""
Numbers of payment cards in free text: they are refused, and never told back.

A run of 13 to 19 digits, perhaps parted by blanks, dots or hyphens, is one where it begins as
issuers' numbers do and its check digit is right (Luhn, ISO/IEC 7812-1). References of transfers
pass: most begin otherwise, and nine in ten have another check digit.
"""

import re

from tallystick.kernel import Problem

_RUN = re.compile(r"(?<![0-9])[0-9](?:[ .\-]?[0-9]){12,18}(?![0-9])")
# Visa 4, Mastercard 51-55 and 2221-2720, American Express 34 and 37, Diners 30, 36, 38 and 39,
# Discover 6011, 644-649 and 65, UnionPay 62, JCB 3528-3589, Maestro 50, 56-58, 63 and 67.
_ISSUED = re.compile(
    r"4|5[0-8]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[04678]|39|352[89]|35[3-8]|6011|64[4-9]|6[2357]"
)
_TEN = 10
_NINE = 9


def holds_card_number(text: str) -> bool:
    """
    Tell whether a text holds what looks like the number of a payment card.

    Example:
        >>> holds_card_number("card 4111 1111 1111 1111"), holds_card_number("RF18 5390 0754 7034")
        (True, False)
        >>> holds_card_number("4111111111111112")
        False
    """
    runs = ("".join(filter(str.isdigit, found[0])) for found in _RUN.finditer(text))
    return any(_ISSUED.match(digits) is not None and _is_checked(digits) for digits in runs)


def card_number_problem(text: str, field: str) -> Problem | None:
    """Return why a text is refused that holds such a number, which is not told back; else None."""
    if not holds_card_number(text):
        return None
    message = "this holds what looks like the number of a payment card; no such number is kept"
    return Problem(code="card_number", message=message, field=field)


def _is_checked(digits: str) -> bool:
    """Tell whether the last digit makes the sum of all, every second one doubled, a ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - _NINE if value > _NINE else value
    return total % _TEN == 0
