"""Meters: which events count, and how they become a quantity."""

from tallystick.metering.aggregations import (
    PERCENTILE_PARTS,
    RULES,
    FoldRule,
    add_folds,
    percentile_parts,
    remaining_fold,
)
from tallystick.metering.correction import (
    AMENDED,
    BACKFILLS,
    CLOSED,
    CORRECTIONS,
    OPENED,
    REVERTED,
    VOIDED,
    BackfillFact,
    Content,
    Correction,
    backfill_fact_of,
    correction_of,
    data_of,
    held_type,
    sent_type,
    standing_events,
    unheld,
)
from tallystick.metering.cuts import cuts_begun
from tallystick.metering.derived import DATA, event_expression
from tallystick.metering.document import (
    document_from_meter,
    meter_from_document,
)
from tallystick.metering.event import (
    RESERVED_SOURCES,
    RESERVED_TYPES,
    Event,
    event_order,
    is_reserved,
)
from tallystick.metering.evidence import (
    Evidence,
    digest_text,
    event_digest,
    evidence_of,
)
from tallystick.metering.fold import (
    Fold,
    exact_sum,
)
from tallystick.metering.match import FilterCheck, MeterMatch, match_event
from tallystick.metering.measure import (
    fold,
    measure_usage,
    needed_events,
)
from tallystick.metering.meter import (
    Aggregation,
    Dimension,
    Filter,
    FilterOp,
    GapPolicy,
    Meter,
    Peak,
    PeakPer,
    PeakTake,
    WrapBits,
    meter_problems,
)
from tallystick.metering.reach import Change, ChangeKind, Reach, reach_of
from tallystick.metering.reading import (
    VALUE_PATTERN,
)
from tallystick.metering.series import (
    Belonging,
    belonging_of,
)
from tallystick.metering.usage import (
    SUBJECT,
    UsageQuery,
    UsageRow,
)

__all__ = [
    "AMENDED",
    "BACKFILLS",
    "CLOSED",
    "CORRECTIONS",
    "DATA",
    "OPENED",
    "PERCENTILE_PARTS",
    "RESERVED_SOURCES",
    "RESERVED_TYPES",
    "REVERTED",
    "RULES",
    "SUBJECT",
    "VALUE_PATTERN",
    "VOIDED",
    "Aggregation",
    "BackfillFact",
    "Belonging",
    "Change",
    "ChangeKind",
    "Content",
    "Correction",
    "Dimension",
    "Event",
    "Evidence",
    "Filter",
    "FilterCheck",
    "FilterOp",
    "Fold",
    "FoldRule",
    "GapPolicy",
    "Meter",
    "MeterMatch",
    "Peak",
    "PeakPer",
    "PeakTake",
    "Reach",
    "UsageQuery",
    "UsageRow",
    "WrapBits",
    "add_folds",
    "backfill_fact_of",
    "belonging_of",
    "correction_of",
    "cuts_begun",
    "data_of",
    "digest_text",
    "document_from_meter",
    "event_digest",
    "event_expression",
    "event_order",
    "evidence_of",
    "exact_sum",
    "fold",
    "held_type",
    "is_reserved",
    "match_event",
    "measure_usage",
    "meter_from_document",
    "meter_problems",
    "needed_events",
    "percentile_parts",
    "reach_of",
    "remaining_fold",
    "sent_type",
    "standing_events",
    "unheld",
]
