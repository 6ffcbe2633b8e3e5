"""Charts as Vega-Lite specs, for pages and documents alike, and as SVG."""

from tallystick.integrations.charts.columns import Columns, columns_spec, spread
from tallystick.integrations.charts.curves import CHARTS, curves_spec
from tallystick.integrations.charts.daily import daily_spec
from tallystick.integrations.charts.drawing import chart_svg
from tallystick.integrations.charts.frame import THEMES, Sheet, Spec, chart_json
from tallystick.integrations.charts.parts import Part, parts_spec

__all__ = [
    "CHARTS",
    "THEMES",
    "Columns",
    "Part",
    "Sheet",
    "Spec",
    "chart_json",
    "chart_svg",
    "columns_spec",
    "curves_spec",
    "daily_spec",
    "parts_spec",
    "spread",
]
