"""
Charts as Vega-Lite specs: one spec for the page and for SVG.

The browser draws a spec with the bundle that
`vl_convert` carries; the same spec becomes SVG on the server for browsers without scripts and for
documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import vl_convert

Spec = dict[str, Any]
_ENCODER = msgspec.json.Encoder(decimal_format="number")
WIDTH, HEIGHT = 400, 150
FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours of a chart."""

    text: str
    grid: str
    first: str
    second: str


THEMES = {
    "light": Theme(text="#6b6257", grid="#e9e1d6", first="#b45f1a", second="#2f7f86"),
    "dark": Theme(text="#a89f92", grid="#39332c", first="#f0a04b", second="#5cc0c7"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a chart shows."""

    title: str
    unit: str
    names: tuple[str, ...]


CHARTS = {
    "cpu": Chart(title="CPU", unit="cores", names=("busy cores",)),
    "memory": Chart(title="Memory", unit="GiB", names=("in use",)),
    "network": Chart(title="Network", unit="KiB/s", names=("received", "sent")),
}


def chart_spec(name: str, points: list[dict[str, object]], *, theme: str) -> Spec:
    """Return the spec of a chart with its data in it; times are shown as UTC."""
    chart, colours = CHARTS[name], THEMES[theme]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": f"{chart.title} of this computer in {chart.unit}",
        "width": WIDTH,
        "height": HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 2, "right": 6, "top": 4, "bottom": 2},
        "background": None,
        "data": {
            "name": "points",
            "values": points,
        },
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "scale": {"type": "utc"},
                "axis": _time_axis(),
            },
            "color": {
                "field": "name",
                "type": "nominal",
                "scale": {
                    "domain": list(chart.names),
                    "range": [colours.first, colours.second][: len(chart.names)],
                },
                "legend": None,  # the page names the curves itself
            },
        },
        "layer": [_area(), _line()],
        "config": _config(colours),
    }


def chart_json(spec: Spec) -> bytes:
    """Return a spec as JSON; decimals are written as numbers, with every digit."""
    return _ENCODER.encode(spec)


def chart_svg(spec: Spec) -> str:
    """Return a chart as SVG; takes some 30 ms."""
    svg: str = vl_convert.vegalite_to_svg(chart_json(spec).decode())
    return svg


def _time_axis() -> Spec:
    """
    Return the axis of time: no two of its labels are equal, however short the stretch shown is.

    The page is filled while it is looked at, so what a label says is decided where it is drawn: a
    tick on a full minute names the minute, any other the second. Ticks are a second or more apart.
    """
    return {
        "title": None,
        "labelExpr": "utcFormat(datum.value, utcseconds(datum.value) ? '%H:%M:%S' : '%H:%M')",
        "tickCount": 5,
        "tickMinStep": 1000,
        "grid": False,
    }


def _area() -> Spec:
    return {
        "mark": {"type": "area", "opacity": 0.14, "interpolate": "monotone"},
        "encoding": {"y": _y(), "y2": {"datum": 0}},
    }


def _line() -> Spec:
    return {
        "mark": {"type": "line", "strokeWidth": 1.8, "interpolate": "monotone"},
        "encoding": {
            "y": _y(),
            "tooltip": [
                {"field": "at", "type": "temporal", "format": "%H:%M:%S", "title": "UTC"},
                {"field": "name", "title": "what"},
                {"field": "value", "type": "quantitative"},
            ],
        },
    }


def _y() -> Spec:
    return {
        "field": "value",
        "type": "quantitative",
        "stack": None,
        "scale": {"zero": True, "nice": True},
        "axis": {"title": None, "tickCount": 4},
    }


def _config(colours: Theme) -> Spec:
    return {
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": colours.text,
            "labelFontSize": 11,
            "gridColor": colours.grid,
            "domainColor": colours.grid,
            "tickColor": colours.grid,
        },
    }
