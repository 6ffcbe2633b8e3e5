"""Retention: rules, holds and what follows from them."""

from tallystick.app.retention.hold_usage import (
    PlaceHold,
    ReleaseHold,
    place_hold,
    release_hold,
)
from tallystick.app.retention.known_horizons import CachedHorizons
from tallystick.app.retention.ports import RetentionStore
from tallystick.app.retention.set_rule import SetRetention, set_retention
from tallystick.app.retention.show_retention import EntityMinimum, RetentionState, show_retention

__all__ = [
    "CachedHorizons",
    "EntityMinimum",
    "PlaceHold",
    "ReleaseHold",
    "RetentionState",
    "RetentionStore",
    "SetRetention",
    "place_hold",
    "release_hold",
    "set_retention",
    "show_retention",
]
