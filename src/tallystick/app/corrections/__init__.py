"""Corrections of events: void, amend, backfill; what they reach."""

from tallystick.app.corrections.correct_events import correct_events
from tallystick.app.corrections.orders import (
    CORRECTIONS_MAX,
    AmendEvents,
    Corrected,
    CorrectionReport,
    CorrectionResult,
    EventName,
    Replacement,
    VoidEvents,
)
from tallystick.app.corrections.ports import (
    CorrectedLog,
    CorrectionSources,
    Identity,
    KnownCorrections,
    LastCorrection,
    ReachStore,
    RecordedCorrection,
    RecordedReach,
    Written,
)
from tallystick.app.corrections.record_reaches import record_reaches

__all__ = [
    "CORRECTIONS_MAX",
    "AmendEvents",
    "Corrected",
    "CorrectedLog",
    "CorrectionReport",
    "CorrectionResult",
    "CorrectionSources",
    "EventName",
    "Identity",
    "KnownCorrections",
    "LastCorrection",
    "ReachStore",
    "RecordedCorrection",
    "RecordedReach",
    "Replacement",
    "VoidEvents",
    "Written",
    "correct_events",
    "record_reaches",
]
