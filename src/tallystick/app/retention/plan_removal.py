"""
What may be removed now, and what holds the rest back.

A rule binds removal an hour after it was set, so that one set by mistake can be taken back, and so
that no event is on its way that was let in before it. Everything else follows from facts: the
periods that bills still need, the holds, and whether each document comes out as it was issued.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from tallystick.app.command import Caller, missing_scope
from tallystick.app.corrections import record_reaches
from tallystick.app.invoicing import BillingSources, load_basis, payers_of_contract
from tallystick.app.keys import Scope
from tallystick.app.metering import UsageQuery
from tallystick.app.retention.contracts import (
    Contract,
    contract_of,
    open_obstacles,
    proof_obstacles,
)
from tallystick.app.retention.removal import (
    DayCount,
    HeldTime,
    RemovableLog,
    RemovableProjection,
    Removal,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog
from tallystick.kernel import Done, Outcome, Period, Refused, derived_id, instant_text, refuse
from tallystick.metering import RULES, Meter, definitions_of
from tallystick.retention import (
    FOR_EVER,
    Cut,
    LegalHold,
    Obstacle,
    RetentionRule,
    cut_of,
    rule_of,
)

RULE_AGE_MIN = timedelta(hours=1)
ON_ITS_WAY = timedelta(hours=1)
COVER_SECONDS_MAX = 30.0
_MICROSECOND = timedelta(microseconds=1)
_PAGE = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSources:
    """The log and the projection that content is removed from, and where bills come from."""

    log: RemovableLog
    projection: RemovableProjection
    billing: BillingSources


@dataclass(frozen=True, slots=True, kw_only=True)
class TypePlan:
    """
    What may go of a type.

    Attributes:
        removal: None where nothing may.
        days: how many events would lose their content, by day of use.
    """

    cut: Cut
    removal: Removal | None
    days: tuple[DayCount, ...]

    @property
    def events(self) -> int:
        """Return how many events would lose their content."""
        return sum(each.events for each in self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalPlan:
    """What may go now, by event type; ``position``: up to which the log was looked at."""

    position: int
    types: tuple[TypePlan, ...]


def plan_removal(
    caller: Caller, *, uow: UnitOfWork, sources: RetentionSources
) -> Outcome[RemovalPlan]:
    """
    Return what a removal would take now; nothing is changed.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        not_covered: events that the log holds are being loaded; try again.
        projection_incomplete: the projection lacks events that the log's manifest tells of.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    position = covered_position(sources)
    if isinstance(position, Refused):
        return position
    with uow:
        return Done(planned(uow, sources, position=position.value))


def covered_position(sources: RetentionSources) -> Outcome[int]:
    """
    Return the durable position once the projection covers it and agrees with the manifest.

    Problems:
        not_covered, projection_incomplete: see `plan_removal`.
    """
    position = sources.log.durable_position()
    if not sources.billing.usage.wait_covered(position, COVER_SECONDS_MAX):
        return refuse("not_covered", "events are being loaded; send the command again")
    incomplete = sources.billing.agreement.problem(position)
    return Done(position) if incomplete is None else Refused((incomplete,))


