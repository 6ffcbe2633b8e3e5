"""Money, quantity, time, ids and outcomes: what every other package speaks."""

from tallystick.kernel.boundaries import (
    Interval,
    IntervalUnit,
    boundary,
    calendar_anchor,
    period_at,
    time_zone,
)
from tallystick.kernel.canonical import canonical_json, digest
from tallystick.kernel.currency import Currency, currency, custom_currency
from tallystick.kernel.errors import (
    CurrencyMismatch,
    EngineUnavailable,
    InvariantBroken,
    Misuse,
    TallystickError,
    UnitMismatch,
    check,
)
from tallystick.kernel.exact import EXACT, FRACTION_DIGITS_MAX, parse_decimal, plain
from tallystick.kernel.ids import (
    KEY_PATTERN,
    AccountKey,
    EntryId,
    InvoiceId,
    MeterKey,
    PlanKey,
    PriceKey,
    ResourceKey,
    SubscriptionKey,
    WorkspaceId,
    derived_id,
    is_key,
)
from tallystick.kernel.money import Amount, Money, settle, split, take
from tallystick.kernel.outcome import Done, Outcome, Problem, Refused, refuse
from tallystick.kernel.quantity import KNOWN_UNITS, Quantity, Unit, conversion, convert, unit
from tallystick.kernel.sealing import seal_digest
from tallystick.kernel.spelling import counted, nearest
from tallystick.kernel.time import Period, SubjectSpan, from_micros, instant, instant_text, micros

__all__ = [
    "EXACT",
    "FRACTION_DIGITS_MAX",
    "KEY_PATTERN",
    "KNOWN_UNITS",
    "AccountKey",
    "Amount",
    "Currency",
    "CurrencyMismatch",
    "Done",
    "EngineUnavailable",
    "EntryId",
    "Interval",
    "IntervalUnit",
    "InvariantBroken",
    "InvoiceId",
    "MeterKey",
    "Misuse",
    "Money",
    "Outcome",
    "Period",
    "PlanKey",
    "PriceKey",
    "Problem",
    "Quantity",
    "Refused",
    "ResourceKey",
    "SubjectSpan",
    "SubscriptionKey",
    "TallystickError",
    "Unit",
    "UnitMismatch",
    "WorkspaceId",
    "boundary",
    "calendar_anchor",
    "canonical_json",
    "check",
    "conversion",
    "convert",
    "counted",
    "currency",
    "custom_currency",
    "derived_id",
    "digest",
    "from_micros",
    "instant",
    "instant_text",
    "is_key",
    "micros",
    "nearest",
    "parse_decimal",
    "period_at",
    "plain",
    "refuse",
    "seal_digest",
    "settle",
    "split",
    "take",
    "time_zone",
    "unit",
]
