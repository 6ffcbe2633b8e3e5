"""A chart of a document before it is drawn: a spec, and what it says in words."""

import re
import unicodedata
from dataclasses import dataclass

from tallystick.integrations.charts import Sheet, Spec, chart_svg
from tallystick.integrations.documents.formats import Formats
from tallystick.integrations.documents.page import ChartText
from tallystick.integrations.documents.words import Words

FONT = "Noto Sans, Noto Sans Arabic, Noto Sans CJK JP, sans-serif"
NAME_SIGNS_MAX = 38
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RIGHT_TO_LEFT, _END = "\u2067", "\u2069"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """
    One chart.

    Attributes:
        note: in which unit it is; or empty.
        alternative: what it shows, for whoever hears the document instead of seeing it.
    """

    title: str
    note: str = ""
    alternative: str
    spec: Spec


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How charts of one document speak: its language, its writing, its colours."""

    words: Words
    formats: Formats
    sheet: Sheet

    def inside(self, text: str) -> str:
        """Return a text as it stands in a chart: of signs that XML has, its direction said."""
        shown = shortened(_NOT_IN_XML.sub("\ufffd", text))
        return f"{_RIGHT_TO_LEFT}{shown}{_END}" if self.words.right_to_left and shown else shown

    def told(self, title: str, parts: list[str]) -> str:
        """Return what a chart shows as one text."""
        return f"{title}: {'; '.join(parts)}"


def drawn(chart: Chart) -> ChartText:
    """Return a chart as a page has it."""
    return ChartText(
        title=chart.title,
        note=chart.note,
        alternative=chart.alternative,
        svg=chart_svg(chart.spec),
    )


def shortened(text: str, *, most: int = NAME_SIGNS_MAX) -> str:
    """
    Return a text that is at most so wide, counted in signs; wide ones count twice.

    It is counted, not measured: what stands in a document follows from no font of a machine.

    >>> shortened("abcdef", most=5), shortened("日本語", most=5), shortened("abc", most=5)
    ('abcd…', '日本…', 'abc')
    """
    if sum(map(_width, text)) <= most:
        return text
    kept, left = "", most - 1
    for sign in text:
        left -= _width(sign)
        if left < 0:
            break
        kept += sign
    return f"{kept}…"


def _width(sign: str) -> int:
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1
