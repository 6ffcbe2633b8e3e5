"""A quantity day by day, as a chart without words: days and numbers as they are written."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from tallystick.integrations.charts.columns import Columns, columns_spec, spread
from tallystick.integrations.charts.frame import THEMES, Sheet, Spec
from tallystick.kernel import plain

LABELS_MAX = 5
_SHEET = Sheet(accent=THEMES["light"].first, font="sans-serif")


def daily_spec(days: Sequence[tuple[date, Decimal]], *, is_level: bool) -> Spec | None:
    """Return the spec of columns, one for each day; None where there is no day."""
    if not days:
        return None
    values = tuple(value for _, value in days)
    greatest, least = max(values), min(values)
    shown = spread(len(values), most=LABELS_MAX)
    columns = Columns(
        values=values,
        labels={number: days[number][0].isoformat() for number in shown},
        highest=plain(greatest) if greatest > 0 else "",
        lowest=plain(least) if least < 0 else "",
        is_level=is_level,
    )
    return columns_spec(columns, _SHEET)
