"""
Records what reaches into times that were billed: late events, corrections, backfills.

It follows the log by position, before each billing run and after each correction, so that nothing
recorded is passed over, whatever crashed in between. The facts account for differences: a void
leaves no event behind that could.
"""

from collections.abc import Iterator
from dataclasses import replace

from tallystick.accounts import ownerships_of
from tallystick.app.clock import Clock
from tallystick.app.corrections.ports import KnownCorrections, RecordedReach
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, ResourceKey
from tallystick.metering import RULES, Change, Meter, Reach, definitions_of, reach_of


def record_reaches(uow: UnitOfWork, *, known: KnownCorrections, clock: Clock, through: int) -> int:
    """
    Record the facts up to a position, which the projection covers, and return how many are new.

    Within the unit of work of its caller, who commits.
    """
    after = uow.reaches.progress()
    if through <= after:
        return 0
    before = uow.reaches.billed_until()
    facts: list[RecordedReach] = []
    if before is not None:
        changes = known.changes(uow.workspace, after=after, through=through, before=before)
        facts = [
            RecordedReach(reach=reach, account=account, recorded_at=clock.now())
            for reach in _reaches(changes, uow, known, through=through)
            for account in _owners(uow, reach)
        ]
    uow.reaches.record(facts)
    uow.reaches.advance(through)
    return len(facts)


def _reaches(
    changes: list[Change], uow: UnitOfWork, known: KnownCorrections, *, through: int
) -> Iterator[Reach]:
    by_type: dict[str, list[Meter]] = {}
    for meter in uow.catalog.load_meters().values() if changes else ():
        # A correction of what a formula or a version counts reaches the meter it belongs to.
        for definition in definitions_of(meter):
            own = by_type.setdefault(definition.event_type, [])
            own.append(replace(definition, key=meter.key))
    for change in changes:
        for meter in by_type.get(change.type, ()):
            next_at = None
            if RULES[meter.aggregation].carries:
                next_at = known.next_reading(uow.workspace, meter, change, through=through)
            reach = reach_of(change, meter, next_at=next_at)
            if reach is not None:
                yield reach


def _owners(uow: UnitOfWork, reach: Reach) -> list[AccountKey | None]:
    """Return whose the subject was in the reach; an account's own key is its own."""
    resource = uow.accounts.load_resource(ResourceKey(reach.subject))
    if resource is None:
        account = uow.accounts.load_account(AccountKey(reach.subject))
        return [None if account is None else account.key]
    owners: list[AccountKey | None] = [
        part.account
        for part in ownerships_of(resource)
        if (reach.end is None or part.start is None or part.start < reach.end)
        and (part.end is None or part.end > reach.start)
    ]
    return owners or [None]
