"""Which charts a document has: only those that show something the lines do not say as plainly."""

from tallystick.integrations.charts import Sheet
from tallystick.integrations.documents.charts.chart import FONT, Chart, Telling
from tallystick.integrations.documents.charts.composition import composition
from tallystick.integrations.documents.charts.history import history
from tallystick.integrations.documents.charts.usage import usage_chart
from tallystick.integrations.documents.formats import formats_for
from tallystick.integrations.documents.page import COLOUR
from tallystick.integrations.documents.view import DocumentView
from tallystick.integrations.documents.words import WORDS
from tallystick.invoicing import Figures


def charts_of(view: DocumentView, figures: Figures | None, *, language: str) -> tuple[Chart, ...]:
    """
    Return the charts of a document in their order; none where it has no figures.

    Args:
        view: what the document shows.
        figures: of its usage, and of the documents before it.
        language: one of `WORDS`.
    """
    if figures is None:
        return ()
    words = WORDS[language]
    sheet = Sheet(
        accent=view.branding.colour or COLOUR, font=FONT, right_to_left=words.right_to_left
    )
    formats = formats_for(language, view.payer.country)
    telling = Telling(words=words, formats=formats, sheet=sheet)
    lines = {line.id: line for line in view.lines}
    found = [composition(view, telling), history(view, figures.past, telling)]
    found += [usage_chart(lines[one.line], one, telling) for one in figures.usage]
    return tuple(chart for chart in found if chart is not None)
