"""
Agrees on a change of a subscription: another plan, a quantity, a pause, an end.

An upgrade takes effect now, a downgrade at the end of the billing period that runs, unless the
caller says otherwise; which one it is, is decided by what the fees come to in a second.  Any change
can be tried without being agreed on: then its money is told.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from tallystick.app.accounts import accounts_of_payers
from tallystick.app.carrying_out import Decided, Effect, Preview, as_json, carried_out
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing import (
    BillingSources,
    draft_missing,
    load_basis,
    load_books,
    payers_of_contract,
    with_latest_rates,
    with_rates_due,
)
from tallystick.app.keys import Scope
from tallystick.app.outbox import Message
from tallystick.app.subscriptions.agreed import (
    AgreeChange,
    AgreedChange,
    AgreedEntitlement,
    AgreedFeature,
    AgreedFee,
    Direction,
    When,
)
from tallystick.app.subscriptions.asked_change import Contract, changed_contract, new_in, repeated
from tallystick.app.subscriptions.telling import tell_migration
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Subscription
from tallystick.entitlements import feature_changes, layers_at
from tallystick.invoicing import (
    Basis,
    FeeEffect,
    Invoice,
    asked_at,
    fee_effects,
    fee_rate,
    items_around,
    prorated,
    rate_warnings,
    term_end,
    wire_from_invoice,
)
from tallystick.kernel import (
    Done,
    Outcome,
    Problem,
    Refused,
    derived_id,
    instant_text,
    plain,
    refuse,
)
from tallystick.subscriptions import (
    EntitlementChange,
    change_id,
    change_warnings,
    entitlement_changes,
)

TOPIC = "subscription.changed"


def agree_change(
    command: AgreeChange, *, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[AgreedChange]:
    """
    Agree on a change in one transaction, which billing waits for.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_subscription: there is none of this key.
        subscription_ended: it ends before the change would take effect.
        too_far_ahead: it would take effect in more than ten years.
        wrong_direction: the fees go the way that the caller excluded.
        money_changed: the fees come to something else than the caller expects.
        change_blocked: a block holds back other changes then.
        no_such_period: no service period begins where an amount is set by hand.
        Those of a catalog document, with the path below the change; those of loading the contract;
        on a dry run those of drafting.
    """
    unpermitted = missing_scope(caller, Scope.BILLING)
    if unpermitted is not None:
        return Refused((unpermitted,))

    def decide() -> Decided[AgreedChange]:
        uow.catalog.hold()
        uow.invoices.lock(command.subscription)
        contract = _load(command, uow, actor=caller.actor, now=sources.clock.now())
        if isinstance(contract, Refused):
            return contract
        agreed = _agree(command, contract.value, uow, sources)
        if isinstance(agreed, Refused):
            return agreed
        if command.dry_run:
            return Preview(answer=agreed.value)
        effect = _effect_of(command, agreed.value, caller=caller, uow=uow, now=contract.value.now)
        tell_migration(agreed.value, contract.value, caller=caller, uow=uow)
        return effect

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(AgreedChange))


def _load(command: AgreeChange, uow: UnitOfWork, *, actor: str, now: datetime) -> Outcome[Contract]:
    """Load the contract, with the accounts above it."""
    subscription = uow.subscriptions.load_subscription(command.subscription)
    if subscription is None:
        message = f"there is no subscription {command.subscription}"
        return refuse("unknown_subscription", message, "subscription")
    definitions = uow.catalog.load_definitions()
    basis = load_basis(uow, definitions, subscription)
    if isinstance(basis, Refused):
        return basis
    subscriber = uow.accounts.load_account(subscription.account)
    accounts = {} if subscriber is None else accounts_of_payers(uow, subscriber)
    known = replace(definitions, accounts=accounts, subscriptions={subscription.key: subscription})
    rated = with_latest_rates(uow, basis.value, now=now)
    if isinstance(rated, Refused):
        return rated
    return Done(
        Contract(known=known, subscription=subscription, basis=rated.value, actor=actor, now=now)
    )


def _agree(
    command: AgreeChange, contract: Contract, uow: UnitOfWork, sources: BillingSources
) -> Outcome[AgreedChange]:
    """Read the change, decide when it takes effect, tell its money, and store it."""
    tried = changed_contract(command, contract, at=contract.now)
    if isinstance(tried, Refused):
        return tried
    direction = _direction(contract, tried.value, uow)
    at = _effective(command, contract, tried.value, direction)
    refused = _excluded(command, contract, at=at, direction=direction)
    if refused is not None:
        return refused
    after = _basis_after(command, contract, uow, at=at)
    if isinstance(after, Refused):
        return after
    agreed = _told(command, contract, after.value, at=at, direction=direction)
    if command.expected is not None and command.expected != agreed.fees:
        message = f"the fees of {command.subscription} come to something else than was told before"
        return refuse("money_changed", message, "expected_fees")
    if command.dry_run:
        return _with_documents(agreed, contract, after.value, uow, sources)
    uow.subscriptions.save_subscriptions([after.value.subscription])
    return Done(agreed)


def _excluded(
    command: AgreeChange, contract: Contract, *, at: datetime, direction: Direction
) -> Refused | None:
    """Return why a change cannot be: it goes the other way, or comes after the end."""
    if direction is command.unless:
        message = f"by what its fees come to, the change is of the kind {direction.value}"
        return refuse("wrong_direction", message, "plan")
    if contract.subscription.end is not None and at >= contract.subscription.end:
        ends = instant_text(contract.subscription.end)
        return refuse("subscription_ended", f"{command.subscription} ends at {ends}", "at")
    return None


def _told(
    command: AgreeChange,
    contract: Contract,
    after: Basis,
    *,
    at: datetime,
    direction: Direction,
) -> AgreedChange:
    """Return what is told of a change: its fees, and what is included and taken from then on."""
    effects = fee_effects(contract.basis, after, at=at)
    credit, charge = prorated(contract.basis, effects, at=at)
    old, new = contract.basis.terms_at(at), after.terms_at(at)
    return AgreedChange(
        subscription=command.subscription,
        id=_id(command, contract, after.subscription, at=at),
        at=at,
        direction=direction,
        fees=tuple(map(_fee, effects)),
        credit=f"{credit.decimal:f}",
        charge=f"{charge.decimal:f}",
        currency=after.currency.code,
        entitlements=tuple(map(_entitlement, entitlement_changes(old, new))),
        features=tuple(_features(contract, after, at)),
        warnings=(
            *change_warnings(contract.subscription, old, new, at=at),
            *rate_warnings([contract.basis, after], effects),
        ),
        dry_run=command.dry_run,
    )


def _features(contract: Contract, after: Basis, at: datetime) -> Iterator[AgreedFeature]:
    plans = contract.known.plan_versions.values()
    before, then = (
        layers_at(subscription, plans, at)
        for subscription in (contract.subscription, after.subscription)
    )
    for change in feature_changes(contract.known.features, before, then):
        yield AgreedFeature(feature=change.feature.key, before=change.before, after=change.after)


def _entitlement(change: EntitlementChange) -> AgreedEntitlement:
    return AgreedEntitlement(
        price=change.price,
        meter=change.meter,
        unit=change.unit,
        before=None if change.before is None else plain(change.before),
        after=None if change.after is None else plain(change.after),
    )


def _basis_after(
    command: AgreeChange, contract: Contract, uow: UnitOfWork, *, at: datetime
) -> Outcome[Basis]:
    """Return the basis of the changed contract, with today's exchange rates."""
    is_block = set(command.change) - {"at"} == {"blocks"}
    if contract.basis.terms_at(at).blocks_change and not is_block:
        message = f"{command.subscription} is blocked from changes at {instant_text(at)}"
        return refuse("change_blocked", message, "at")
    changed = changed_contract(command, contract, at=at)
    if isinstance(changed, Refused):
        return changed
    after = load_basis(uow, contract.known, changed.value)
    if isinstance(after, Refused):
        return after
    misplaced = tuple(_misplaced_amounts(contract.subscription, after.value))
    if misplaced:
        return Refused(misplaced)
    return with_latest_rates(uow, after.value, now=contract.now)


