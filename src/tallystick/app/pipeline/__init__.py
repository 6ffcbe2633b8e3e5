"""How events are doing on their way from senders to questions."""

from tallystick.app.pipeline.pipeline_health import (
    OpenHole,
    PipelineHealth,
    PipelineSources,
    SilentResource,
    pipeline_health,
)
from tallystick.app.pipeline.ports import Flow, Sender, SenderReader

__all__ = [
    "Flow",
    "OpenHole",
    "PipelineHealth",
    "PipelineSources",
    "Sender",
    "SenderReader",
    "SilentResource",
    "pipeline_health",
]
