"""Retention: rules, holds and what follows from them."""

from tallystick.app.retention.hold_usage import (
    PlaceHold,
    ReleaseHold,
    place_hold,
    release_hold,
)
from tallystick.app.retention.known_horizons import CachedHorizons
from tallystick.app.retention.plan_removal import (
    RemovalPlan,
    RetentionSources,
    TypePlan,
    plan_removal,
)
from tallystick.app.retention.ports import RemovalStore, RetentionStore
from tallystick.app.retention.removal import (
    DayCount,
    HeldTime,
    RemovableLog,
    RemovableProjection,
    Removal,
)
from tallystick.app.retention.run_removal import (
    RemovalParts,
    RemovedType,
    RemoveUsage,
    carry_out,
    remove_usage,
    resume_removals,
)
from tallystick.app.retention.set_rule import SetRetention, set_retention
from tallystick.app.retention.show_retention import EntityMinimum, RetentionState, show_retention

__all__ = [
    "CachedHorizons",
    "DayCount",
    "EntityMinimum",
    "HeldTime",
    "PlaceHold",
    "ReleaseHold",
    "RemovableLog",
    "RemovableProjection",
    "Removal",
    "RemovalParts",
    "RemovalPlan",
    "RemovalStore",
    "RemoveUsage",
    "RemovedType",
    "RetentionSources",
    "RetentionState",
    "RetentionStore",
    "SetRetention",
    "TypePlan",
    "carry_out",
    "place_hold",
    "plan_removal",
    "release_hold",
    "remove_usage",
    "resume_removals",
    "set_retention",
    "show_retention",
]