def planned(uow: UnitOfWork, sources: RetentionSources, *, position: int) -> RemovalPlan:
    """Return what may go, in a unit of work that is open."""
    now = sources.billing.clock.now()
    desk = Desk(uow=uow, sources=sources, position=position, now=now)
    types = []
    for event_type in sources.projection.old_types(uow.workspace, as_of=position, before=now):
        rule = rule_of(uow.retention.rules(), event_type)
        if rule is not None and rule.days != FOR_EVER:
            types.append(_type_plan(desk, event_type, rule))
    return RemovalPlan(position=position, types=tuple(types))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the parts of a plan share."""

    uow: UnitOfWork
    sources: RetentionSources
    position: int
    now: datetime


def contracts(desk: Desk, event_type: str) -> Iterator[Contract | Obstacle]:
    """Yield the subscriptions that bill a type, and what keeps one from being looked at."""
    definitions = desk.uow.catalog.load_definitions()
    subscriptions = desk.uow.subscriptions.load_subscriptions()
    for key in sorted(subscriptions):
        for payer in payers_of_contract(desk.uow, subscriptions[key], through=desk.now):
            basis = load_basis(desk.uow, definitions, subscriptions[key], payer=payer)
            if isinstance(basis, Refused):
                message = f"{key}: {basis.problems[0].message}"
                yield Obstacle(code="no_basis", message=message, since=None)
                continue
            contract = contract_of(
                desk.uow, basis.value, event_type=event_type, position=desk.position
            )
            if contract is not None:
                yield contract


def _type_plan(desk: Desk, event_type: str, rule: RetentionRule) -> TypePlan:
    # What was let in just before its time closed is in the log an hour later.
    horizon = desk.now - timedelta(days=rule.days) - ON_ITS_WAY
    closed_before = datetime.combine(horizon.date(), time(), UTC)
    found = list(contracts(desk, event_type))
    obstacles = [each for each in found if isinstance(each, Obstacle)]
    obstacles += _rule_obstacles(rule, now=desk.now)
    billing = [each for each in found if isinstance(each, Contract)]
    for contract in billing:
        obstacles += open_obstacles(contract, closed_before=closed_before, now=desk.now)
    cut = cut_of(event_type, closed_before=closed_before, obstacles=obstacles)
    if cut.removed_before is not None:
        for contract in billing:
            obstacles += proof_obstacles(
                contract, desk.uow, desk.sources.billing, before=cut.removed_before
            )
        cut = cut_of(event_type, closed_before=closed_before, obstacles=obstacles)
    if cut.removed_before is None:
        return TypePlan(cut=cut, removal=None, days=())
    removal = _removal(desk, event_type, before=cut.removed_before)
    days = desk.sources.projection.days(removal)
    return TypePlan(cut=cut, removal=removal, days=tuple(days))


def _rule_obstacles(rule: RetentionRule, *, now: datetime) -> Iterator[Obstacle]:
    if now < rule.set_at + RULE_AGE_MIN:
        message = f"the rule was set at {instant_text(rule.set_at)}; it binds an hour later"
        yield Obstacle(code="rule_too_new", message=message, since=None)


def _removal(desk: Desk, event_type: str, *, before: datetime) -> Removal:
    uow, projection = desk.uow, desk.sources.projection
    kept = set(projection.corrected_positions(uow.workspace, as_of=desk.position))
    definitions = uow.catalog.load_definitions()
    for meter in _carrying(definitions, event_type):
        kept |= _carried(desk, meter, before)
    number = f"{event_type} {instant_text(before)} {desk.position}"
    return Removal(
        id=derived_id("rem", uow.workspace, number, instant_text(desk.now)),
        workspace=uow.workspace,
        event_type=event_type,
        before=before,
        through=desk.position,
        held=tuple(_held(uow, event_type)),
        kept=tuple(sorted(kept)),
    )


def _carrying(definitions: Catalog, event_type: str) -> Iterator[Meter]:
    """Yield every definition of a meter that carries readings of a type over borders."""
    for meter in definitions.meters.values():
        for one in definitions_of(meter):
            if one.event_type == event_type and RULES[one.aggregation].carries:
                yield replace(one, key=meter.key)


def _carried(desk: Desk, meter: Meter, before: datetime) -> set[int]:
    """Return the positions of the last readings before an instant, of every series of a meter."""
    query = UsageQuery(
        workspace=desk.uow.workspace,
        meter=meter,
        windows=(Period(start=before, end=before + _MICROSECOND),),
        through=desk.position,
    )
    usage, found, after = desk.sources.billing.usage, set[int](), 0
    while page := usage.events(query, after_position=after, limit=_PAGE):
        found |= {event.position for event in page}
        after = page[-1].position
    return found


def _held(uow: UnitOfWork, event_type: str) -> Iterator[HeldTime]:
    for hold in uow.retention.holds():
        if hold.stands and hold.event_type in {None, event_type}:
            yield HeldTime(subjects=_subjects(uow, hold), start=hold.start, end=hold.end)


def _subjects(uow: UnitOfWork, hold: LegalHold) -> tuple[str, ...] | None:
    """Return the subjects whose usage is or ever was an account's; None for any."""
    if hold.account is None:
        return None
    owned = {each.resource for each in uow.accounts.load_ownerships(hold.account)}
    return tuple(sorted({str(hold.account), *owned}))


def recorded(uow: UnitOfWork, sources: RetentionSources, *, position: int) -> None:
    """Record what reaches into billed time, before anything is decided."""
    billing = sources.billing
    record_reaches(uow, known=billing.corrections, clock=billing.clock, through=position)


def event_total(types: Iterable[TypePlan]) -> int:
    """Return how many events lose their content in all."""
    return sum(each.events for each in types)