def _with_documents(
    agreed: AgreedChange,
    contract: Contract,
    after: Basis,
    uow: UnitOfWork,
    sources: BillingSources,
) -> Outcome[AgreedChange]:
    """Add what a billing run would issue for a contract at once, to each of its payers."""
    now, made = sources.clock.now(), list[Invoice]()
    for payer in payers_of_contract(uow, after.subscription, through=now):
        basis = load_basis(uow, contract.known, after.subscription, payer=payer)
        if isinstance(basis, Refused):
            return basis
        books = load_books(uow, basis.value)
        drafts = draft_missing(
            with_rates_due(uow, asked_at(basis.value, now), books, through=now, now=now),
            books,
            sources,
            through=now,
            position=sources.usage.covered_position(),
        )
        if isinstance(drafts, Refused):
            return drafts
        made += drafts.value
    return Done(replace(agreed, documents=tuple(map(wire_from_invoice, made))))


def _fee(effect: FeeEffect) -> AgreedFee:
    return AgreedFee(
        price=effect.price,
        start=effect.period.start,
        end=effect.period.end,
        before=f"{effect.before.decimal:f}",
        after=f"{effect.after.decimal:f}",
        currency=effect.after.currency.code,
    )


def _misplaced_amounts(before: Subscription, after: Basis) -> Iterator[Problem]:
    """Yield a problem for each new amount by hand that no service period begins with."""
    for change in after.subscription.changes:
        if change in before.changes:
            continue
        begun = items_around(after, change.at)
        for fact in change.amounts:
            starts = sorted({one.period.start for one in begun if one.price.key == fact.price})
            if change.at not in starts:
                known = ", ".join(map(instant_text, starts)) or "no instant around it"
                message = (
                    f"no service period of {fact.price} begins at {instant_text(change.at)}; "
                    f"it begins at {known}"
                )
                yield Problem(code="no_such_period", message=message, field="at")


