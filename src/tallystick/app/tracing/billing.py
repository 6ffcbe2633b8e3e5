"""
What billing makes of one event: the price, the period, and the line that counts it, or why not yet.

Whether an issued line counts the event is not guessed: it does if the line looked at positions up
to the event's or beyond, and the contract facts kept with its document attribute the event to the
subscriber and match it with the same meter.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.invoicing import load_basis, read_basis
from tallystick.app.tracing.trace import BilledLine, BillingState, BillingStep
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog, Subscription
from tallystick.invoicing import Basis, Billed, Item, LineKey, items_around
from tallystick.kernel import AccountKey, MeterKey, Refused, instant_text
from tallystick.metering import SUBJECT, Event, Meter, MeterMatch, match_event, with_named_meters

SUBSCRIPTIONS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """An event that a meter counts, and whose it is."""

    event: Event
    meter: Meter
    match: MeterMatch
    account: AccountKey


def billing_steps(
    metered: Metered, *, uow: UnitOfWork, definitions: Catalog, now: datetime
) -> list[BillingStep]:
    """
    Return what becomes of a counted event under each price that applies, or why none does.

    Args:
        metered: what is counted for whom.
        uow: entered.
        definitions: of the catalog.
        now: says which periods are over.
    """
    at = metered.event.used_at
    held = uow.subscriptions.list_subscriptions(
        after="", limit=SUBSCRIPTIONS_MAX, account=metered.account
    )
    running = [one for one in held if one.start <= at and (one.end is None or at < one.end)]
    if not running:
        return [_no_subscription(metered, held)]
    return [
        step
        for subscription in running
        for step in _steps(metered, subscription, uow=uow, definitions=definitions, now=now)
    ]


def _no_subscription(metered: Metered, held: Iterable[Subscription]) -> BillingStep:
    others = ", ".join(
        f"{one.key} from {instant_text(one.start)}"
        + ("" if one.end is None else f" to {instant_text(one.end)}")
        for one in held
    )
    message = (
        f"account {metered.account} has no subscription at {instant_text(metered.event.used_at)}"
        + (f"; it has {others}" if others else "")
    )
    return BillingStep(state=BillingState.NO_SUBSCRIPTION, message=message)


def _steps(
    metered: Metered,
    subscription: Subscription,
    *,
    uow: UnitOfWork,
    definitions: Catalog,
    now: datetime,
) -> Iterator[BillingStep]:
    none = BillingStep(
        state=BillingState.NO_CONTRACT,
        message="",
        subscription=subscription.key,
        plan=subscription.plan,
        version=subscription.version,
    )
    basis = load_basis(uow, definitions, subscription)
    if isinstance(basis, Refused):
        yield replace(none, message=basis.problems[0].message)
        return
    formulas = _formulas_over(metered.meter, definitions)
    counting = {metered.meter.key, *formulas}
    used_at = metered.event.used_at
    terms = basis.value.terms_at(used_at)
    plan = terms.plan
    items = [item for item in items_around(basis.value, used_at) if item.price.meter in counting]
    found = [item for item in items if item.period.contains(used_at)]
    none = replace(none, plan=plan.plan, version=plan.version)
    if terms.paused:
        message = f"the contract is paused at {instant_text(used_at)}; nothing is charged then"
        yield replace(none, state=BillingState.NO_PRICE, message=message)
        return
    if not found:
        name = f"version {plan.version} of plan {plan.plan}"
        message = f"{name} has no price for meter {metered.meter.key}"
        if formulas:
            message += f", nor for {', '.join(sorted(formulas))}, which it is a part of"
        yield replace(none, state=BillingState.NO_PRICE, message=message)
        return
    billed = uow.invoices.load_billed(subscription.key)
    for item in found:
        priced = _Priced(metered=metered, basis=basis.value, item=item)
        step = priced.step(billed, uow=uow, now=now)
        yield replace(step, formula=formulas.get(MeterKey(item.price.meter or "")))


def _formulas_over(meter: Meter, definitions: Catalog) -> dict[MeterKey, Meter]:
    """Return the meters, by key, whose formulas take the quantity of a meter."""
    return {
        each.key: each
        for each in definitions.meters.values()
        if each.key != meter.key and any(one.key == meter.key for one in with_named_meters([each]))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Priced:
    """A counted event under one price of one contract, in the service period it falls in."""

    metered: Metered
    basis: Basis
    item: Item

    def step(self, billed: Iterable[Billed], *, uow: UnitOfWork, now: datetime) -> BillingStep:
        """Return how far the event has come."""
        key = self._key()
        charged = [one for one in billed if one.key.identity == key.identity]
        for one in charged:
            if one.position >= self.metered.event.position and self._is_counted(one, uow):
                line = _line(one, uow)
                return self._step(key, BillingState.BILLED, _billed_text(one), line=line)
        if charged:
            numbers = ", ".join(one.reference.number for one in charged if one.reference)
            message = (
                f"its period was billed with {numbers} before this was known; the next document "
                "corrects it"
            )
            return self._step(key, BillingState.CORRECTED_NEXT, message)
        if key.period.end > now:
            message = f"its period is open until {instant_text(key.period.end)}"
            return self._step(key, BillingState.OPEN, message)
        parked = uow.parked.find(self.basis.payer)
        if parked is not None:
            message = f"the payer is parked since {instant_text(parked.parked_at)}: "
            return self._step(key, BillingState.PARKED, message + parked.message)
        message = "its period is over and no document was issued; a billing run issues it"
        return self._step(key, BillingState.DUE, message)

    def _key(self) -> LineKey:
        names = self.item.price.group_by
        texts = {**self.metered.match.dimensions, SUBJECT: self.metered.event.subject}
        return LineKey(
            subscription=self.basis.subscription.key,
            price=self.item.price.key,
            period=self.item.period,
            group=tuple(texts.get(name, "") for name in names),
        )

    def _is_counted(self, line: Billed, uow: UnitOfWork) -> bool:
        document = uow.invoices.load_document(line.document)
        if document is None:
            return False
        then = read_basis(document).of(line.key.subscription)
        event = self.metered.event
        owned = any(
            span.subject == event.subject
            and (span.start is None or span.start <= event.used_at)
            and (span.end is None or event.used_at < span.end)
            for span in then.spans
        )
        meters = [meter for meter in then.meters if meter.key == self.metered.meter.key]
        return owned and any(match_event(event, meter).meterable for meter in meters)

    def _step(
        self, key: LineKey, state: BillingState, message: str, *, line: BilledLine | None = None
    ) -> BillingStep:
        plan = self.basis.terms_at(key.period.start).plan
        return BillingStep(
            state=state,
            message=message,
            subscription=key.subscription,
            plan=plan.plan,
            version=plan.version,
            price=key.price,
            payer=self.basis.payer,
            period=key.period,
            group=key.group,
            due_at=key.period.end,
            line=line,
        )


def _line(one: Billed, uow: UnitOfWork) -> BilledLine:
    document = uow.invoices.load_document(one.document)
    lines = () if document is None else document.invoice.lines
    return BilledLine(
        document=one.document,
        number=one.reference.number if one.reference else "",
        line=next((line.id for line in lines if line.key.identity == one.key.identity), ""),
        money=one.money,
    )


def _billed_text(one: Billed) -> str:
    number = one.reference.number if one.reference else one.document
    return f"counted in a line of {number} that charges {one.money}"
