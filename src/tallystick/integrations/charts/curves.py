"""Levels over time: an area under a line. The live page fills one while it is looked at."""

from dataclasses import dataclass

from tallystick.integrations.charts.frame import SCHEMA, THEMES, Spec, Theme

WIDTH, HEIGHT = 400, 150
FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """What a chart of this computer shows."""

    title: str
    unit: str
    names: tuple[str, ...]


CHARTS = {
    "cpu": Curves(title="CPU", unit="cores", names=("busy cores",)),
    "memory": Curves(title="Memory", unit="GiB", names=("in use",)),
    "network": Curves(title="Network", unit="KiB/s", names=("received", "sent")),
}


def curves_spec(name: str, points: list[dict[str, object]], *, theme: str) -> Spec:
    """Return the spec of a chart with its data in it; times are shown as UTC."""
    chart, colours = CHARTS[name], THEMES[theme]
    return {
        "$schema": SCHEMA,
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
        "layer": area_and_line(_y(), interpolate="monotone", tooltip=_tooltip()),
        "config": _config(colours),
    }


def area_and_line(y: Spec, *, interpolate: str, tooltip: list[Spec] | None = None) -> list[Spec]:
    """Return the two layers of a level: the area down to 0, and the line above it."""
    told: Spec = {} if tooltip is None else {"tooltip": tooltip}
    return [
        {
            "mark": {"type": "area", "opacity": 0.14, "interpolate": interpolate},
            "encoding": {"y": y, "y2": {"datum": 0}},
        },
        {
            "mark": {"type": "line", "strokeWidth": 1.8, "interpolate": interpolate},
            "encoding": {"y": y, **told},
        },
    ]


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


def _tooltip() -> list[Spec]:
    return [
        {"field": "at", "type": "temporal", "format": "%H:%M:%S", "title": "UTC"},
        {"field": "name", "title": "what"},
        {"field": "value", "type": "quantitative"},
    ]


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
