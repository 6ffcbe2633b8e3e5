"""Books what has expired, account by account; a second time there is nothing to do."""

from dataclasses import dataclass

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.credits.booking import book_lapses
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, EntryId, Outcome, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCredit:
    """Book as earned what was paid for and has expired by now."""


def settle_credit(
    command: SettleCredit, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[tuple[EntryId, ...]]:
    """
    Book what lapsed since it was last booked, and return the entries.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()
    entries: list[EntryId] = []
    with uow:
        # All are held before the first entry: whoever holds books waits for no account.
        due = uow.endings.ended(now)
        for account in due:
            uow.credits.hold(account)
        for account in due:
            entries += book_lapses(uow, account, now=now)
            uow.endings.close_ended(account, by=now)
        if entries:
            details = {"entries": list(entries)}
            record = audit_record(
                caller, command, subject="journal:credit", at=now, details=details
            )
            uow.audit.append(record)
        uow.commit()
    return Done(tuple(entries))
