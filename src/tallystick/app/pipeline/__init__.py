"""How events are doing on their way from senders to questions, and alerts about it."""

from tallystick.app.pipeline.alerts import (
    DEFAULT_THRESHOLDS,
    STANDING_MAX,
    Alert,
    AlertFigures,
    AlertStore,
    Changes,
    Condition,
    Measure,
    Thresholds,
    due_changes,
)
from tallystick.app.pipeline.measures import measures_of
from tallystick.app.pipeline.pipeline_health import (
    OpenHole,
    PipelineHealth,
    PipelineSources,
    pipeline_health,
)
from tallystick.app.pipeline.ports import Arrivals, Flow, Sender, SenderReader
from tallystick.app.pipeline.silence import (
    AskedSilence,
    RememberedSilence,
    Silence,
    SilenceQuery,
    SilentResource,
)
from tallystick.app.pipeline.watch_pipeline import CLOSED, OPENED, Watching, watch_pipeline

__all__ = [
    "CLOSED",
    "DEFAULT_THRESHOLDS",
    "OPENED",
    "STANDING_MAX",
    "Alert",
    "AlertFigures",
    "AlertStore",
    "Arrivals",
    "AskedSilence",
    "Changes",
    "Condition",
    "Flow",
    "Measure",
    "OpenHole",
    "PipelineHealth",
    "PipelineSources",
    "RememberedSilence",
    "Sender",
    "SenderReader",
    "Silence",
    "SilenceQuery",
    "SilentResource",
    "Thresholds",
    "Watching",
    "due_changes",
    "measures_of",
    "pipeline_health",
    "watch_pipeline",
]
