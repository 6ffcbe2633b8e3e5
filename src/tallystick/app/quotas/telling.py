"""
What is published of usage: a batch for each step of the feed, a record for each tenant and feature.

A step takes up what many requests brought, so its records share one trace id, which follows from
the step; the decision and the alert of a single use keep the trace of their own request.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice

from tallystick.app.facts import RECORDS_MAX, UsageRecorded, UsedResource, fact_message
from tallystick.app.quotas.ports import CounterKey
from tallystick.app.quotas.watching import CounterChange
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import EXACT, derived_id, instant_text, plain

TOPIC = UsageRecorded.__name__
Uses = Mapping[CounterKey, Sequence[tuple[datetime, Decimal]]]


def tell_usage(
    uses: Uses,
    recounted: Sequence[CounterChange],
    *,
    through: int,
    at: datetime,
    uow: UnitOfWork,
) -> None:
    """
    Put what a step took up, if a webhook asked to be told of it.

    Args:
        uses: instants and quantities that were added to counters, consumptions included.
        recounted: of counters whose meters are counted anew: what they are more, or less.
        through: up to where in the log of events.
        at: the workspace's present.
        uow: of the step, open.
    """
    if not (uses or recounted) or not _is_wanted(uow):
        return
    trace_id = sha256(f"{uow.workspace}:{through}".encode()).hexdigest()[:32]
    records = iter(_records(uses, recounted, at=at, trace_id=trace_id))
    number = 0
    while batch := tuple(islice(records, RECORDS_MAX)):
        message = fact_message(
            UsageRecorded(records=batch, through_position=through),
            workspace=uow.workspace,
            id=derived_id("usage", str(through), str(number)),
            at=at,
            trace_id=trace_id,
        )
        uow.outbox.put(message)
        number += 1


def _is_wanted(uow: UnitOfWork) -> bool:
    return any(one.wants(TOPIC) for one in uow.webhooks.list_webhooks())


def _records(
    uses: Uses, recounted: Sequence[CounterChange], *, at: datetime, trace_id: str
) -> Iterator[UsedResource]:
    found = {key: (_sum(each), max(used for used, _ in each)) for key, each in uses.items()}
    for one in recounted:
        key = CounterKey(str(one.limit.holder), one.limit.feature, one.limit.start)
        if key not in found:
            found[key] = (EXACT.subtract(one.after, one.before), at)
    for key, (quantity, used_at) in sorted(found.items()):
        if quantity:
            yield UsedResource(
                tenant_id=key.account,
                trace_id=trace_id,
                resource_type=key.feature,
                quantity=plain(quantity),
                timestamp=instant_text(used_at),
            )


def _sum(uses: Sequence[tuple[datetime, Decimal]]) -> Decimal:
    total = Decimal(0)
    for _, quantity in uses:
        total = EXACT.add(total, quantity)
    return total
