"""What a whole is made of: a row for each part, its name, its amount, and a bar below both."""

from dataclasses import dataclass
from decimal import Decimal

from tallystick.integrations.charts.frame import Sheet, Spec, sheet_spec, span_of

WIDTH = 340
_ROW = 28
_TEXT = 10
_BAR = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    One part.

    Attributes:
        name: what it is called; long ones are shortened by whoever makes the chart.
        amount: as it is written.
        value: how much it is, exact; below 0 where it takes off.
        is_rest: whether it stands for what has no row of its own.
    """

    name: str
    amount: str
    value: Decimal
    is_rest: bool = False


def parts_height(count: int) -> int:
    """Return how high a chart of so many parts is."""
    return count * _ROW


def parts_spec(parts: tuple[Part, ...], sheet: Sheet) -> Spec:
    """Return the spec of the parts, in their order from above."""
    rows = [
        {
            "name": part.name,
            "amount": part.amount,
            "value": part.value,
            "text": number * _ROW + _TEXT + 1,
            "bar": Decimal(number * _ROW) + _TEXT + Decimal("4.5") + Decimal(_BAR) / 2,
            "rest": part.is_rest,
        }
        for number, part in enumerate(parts)
    ]
    height = parts_height(len(parts))
    layers = [
        _bars(parts, sheet, height),
        *([_zero(parts, sheet, height)] if any(part.value < 0 for part in parts) else []),
        _words("name", "left", sheet, height),
        _words("amount", "right", sheet, height),
    ]
    spec = sheet_spec(sheet, layers, width=WIDTH, height=height)
    return {**spec, "data": {"values": rows}}


def _y(name: str, height: int) -> Spec:
    scale = {"domain": [0, height], "range": [0, height], "nice": False, "zero": False}
    return {"field": name, "type": "quantitative", "axis": None, "scale": scale}


def _x(parts: tuple[Part, ...], sheet: Sheet) -> Spec:
    least, most = span_of([part.value for part in parts])
    scale = sheet.across(least, most, WIDTH)
    return {"type": "quantitative", "axis": None, "scale": scale, "stack": None}


def _bars(parts: tuple[Part, ...], sheet: Sheet, height: int) -> Spec:
    theme = sheet.theme
    return {
        "mark": {"type": "bar", "orient": "horizontal", "size": _BAR},
        "encoding": {
            "x": {"field": "value", **_x(parts, sheet)},
            "x2": {"datum": 0},
            "y": _y("bar", height),
            "color": {
                "field": "rest",
                "type": "nominal",
                "scale": {"domain": [False, True], "range": [theme.first, theme.second]},
                "legend": None,
            },
        },
    }


def _zero(parts: tuple[Part, ...], sheet: Sheet, height: int) -> Spec:
    return {
        "data": {"values": [{"value": 0, "from": 0, "to": height}]},
        "mark": {"type": "rule", "color": sheet.theme.grid, "strokeWidth": 0.8},
        "encoding": {
            "x": {"field": "value", **_x(parts, sheet)},
            "y": _y("from", height),
            "y2": {"field": "to"},
        },
    }


def _words(name: str, side: str, sheet: Sheet, height: int) -> Spec:
    at = WIDTH if sheet.aligned(side) == "right" else 0
    return {
        "mark": {
            "type": "text",
            "align": sheet.aligned(side),
            "baseline": "alphabetic",
            "fontSize": _TEXT,
            "color": sheet.theme.text,
        },
        "encoding": {
            "x": {"value": at},
            "y": _y("text", height),
            "text": {"field": name, "type": "nominal"},
        },
    }
