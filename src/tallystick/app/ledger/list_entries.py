"""Lists the journal and its balances."""

from collections.abc import Mapping
from datetime import datetime

from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Money, Outcome, Refused, refuse
from tallystick.ledger import PostedEntry

PAGE_MAX = 1000


def list_entries(
    caller: Caller,
    *,
    uow: UnitOfWork,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> Outcome[list[PostedEntry]]:
    """
    Return entries by effective instant and id, those behind ``after``.

    Problems:
        forbidden: the caller lacks the scope ``read``, or sees one account only.
    """
    refused = _refused(caller)
    if refused is not None:
        return refused
    with uow:
        return Done(uow.journal.page(after=after, limit=min(limit, PAGE_MAX)))


def read_balances(
    caller: Caller, *, uow: UnitOfWork, as_of: datetime
) -> Outcome[Mapping[tuple[str, str], Money]]:
    """
    Return the balance of each chart account and currency code as of an instant, inclusive.

    Problems:
        forbidden: as `list_entries`.
    """
    refused = _refused(caller)
    if refused is not None:
        return refused
    with uow:
        return Done(uow.journal.balances(as_of=as_of))


def _refused(caller: Caller) -> Refused | None:
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    if caller.account is not None:
        return refuse("forbidden", "the journal is not open to a key of one account")
    return None
