"""Numbers and times as people read them; text only, nothing here is calculated with again."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from zoneinfo import ZoneInfo

from tallystick.kernel import EXACT, plain

TAIL_DIGITS = 6
QUANTITY_DIGITS = 4
THIN_SPACE = "\u2009"


def quantity_text(quantity: Decimal) -> str:
    """
    Return a quantity cut to four decimals, with grouped thousands.

    >>> quantity_text(Decimal("12345.678901")), quantity_text(Decimal("3.500"))
    ('12\u2009345.6789', '3.5')
    """
    return grouped(plain(cut(quantity, QUANTITY_DIGITS)))


def amount_text(amount: Decimal, *, digits: int) -> str:
    """
    Return an exact amount cut to some decimals, all of them shown.

    >>> amount_text(Decimal("1234.56789"), digits=4)
    '1\u2009234.5678'
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


def bytes_text(count: int) -> str:
    """
    Return a number of bytes in the unit that suits it.

    >>> bytes_text(1536)
    '1.5 KiB'
    """
    value, unit = Decimal(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:  # noqa: PLR2004 - the step between binary units
            break
        value, unit = value / 1024, larger
    return f"{plain(cut(value, 1))} {unit}"


def day_text(at: datetime, zone: str) -> str:
    """Return the local day of an instant."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y}"


def moment_text(at: datetime, zone: str) -> str:
    """Return the local minute of an instant."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
