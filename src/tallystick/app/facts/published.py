"""
The facts that leave the system, each with the name and the fields that receivers rely on.

A fact is a struct: what is published, its JSON Schema and the page that explains it come from the
one definition here.  Fields go out in camel case, money and quantities as exact decimal texts,
instants as RFC 3339 in UTC.  Fields may be added; those that stand never change their meaning.
"""

from typing import Annotated, Any, TypeAlias

import msgspec

RECORDS_MAX = 500
"""How much usage one message tells at most."""

TraceId: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        pattern="^([0-9a-f]{32})?$",
        description="W3C trace id of the request that caused it; empty where no request did.",
        examples=["4bf92f3577b34da6a3ce929d0e0e4736"],
    ),
]
Decimal: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^-?[0-9]+(\.[0-9]+)?$",
        description="An exact decimal number.",
        examples=["1250.5"],
    ),
]
Instant: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$",
        description="RFC 3339, in UTC.",
        examples=["2026-03-01T00:00:00.000000Z"],
    ),
]
Day: TypeAlias = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        description="A local day, in ISO 8601.",
        examples=["2026-03-25"],
    ),
]


class Fact(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What every fact says: whom it concerns and by which request it came about."""

    tenant_id: str
    trace_id: TraceId


class UsedResource(Fact, frozen=True, kw_only=True, rename="camel"):
    """
    Usage of one feature that counters took up in one step.

    Attributes:
        quantity: how much, in the unit of the feature; below 0 where a correction took some back.
        timestamp: the instant of the latest use in it.
    """

    resource_type: str
    quantity: Decimal
    timestamp: Instant


class UsageRecorded(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    A batch of usage, as counters took it up.

    Attributes:
        records: in the order of tenants and features; one for each in a step.
        through_position: up to where in the log of events it was counted.
    """

    records: Annotated[tuple[UsedResource, ...], msgspec.Meta(min_length=1, max_length=RECORDS_MAX)]
    through_position: int


class UsageThresholdBreached(Fact, frozen=True, kw_only=True, rename="camel"):
    """
    Usage, spend, a budget or credit passed thresholds, several at once being one fact.

    Attributes:
        resource_type: the feature; of money the contract, the budget's rule, or the credit's unit.
        current_usage: what is used or spent by now; of credit what is left.
        limit: what percentages are of: limit, budget, granted credit; null where there is none.
        percent: of the limit, with one decimal; null where there is no limit.
        watched: ``usage``, ``spend``, ``budget`` or ``credit``.
        currency: of money, or the unit of credit; else empty.
        projected: what is expected at the end of the period, or of credit in 30 days; null where
            nothing was projected.
        reached_on: the local day on which the limit is expected to be reached; null where it is
            not, or not known.
    """

    resource_type: str
    current_usage: Decimal
    limit: Decimal | None
    thresholds: tuple[str, ...]
    percent: Decimal | None
    severity: str
    message: str
    timestamp: Instant
    alert_id: str
    watched: str = "usage"
    currency: str = ""
    projected: Decimal | None = None
    reached_on: Day | None = None


class QuotaEnforced(Fact, frozen=True, kw_only=True, rename="camel"):
    """
    A limit began to hold: it refuses, slows, or lets pass beyond.

    Attributes:
        action: such as ``limit_reached``, ``throttle``, ``overage``, ``grace``, ``restricted``.
    """

    resource_type: str
    action: str
    severity: str
    message: str
    timestamp: Instant
    alert_id: str


class UsageAnomalyDetected(Fact, frozen=True, kw_only=True, rename="camel"):
    """
    Usage is not as it was, and an investigation was opened.

    Attributes:
        resource_type: key of the meter or feature.
        evidence: what speaks for it, by name; quantities are decimal texts.
        source: who found it: ``usage`` for what is found here, else the source of the trigger.
        restriction_id: of what was restricted against it; null where nothing was.
    """

    resource_type: str
    reason: str
    evidence: dict[str, Any]
    severity: str
    message: str
    source: str
    restriction_id: str | None
    investigation_id: str
    alert_id: str
    timestamp: Instant


class BillingPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """The period of an invoice, half-open."""

    start: Instant
    end: Instant


class InvoiceGenerated(Fact, frozen=True, kw_only=True, rename="camel"):
    """
    An invoice was issued; the tenant is who pays.

    Attributes:
        amount: its total with taxes, in ``currency``.
        number: as it stands on the invoice.
    """

    invoice_id: str
    number: str
    amount: Decimal
    currency: str
    billing_period: BillingPeriod
    timestamp: Instant


class PlanMigrated(Fact, frozen=True, kw_only=True, rename="camel"):
    """
    A contract is to be of another plan, or of another version of its plan.

    Attributes:
        prorated_amount: what fees of the period that runs come to more, below 0 for less.
        direction: ``upgrade``, ``downgrade`` or ``same``, by what the fees come to in a second.
        effective_at: when the other plan holds; it may lie ahead.
    """

    subscription_id: str
    from_plan: str
    from_version: int
    to_plan: str
    to_version: int
    prorated_amount: Decimal
    currency: str
    direction: str
    effective_at: Instant
    timestamp: Instant


class PaymentFailed(Fact, frozen=True, kw_only=True, rename="camel"):
    """
    A payment of an invoice failed.

    Attributes:
        reason: as whoever collects money told it.
        retry_count: how many tries went before, 0 for the first.
    """

    invoice_id: str
    reason: str
    retry_count: Annotated[int, msgspec.Meta(ge=0)]
    timestamp: Instant


Published: TypeAlias = (
    UsageRecorded
    | UsageThresholdBreached
    | InvoiceGenerated
    | PlanMigrated
    | PaymentFailed
    | QuotaEnforced
    | UsageAnomalyDetected
)
_NAMES: dict[type[msgspec.Struct], str] = {UsageAnomalyDetected: "usage_anomaly_detected"}
"""An anomaly goes out under the name by which others report one."""


def fact_name(fact: type[msgspec.Struct]) -> str:
    """
    Return the name of a fact, which is the topic of its messages and the type of its events.

    Example:
        >>> fact_name(PlanMigrated), fact_name(UsageAnomalyDetected)
        ('PlanMigrated', 'usage_anomaly_detected')
    """
    return _NAMES.get(fact, fact.__name__)


FACTS: dict[str, type[msgspec.Struct]] = {
    fact_name(each): each
    for each in (
        UsageRecorded,
        UsageThresholdBreached,
        InvoiceGenerated,
        PlanMigrated,
        PaymentFailed,
        QuotaEnforced,
        UsageAnomalyDetected,
    )
}
"""Each fact by its name, which is the topic of its messages."""
