"""Numbers and times as people read them; text only, nothing here is calculated with again."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from tallystick.kernel import EXACT, plain, time_zone

TAIL_DIGITS = 6
SMALL_DIGITS = 6
LARGE_DIGITS = 4
THIN_SPACE = "\u2009"
_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def quantity_text(quantity: Decimal, *, whole: bool = False) -> str:
    """
    Return a quantity with grouped thousands and as many decimals as its size asks for.

    The number of decimals does not change while a quantity grows by little, so that it stands still
    on the page. A whole quantity, such as one fee, is shown as it is.

    >>> quantity_text(Decimal("45.678901")), quantity_text(Decimal("0.5"))
    ('45.6789', '0.500000')
    """
    if whole:
        return grouped(plain(quantity))
    return amount_text(quantity, digits=LARGE_DIGITS if abs(quantity) >= 1 else SMALL_DIGITS)


def unit_text(unit: str) -> str:
    """
    Return a unit as it is written on paper.

    >>> unit_text("GiB.hour")
    'GiB·hour'
    """
    return unit.replace(".", "·")


def amount_text(amount: Decimal, *, digits: int) -> str:
    """
    Return an exact amount cut to some decimals, all of them shown.

    >>> amount_text(Decimal("234.56789"), digits=4)
    '234.5678'
    """
    return grouped(f"{cut(amount, digits):f}")


def head_and_tail(amount: Decimal, *, exponent: int) -> tuple[str, str]:
    """
    Return an exact amount in two parts: what the currency shows, and six digits beyond it.

    The parts are cut, not rounded, so that a growing amount never seems to fall.

    >>> head_and_tail(Decimal("12.3456789"), exponent=2)
    ('12.34', '567890')
    """
    text = f"{cut(amount, exponent + TAIL_DIGITS):f}"
    return grouped(text[:-TAIL_DIGITS].rstrip(".")), text[-TAIL_DIGITS:]


def cut(value: Decimal, digits: int) -> Decimal:
    """Return a value with so many decimals, toward zero."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN, context=EXACT)


def grouped(text: str) -> str:
    """Return a plain decimal with thin spaces between thousands."""
    sign = "-" if text.startswith("-") else ""
    whole, point, fraction = text.removeprefix("-").partition(".")
    parts = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)]
    return sign + THIN_SPACE.join(reversed(parts)) + point + fraction


def day_text(at: datetime, zone: str) -> str:
    """Return the local day of an instant."""
    local = at.astimezone(time_zone(zone))
    return f"{local.day} {local:%B %Y}"


def moment_text(at: datetime, zone: str) -> str:
    """Return the local minute of an instant."""
    return f"{at.astimezone(time_zone(zone)):%Y-%m-%d %H:%M}"


def age_text(at: datetime, now: datetime) -> str:
    """Return how long ago an instant was, as people say it."""
    return seconds_text(max(0, int((now - at).total_seconds())))


def seconds_text(seconds: int) -> str:
    """
    Return a length of time in its largest whole unit, as people say it.

    >>> seconds_text(7_199), seconds_text(0)
    ('1 h', 'now')
    """
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return "now"
