"""Meters: which events count, and how they become a quantity."""

from tallystick.metering.event import Event, event_order
from tallystick.metering.evidence import Evidence, digest_text, event_digest, evidence_of
from tallystick.metering.fold import Fold, exact_sum
from tallystick.metering.meter import (
    Aggregation,
    Dimension,
    Filter,
    FilterOp,
    GapPolicy,
    Meter,
    WrapBits,
    meter_problems,
)
from tallystick.metering.usage import SUBJECT, UsageQuery, UsageRow

__all__ = [
    "SUBJECT",
    "Aggregation",
    "Dimension",
    "Event",
    "Evidence",
    "Filter",
    "FilterOp",
    "Fold",
    "GapPolicy",
    "Meter",
    "UsageQuery",
    "UsageRow",
    "WrapBits",
    "digest_text",
    "event_digest",
    "event_order",
    "evidence_of",
    "exact_sum",
    "meter_problems",
]
