"""Meters: which events count, and how they become a quantity."""

from tallystick.metering.aggregations import RULES, FoldRule, add_folds, remaining_fold
from tallystick.metering.document import document_from_meter, meter_from_document
from tallystick.metering.event import Event, event_order
from tallystick.metering.evidence import Evidence, digest_text, event_digest, evidence_of
from tallystick.metering.fold import Fold, exact_sum
from tallystick.metering.measure import fold, measure_usage, needed_events
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
from tallystick.metering.reading import VALUE_PATTERN
from tallystick.metering.series import Belonging, belonging_of
from tallystick.metering.usage import SUBJECT, UsageQuery, UsageRow

__all__ = [
    "RULES",
    "SUBJECT",
    "VALUE_PATTERN",
    "Aggregation",
    "Belonging",
    "Dimension",
    "Event",
    "Evidence",
    "Filter",
    "FilterOp",
    "Fold",
    "FoldRule",
    "GapPolicy",
    "Meter",
    "UsageQuery",
    "UsageRow",
    "WrapBits",
    "add_folds",
    "belonging_of",
    "digest_text",
    "document_from_meter",
    "event_digest",
    "event_order",
    "evidence_of",
    "exact_sum",
    "fold",
    "measure_usage",
    "meter_from_document",
    "meter_problems",
    "needed_events",
    "remaining_fold",
]
