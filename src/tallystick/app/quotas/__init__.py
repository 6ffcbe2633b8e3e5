"""Use cases of quotas: decisions in one transaction, counters that follow the log."""

from tallystick.app.quotas.answer_asks import answer_asks
from tallystick.app.quotas.asks import (
    Acquire,
    Ask,
    Check,
    Commit,
    Consume,
    Decided,
    Decision,
    GiveBack,
    HeldAnswer,
    Lease,
    Offer,
    Release,
    Report,
    Reserve,
    UsedEvent,
)
from tallystick.app.quotas.carrying import CARRIED_MAX, Carrier, carry_consumptions
from tallystick.app.quotas.checking import (
    CheckedQuotas,
    Differs,
    QuotaDifference,
    check_quotas,
    follow_changes,
)
from tallystick.app.quotas.combining import Combiner
from tallystick.app.quotas.compare_quotas import (
    ComparedQuotas,
    CompareQuotas,
    DifferenceFound,
    compare_quotas,
)
from tallystick.app.quotas.counting import Find, Recount, counter_key, counters_now
from tallystick.app.quotas.decide_asks import Quotas
from tallystick.app.quotas.desk import Desks
from tallystick.app.quotas.following import Following, follow_log, forget_consumptions
from tallystick.app.quotas.limits import KnownLimit, KnownLimits, Standing
from tallystick.app.quotas.ports import (
    Consumption,
    ConsumptionStore,
    Counter,
    CounterKey,
    CounterStore,
    EventOutcome,
    Hold,
    HoldKind,
    HoldStore,
    QuotaDirectory,
    QuotaStore,
    Use,
    UseReader,
)
from tallystick.app.quotas.quota_usage import QuotaLine, QuotaUsage, read_quota_usage
from tallystick.app.quotas.use_event import is_consumable
from tallystick.app.quotas.watching import CounterChange, Enforced, Unwatched, Watching

__all__ = [
    "CARRIED_MAX",
    "Acquire",
    "Ask",
    "Carrier",
    "Check",
    "CheckedQuotas",
    "Combiner",
    "Commit",
    "CompareQuotas",
    "ComparedQuotas",
    "Consume",
    "Consumption",
    "ConsumptionStore",
    "Counter",
    "CounterChange",
    "CounterKey",
    "CounterStore",
    "Decided",
    "Decision",
    "Desks",
    "DifferenceFound",
    "Differs",
    "Enforced",
    "EventOutcome",
    "Find",
    "Following",
    "GiveBack",
    "HeldAnswer",
    "Hold",
    "HoldKind",
    "HoldStore",
    "KnownLimit",
    "KnownLimits",
    "Lease",
    "Offer",
    "QuotaDifference",
    "QuotaDirectory",
    "QuotaLine",
    "QuotaStore",
    "QuotaUsage",
    "Quotas",
    "Recount",
    "Release",
    "Report",
    "Reserve",
    "Standing",
    "Unwatched",
    "Use",
    "UseReader",
    "UsedEvent",
    "Watching",
    "answer_asks",
    "carry_consumptions",
    "check_quotas",
    "compare_quotas",
    "counter_key",
    "counters_now",
    "follow_changes",
    "follow_log",
    "forget_consumptions",
    "is_consumable",
    "read_quota_usage",
]
