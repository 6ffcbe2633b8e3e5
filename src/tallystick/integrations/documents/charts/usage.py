"""Usage of a line, day by day."""

from decimal import Decimal

from tallystick.integrations.charts import Columns, columns_spec, spread
from tallystick.integrations.documents.charts.chart import Chart, Telling
from tallystick.integrations.documents.formats import brief_day
from tallystick.integrations.documents.page import item_text, measure_text, unit_text
from tallystick.integrations.documents.view import LineView
from tallystick.invoicing import UsageByDay

LABELS_MAX = 5


def usage_chart(line: LineView, usage: UsageByDay, telling: Telling) -> Chart:
    """Return the chart of what a line's quantity was on each day."""
    words, formats = telling.words, telling.formats
    values = tuple(value for _, value in usage.days)

    def measured(value: Decimal) -> str:
        return measure_text(value, usage.unit, words=words, formats=formats)

    greatest = max(values)
    labels = {
        number: telling.inside(brief_day(usage.days[number][0], formats=formats))
        for number in spread(len(values), most=LABELS_MAX)
    }
    columns = Columns(
        values=values,
        labels=labels,
        highest=telling.inside(measured(greatest)) if greatest > 0 else "",
        lowest=telling.inside(measured(min(values))) if min(values) < 0 else "",
        is_level=usage.is_level,
    )
    unit = unit_text(usage.unit, words=words)
    what = words.level_by_day if usage.is_level else words.by_day
    at = values.index(greatest)
    said = words.highest.format(
        value=words.apart(measured(greatest)), day=words.apart(formats.day(usage.days[at][0]))
    )
    title = item_text(line, words)
    return Chart(
        title=title,
        note=f"{what} ({unit})" if unit else what,
        alternative=telling.told(title, [what, said]),
        spec=columns_spec(columns, telling.sheet),
    )
