"""What grants and restrictions have in common: reasons, spans, and what they change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from tallystick.app.carrying_out import Decided, Effect, Preview, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.entitlements.account_entitlements import load_account_facts
from tallystick.app.outbox import Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.entitlements import (
    AccountFacts,
    ManualGrant,
    Restriction,
    entitled_at,
    entitled_changes,
)
from tallystick.kernel import (
    AccountKey,
    Outcome,
    Problem,
    Refused,
    derived_id,
    instant_text,
)
from tallystick.payments import card_number_problem

REASON_CHARS_MAX = 500
AHEAD_MAX = timedelta(days=3660)
TOPIC = "entitlement.changed"


class ChangedFeature(msgspec.Struct, frozen=True, kw_only=True):
    """What an account may use of a feature, before and after, for people; None: not granted."""

    feature: str
    before: str | None
    after: str | None


class StandingChanged(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was granted, restricted or ended, and what it changes as it takes effect.

    Attributes:
        id: of the grant or restriction; None on a dry run of a new one.
        account: whose it is.
        start: since when it holds, or is to hold.
        end: until when; None: open.
        features: what changes for the account itself.
        dry_run: whether nothing was written.
    """

    id: str | None
    account: str
    start: datetime
    end: datetime | None
    features: tuple[ChangedFeature, ...]
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """
    What a command comes to.

    Attributes:
        id: of the grant or restriction.
        changed: the answer.
        details: what stands in the audit and in the message, beside id and account.
        store: writes it.
    """

    id: str
    changed: StandingChanged
    details: Mapping[str, object]
    store: Callable[[], None]


class Standable(Protocol):
    """A command that can be tried."""

    @property
    def dry_run(self) -> bool:
        """Tell whether nothing is to be written."""
        ...


def terms_problems(
    reason: str, *, start: datetime, end: datetime | None, now: datetime
) -> tuple[Problem, ...]:
    """
    Return what is wrong with why and when something is to hold.

    Problems:
        wrong_value: no reason, an end that is not after the start, or a start years ahead.
    """
    found = [*reason_problems(reason)]
    if end is not None and end <= start:
        found.append(Problem(code="wrong_value", message="it ends before it begins", field="end"))
    if start > now + AHEAD_MAX:
        message = '"start" lies more than ten years ahead'
        found.append(Problem(code="wrong_value", message=message, field="start"))
    return tuple(found)


def reason_problems(reason: str) -> tuple[Problem, ...]:
    """Return what is wrong with a reason: none, too long, not to be printed, or with a card."""
    card = card_number_problem(reason, "reason")
    if card is not None:
        return (card,)
    if reason.strip() and reason.isprintable() and len(reason) <= REASON_CHARS_MAX:
        return ()
    message = f"give a reason, of at most {REASON_CHARS_MAX} printable characters"
    return (Problem(code="wrong_value", message=message, field="reason"),)


def ending_problems(
    reason: str, at: datetime, *, end: datetime | None, now: datetime
) -> tuple[Problem, ...]:
    """
    Return why something may not end at an instant.

    Problems:
        wrong_value: no reason, or the instant lies behind.
        already_ended: it ends sooner anyway.
    """
    found = [*reason_problems(reason)]
    if at < now:
        message = f'"at" lies before {instant_text(now)}; what held till now stands'
        found.append(Problem(code="wrong_value", message=message, field="at"))
    if end is not None and end <= at:
        message = f"it ends at {instant_text(end)}"
        found.append(Problem(code="already_ended", message=message, field="at"))
    return tuple(found)


def changed_features(
    account: AccountKey, at: datetime, fact: ManualGrant | Restriction, *, uow: UnitOfWork
) -> tuple[ChangedFeature, ...]:
    """
    Return what a fact changes for its account at an instant, compared with it not being there.

    Args:
        account: whose fact it is.
        at: the instant for which is asked.
        fact: as it stands after the command; of the same id, what stands before is replaced.
        uow: entered; the fact is not stored yet.
    """
    before = load_account_facts(account, at=at, uow=uow)
    if before is None:
        return ()
    if isinstance(fact, ManualGrant):
        known = uow.standings.load_features([fact.grant.feature])
        before = replace(before, features={**before.features, **known})
    after = _with_fact(before, fact)
    old, new = ([one.entitled for one in entitled_at(facts, at)] for facts in (before, after))
    return tuple(
        ChangedFeature(feature=one.feature.key, before=one.before, after=one.after)
        for one in entitled_changes(old, new)
    )


def brought_about(
    command: Standable,
    propose: Callable[[datetime], Outcome[Proposed]],
    *,
    caller: Caller,
    uow: UnitOfWork,
    clock: Clock,
) -> Outcome[StandingChanged]:
    """
    Carry a command out in one transaction, or tell on a dry run what it would change.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        Those of ``propose``, which runs inside of the unit of work.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()

    def decide() -> Decided[StandingChanged]:
        proposed = propose(now)
        if isinstance(proposed, Refused):
            return proposed
        if command.dry_run:
            return Preview(answer=proposed.value.changed)
        return take_effect(command, proposed.value, caller=caller, uow=uow, now=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(StandingChanged))


def take_effect(
    command: Standable, proposed: Proposed, *, caller: Caller, uow: UnitOfWork, now: datetime
) -> Effect[StandingChanged]:
    """Store what a command comes to, with its message; whoever carries it out audits it."""
    proposed.store()
    changed = proposed.changed
    told = {"id": proposed.id, "account": changed.account, **proposed.details}
    uow.outbox.put(
        Message(
            workspace=caller.workspace,
            id=derived_id("entitled", type(command).__name__, proposed.id, instant_text(now)),
            topic=TOPIC,
            payload=told,
            due_at=now,
            trace_id=caller.trace_id,
        )
    )
    return Effect(answer=changed, subject=f"account:{changed.account}", at=now, details=told)


def _with_fact(facts: AccountFacts, fact: ManualGrant | Restriction) -> AccountFacts:
    own, *above = facts.line
    if isinstance(fact, ManualGrant):
        others = [one for one in own.grants if one.id != fact.id]
        own = replace(own, grants=(*others, fact))
    else:
        held = [one for one in own.restrictions if one.id != fact.id]
        own = replace(own, restrictions=(*held, fact))
    return replace(facts, line=(own, *above))
