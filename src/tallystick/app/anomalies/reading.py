"""What accounts used in hours: asked of the projection, with what was corrected by then."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tallystick.accounts import Ownership, spans_of
from tallystick.app.anomalies.series import HOUR
from tallystick.app.metering import UsageReader
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import EXACT, AccountKey, Period, SubjectSpan
from tallystick.metering import Meter, UsageQuery

OWNERS_AT_ONCE = 5_000

UsedHours = Mapping[AccountKey, Mapping[datetime, Decimal]]


def used_hours(
    meter: Meter,
    hours: Sequence[datetime],
    *,
    uow: UnitOfWork,
    usage: UsageReader,
    accounts: Iterable[AccountKey] | None = None,
) -> UsedHours:
    """
    Return what accounts used in hours, of those in which they used something.

    What a resource used belongs to who owns it when an hour begins, or, if nobody does, ends.

    Args:
        meter: one whose parts of time and subjects add up.
        hours: their beginnings.
        uow: open.
        usage: reads the projection, as far as it has come.
        accounts: whose; None: everybody's.
    """
    spans = None if accounts is None else _spans(accounts, uow)
    if not hours or spans == ():
        return {}
    query = UsageQuery(
        workspace=uow.workspace,
        meter=meter,
        windows=tuple(Period(start=start, end=start + HOUR) for start in hours),
        spans=spans,
        group_by=("subject",),
        through=usage.covered_position(),
    )
    rows = [(row.group[0], row.window.start, row.fold.quantity) for row in usage.usage(query)]
    owners = _owners({subject for subject, _, _ in rows}, uow)
    found: dict[AccountKey, dict[datetime, Decimal]] = defaultdict(dict)
    for subject, start, quantity in rows:
        account = _owner(owners.get(subject), start)
        if account is not None and quantity:
            own = found[account]
            own[start] = EXACT.add(own.get(start, Decimal(0)), quantity)
    return found


def _spans(accounts: Iterable[AccountKey], uow: UnitOfWork) -> tuple[SubjectSpan, ...]:
    return tuple(
        span
        for account in accounts
        for span in spans_of(account, {account}, uow.accounts.load_ownerships(account))
    )


def _owners(
    subjects: Iterable[str], uow: UnitOfWork
) -> Mapping[str, tuple[Ownership, ...] | AccountKey]:
    asked = sorted(subjects)
    found: dict[str, tuple[Ownership, ...] | AccountKey] = {}
    for first in range(0, len(asked), OWNERS_AT_ONCE):
        found.update(uow.quotas.owners(asked[first : first + OWNERS_AT_ONCE]))
    return found


def _owner(owner: tuple[Ownership, ...] | AccountKey | None, start: datetime) -> AccountKey | None:
    if owner is None or isinstance(owner, str):
        return owner
    for at in (start, start + HOUR):
        for one in owner:
            if (one.start is None or one.start <= at) and (one.end is None or at < one.end):
                return one.account
    return None
