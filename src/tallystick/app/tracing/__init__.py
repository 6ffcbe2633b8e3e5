"""The way of one event: accepted, attributed, metered, billed, or why not."""

from tallystick.app.tracing.ports import (
    CorrectionStep,
    EventFinder,
    EventName,
    HeldEvent,
    TracedLog,
)
from tallystick.app.tracing.trace import (
    BilledLine,
    BillingState,
    BillingStep,
    EventTrace,
    MeterStep,
    TraceAnswer,
)
from tallystick.app.tracing.trace_event import TraceEvent, TraceSources, trace_event

__all__ = [
    "BilledLine",
    "BillingState",
    "BillingStep",
    "CorrectionStep",
    "EventFinder",
    "EventName",
    "EventTrace",
    "HeldEvent",
    "MeterStep",
    "TraceAnswer",
    "TraceEvent",
    "TraceSources",
    "TracedLog",
    "trace_event",
]