def _direction(contract: Contract, tried: Subscription, uow: UnitOfWork) -> Direction:
    """Compare the fees before and after a change, as they are where it takes effect."""
    after = load_basis(uow, contract.known, tried)
    if isinstance(after, Done):
        after = with_latest_rates(uow, after.value, now=contract.now)
    if isinstance(after, Refused) or tried.end != contract.subscription.end:
        return Direction.DOWNGRADE
    new = new_in(contract, tried)
    at = new[0].at if new else contract.now
    before_rate, after_rate = fee_rate(contract.basis, at), fee_rate(after.value, at)
    if after_rate == before_rate:
        return Direction.SAME
    return Direction.UPGRADE if after_rate > before_rate else Direction.DOWNGRADE


def _effective(
    command: AgreeChange, contract: Contract, tried: Subscription, direction: Direction
) -> datetime:
    """Return the instant at which a change takes effect."""
    if command.change.get("at") is not None:
        named = new_in(contract, tried) or repeated(command, contract, at=contract.now)
        return named[0].at if named else contract.now
    when = command.when
    term = contract.subscription.term
    if when is None:
        when = When.PERIOD_END if direction is Direction.DOWNGRADE else When.NOW
        if not command.change and term is not None and term.renews:
            when = When.TERM_END
    if when is When.TERM_END and term is not None:
        return term_end(contract.basis, term, at=contract.now)
    running = contract.basis.periods_of().last(contract.now)
    if when is When.NOW or running is None:
        return max(contract.now, contract.subscription.start)
    return running.span.end


def _id(
    command: AgreeChange, contract: Contract, after: Subscription, *, at: datetime
) -> str | None:
    """Return the id of what was agreed on, now or before; None for an end."""
    found = new_in(contract, after) or repeated(command, contract, at=at)
    return change_id(after.key, found[0]) if found else None


def _effect_of(
    command: AgreeChange, agreed: AgreedChange, *, caller: Caller, uow: UnitOfWork, now: datetime
) -> Effect[AgreedChange]:
    """Put the message of what was agreed into the outbox; the audit says the same."""
    subject = f"subscription:{command.subscription}"
    details = {
        "change": dict(command.change) or {"end": True},
        "at": instant_text(agreed.at),
        "direction": agreed.direction.value,
    }
    uow.outbox.put(
        Message(
            workspace=caller.workspace,
            id=derived_id("changed", command.subscription, agreed.id or "end", instant_text(now)),
            topic=TOPIC,
            payload={"subscription": command.subscription, **details},
            due_at=now,
            trace_id=caller.trace_id,
        )
    )
    return Effect(answer=agreed, subject=subject, at=now, details=details)
