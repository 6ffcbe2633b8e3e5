"""The document among those that the payer was issued before it."""

from datetime import date, timedelta

from tallystick.integrations.charts import Columns, columns_spec, spread
from tallystick.integrations.documents.charts.chart import Chart, Telling
from tallystick.integrations.documents.formats import brief_day
from tallystick.integrations.documents.view import DocumentView, number_or_id
from tallystick.invoicing import PastDocument
from tallystick.kernel import Money

LABELS_MAX = 5
_YEAR = timedelta(days=360)


def history(view: DocumentView, past: tuple[PastDocument, ...], telling: Telling) -> Chart | None:
    """
    Return the chart of a payer's documents up to this one, which is marked; None where it is first.

    Credit notes stand below 0.
    """
    if not past:
        return None
    own = -view.total if view.is_credit_note else view.total
    totals = [one.total for one in past] + [own]
    columns = Columns(
        values=tuple(total.decimal for total in totals),
        labels=_labels([*(one.issued_on for one in past), view.issued_on], telling),
        highest="" if own == _most(totals) else _money(_most(totals), telling),
        lowest=_money(_least(totals), telling) if _least(totals).minor < 0 else "",
        marked=(len(past), _money(own, telling)),
    )
    title = telling.words.past
    said = [f"{one.number} {telling.formats.money(one.total)}" for one in past]
    said.append(f"{number_or_id(view)} {telling.formats.money(own)}")
    return Chart(
        title=title,
        alternative=telling.told(title, list(map(telling.words.apart, said))),
        spec=columns_spec(columns, telling.sheet),
    )


def _labels(days: list[date | None], telling: Telling) -> dict[int, str]:
    """Return the dates below some columns, that of the last one among them; a draft has none."""
    known = [day for day in days if day is not None]
    is_long = known[-1] - known[0] > _YEAR
    last = len(days) - 1
    shown = ((last - back, days[last - back]) for back in spread(len(days), most=LABELS_MAX))
    return {
        number: telling.inside(
            telling.words.draft
            if day is None
            else brief_day(day, formats=telling.formats, of_years=is_long)
        )
        for number, day in shown
    }


def _money(money: Money, telling: Telling) -> str:
    return telling.inside(telling.formats.money(money))


def _most(totals: list[Money]) -> Money:
    return max(totals, key=lambda total: total.minor)


def _least(totals: list[Money]) -> Money:
    return min(totals, key=lambda total: total.minor)
