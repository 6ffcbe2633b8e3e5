"""Triggers: what others say has happened, and the workflows that they start."""

from tallystick.app.triggers.asked import (
    KINDS,
    AnomalyDetected,
    BillingCycleStarted,
    Kind,
    PaymentFailure,
    PlanRequested,
    Said,
    ThresholdApproaching,
    kind_of,
    said,
)
from tallystick.app.triggers.going_on import TOGETHER_MAX, go_on
from tallystick.app.triggers.investigating import investigate
from tallystick.app.triggers.list_triggers import list_triggers
from tallystick.app.triggers.offered import OFFERED, UpgradeOffered
from tallystick.app.triggers.ports import (
    Trigger,
    TriggerDirectory,
    TriggerRecord,
    TriggerState,
    TriggerStore,
)
from tallystick.app.triggers.reading import TRIGGERS_MAX, SentTrigger, read_triggers
from tallystick.app.triggers.start_trigger import (
    StartTrigger,
    TriggerTaken,
    run_once,
    start_trigger,
)
from tallystick.app.triggers.started import Doors, Ended, Started

__all__ = [
    "KINDS",
    "OFFERED",
    "TOGETHER_MAX",
    "TRIGGERS_MAX",
    "AnomalyDetected",
    "BillingCycleStarted",
    "Doors",
    "Ended",
    "Kind",
    "PaymentFailure",
    "PlanRequested",
    "Said",
    "SentTrigger",
    "StartTrigger",
    "Started",
    "ThresholdApproaching",
    "Trigger",
    "TriggerDirectory",
    "TriggerRecord",
    "TriggerState",
    "TriggerStore",
    "TriggerTaken",
    "UpgradeOffered",
    "go_on",
    "investigate",
    "kind_of",
    "list_triggers",
    "read_triggers",
    "run_once",
    "said",
    "start_trigger",
]
