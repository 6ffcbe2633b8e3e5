"""The charts of a document: what it is made of, what came before it, usage day by day."""

from tallystick.integrations.documents.charts.chart import Chart, drawn
from tallystick.integrations.documents.charts.choosing import charts_of

__all__ = ["Chart", "charts_of", "drawn"]
