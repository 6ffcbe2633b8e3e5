"""What keeps a line that a person orders from being taken."""

from collections.abc import Iterator

from tallystick.catalog import ManualKind, ManualLine
from tallystick.kernel import Misuse, Problem, instant, parse_decimal

CODE_LENGTH_MAX = 100
TEXT_LENGTH_MAX = 500
_GIVES_BACK = frozenset({ManualKind.GOODWILL, ManualKind.DISPUTE, ManualKind.WRITE_OFF})


def manual_line_problems(line: ManualLine) -> Iterator[Problem]:
    """
    Yield all that is wrong with a line.

    Problems:
        malformed: a text is empty, too long or cannot be printed; the service does not end behind
            its start.
        wrong_amount: the quantity is not above 0, the unit price is no number, or not below 0 where
            the kind gives back.
    """
    for field, text, limit in (
        ("code", line.code, CODE_LENGTH_MAX),
        ("description", line.description, TEXT_LENGTH_MAX),
        ("reason", line.reason, TEXT_LENGTH_MAX),
    ):
        if not text.strip() or not text.isprintable() or len(text) > limit:
            message = f"{field} needs 1 to {limit} printable characters"
            yield Problem(code="malformed", message=message, field=field)
    yield from _period_problems(line)
    yield from _amount_problems(line)


def _period_problems(line: ManualLine) -> Iterator[Problem]:
    try:
        in_order = instant(line.start) < instant(line.end)
    except Misuse:
        in_order = False
    if not in_order:
        message = "start and end are instants, and the service ends behind its start"
        yield Problem(code="malformed", message=message, field="end")


def _amount_problems(line: ManualLine) -> Iterator[Problem]:
    try:
        quantity, price = parse_decimal(line.quantity), parse_decimal(line.unit_price)
    except Misuse:
        message = "quantity and unit_price are decimal numbers"
        yield Problem(code="wrong_amount", message=message, field="unit_price")
        return
    if quantity <= 0:
        message = "the quantity is above 0; a unit price below 0 gives back"
        yield Problem(code="wrong_amount", message=message, field="quantity")
    if line.kind in _GIVES_BACK and price >= 0:
        message = f"a line of kind {line.kind} gives back: its unit price is below 0"
        yield Problem(code="wrong_amount", message=message, field="unit_price")
