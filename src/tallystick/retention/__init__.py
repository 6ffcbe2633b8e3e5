"""How long events are kept, what holds them back, and what the law asks to be kept."""

from tallystick.retention.cut import Cut, Obstacle, cut_of
from tallystick.retention.hold import LegalHold, held_by
from tallystick.retention.horizon import (
    DAYS_MAX,
    EVERY_TYPE,
    FOR_EVER,
    Horizons,
    RetentionFloor,
    RetentionRule,
    horizons_of,
    rule_of,
)
from tallystick.retention.statutory import (
    LONGEST,
    MINIMUMS,
    Records,
    StatutoryMinimum,
    kept_until,
    minimum_of,
)

__all__ = [
    "DAYS_MAX",
    "EVERY_TYPE",
    "FOR_EVER",
    "LONGEST",
    "MINIMUMS",
    "Cut",
    "Horizons",
    "LegalHold",
    "Obstacle",
    "Records",
    "RetentionFloor",
    "RetentionRule",
    "StatutoryMinimum",
    "cut_of",
    "held_by",
    "horizons_of",
    "kept_until",
    "minimum_of",
    "rule_of",
]
