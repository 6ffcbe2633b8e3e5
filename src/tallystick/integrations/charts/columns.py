"""
Columns side by side: usage of each day, or one document after the other.

A level is drawn as the live page draws one, in steps: what it was on each day. Where 0 is and how
high the highest is, is written beside it; nothing is left to be read off a scale.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.integrations.charts.curves import area_and_line
from tallystick.integrations.charts.frame import Sheet, Spec, sheet_spec, span_of

WIDTH, HEIGHT = 340, 128
_TOP, _BOTTOM = 16, 106
_TEXT = 10
_GAP = Decimal("0.12")
_PLACES = {"left": Decimal(0), "center": Decimal("0.5"), "right": Decimal(1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """
    What is shown.

    Attributes:
        values: one for each column, exact.
        labels: texts below columns, by the column's number from 0.
        highest: what the greatest value is called, and
        lowest: the least, if it is below 0; else empty.
        marked: the number of the column that it is about, and what is written above it; None: all.
        is_level: whether a value holds all through its column, as a level does.
    """

    values: tuple[Decimal, ...]
    labels: dict[int, str] = field(default_factory=dict)
    highest: str = ""
    lowest: str = ""
    marked: tuple[int, str] | None = None
    is_level: bool = False


def columns_spec(columns: Columns, sheet: Sheet) -> Spec:
    """Return the spec of columns, the first where reading begins."""
    drawn = _level(columns, sheet) if columns.is_level else _bars(columns, sheet)
    layers = [*_rules(columns, sheet), *drawn, _texts(columns, sheet)]
    return sheet_spec(sheet, layers, width=WIDTH, height=HEIGHT)


def _x(columns: Columns, sheet: Sheet, name: str) -> Spec:
    scale = sheet.across(Decimal(0), Decimal(len(columns.values)), WIDTH)
    return {"field": name, "type": "quantitative", "axis": None, "scale": scale}


def _y(columns: Columns, name: str) -> Spec:
    least, most = span_of(list(columns.values))
    scale = {"domain": [least, most], "range": [_BOTTOM, _TOP], "nice": False, "zero": False}
    return {
        "field": name,
        "type": "quantitative",
        "axis": None,
        "scale": scale,
        "stack": None,
    }


def _bars(columns: Columns, sheet: Sheet) -> list[Spec]:
    marked = None if columns.marked is None else columns.marked[0]
    rows = [
        {
            "from": number + _GAP,
            "to": number + 1 - _GAP,
            "value": value,
            "about": marked in {None, number},
        }
        for number, value in enumerate(columns.values)
    ]
    theme = sheet.theme
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "bar"},
            "encoding": {
                "x": _x(columns, sheet, "from"),
                "x2": {"field": "to"},
                "y": _y(columns, "value"),
                "y2": {"datum": 0},
                "color": {
                    "field": "about",
                    "type": "nominal",
                    "scale": {"domain": [True, False], "range": [theme.first, theme.second]},
                    "legend": None,
                },
            },
        }
    ]


def _level(columns: Columns, sheet: Sheet) -> list[Spec]:
    held = (*columns.values, columns.values[-1])
    rows = [{"at": number, "value": value} for number, value in enumerate(held)]
    # Lines are drawn from the left, which is the last day where reading begins at the right.
    step = "step-before" if sheet.right_to_left else "step-after"
    layers = area_and_line(_y(columns, "value"), interpolate=step)
    for layer in layers:
        layer["mark"]["color"] = sheet.theme.first
        layer["encoding"]["x"] = _x(columns, sheet, "at")
    return [{"data": {"values": rows}, "layer": layers}]


def _rules(columns: Columns, sheet: Sheet) -> list[Spec]:
    """Return a line at 0, and one at each end that the values reach."""
    least, most = span_of(list(columns.values))
    rows = [{"value": value} for value in dict.fromkeys((least, Decimal(0), most))]
    mark = {"type": "rule", "color": sheet.theme.grid, "strokeWidth": 0.8}
    return [{"data": {"values": rows}, "mark": mark, "encoding": {"y": _y(columns, "value")}}]


def _texts(columns: Columns, sheet: Sheet) -> Spec:
    """Return the texts: what the ends are called, which column is which, what the marked one is."""
    texts = [
        _text(columns.highest, sheet, at=Decimal(0), side="left", y=_TOP - 4),
        _text(columns.lowest, sheet, at=Decimal(0), side="left", y=_BOTTOM - 3),
    ]
    last = len(columns.values) - 1
    for number, text in columns.labels.items():
        side = "left" if number == 0 else "right" if number == last else "center"
        at = number + _PLACES[side]
        texts.append(_text(text, sheet, at=at, side=side, y=_BOTTOM + 14))
    if columns.marked is not None:
        number, text = columns.marked
        marked = _text(text, sheet, at=Decimal(number + 1), side="right", y=_TOP - 4)
        texts.append({**marked, "weight": "bold"})
    return {
        "data": {"values": [text for text in texts if text["text"]]},
        "mark": {
            "type": "text",
            "align": {"expr": "datum.align"},
            "fontWeight": {"expr": "datum.weight"},
            "baseline": "alphabetic",
            "fontSize": _TEXT,
            "color": sheet.theme.text,
        },
        "encoding": {
            "x": _x(columns, sheet, "at"),
            "y": {"value": {"expr": "datum.y"}},
            "text": {"field": "text", "type": "nominal"},
        },
    }


def _text(text: str, sheet: Sheet, *, at: Decimal, side: str, y: int) -> Spec:
    return {"text": text, "at": at, "align": sheet.aligned(side), "y": y, "weight": "normal"}


def spread(count: int, *, most: int) -> list[int]:
    """
    Return the numbers of the columns that have a label: at most so many, evenly, the first always.

    >>> spread(31, most=5), spread(3, most=5)
    ([0, 7, 14, 21, 28], [0, 1, 2])
    """
    step = max(1, -(-count // most))
    return list(range(0, count, step))
