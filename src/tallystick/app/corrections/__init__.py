"""Corrections of events: void, amend, backfill; what they reach."""

from tallystick.app.corrections.backfills import (
    CloseBackfill,
    OpenBackfill,
    RevertBackfill,
    change_backfill,
)
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
    Backfill,
    BackfillState,
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
from tallystick.app.corrections.preview_backfill import (
    BackfillPreview,
    QuantityChange,
    preview_backfill,
)
from tallystick.app.corrections.record_reaches import record_reaches

__all__ = [
    "CORRECTIONS_MAX",
    "AmendEvents",
    "Backfill",
    "BackfillPreview",
    "BackfillState",
    "CloseBackfill",
    "Corrected",
    "CorrectedLog",
    "CorrectionReport",
    "CorrectionResult",
    "CorrectionSources",
    "EventName",
    "Identity",
    "KnownCorrections",
    "LastCorrection",
    "OpenBackfill",
    "QuantityChange",
    "ReachStore",
    "RecordedCorrection",
    "RecordedReach",
    "Replacement",
    "RevertBackfill",
    "VoidEvents",
    "Written",
    "change_backfill",
    "correct_events",
    "preview_backfill",
    "record_reaches",
]
