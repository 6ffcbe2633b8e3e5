"""
Which personal values somebody wants to be erased, and what forbids it.

Of an account these are the values of events whose subject is the account, or a resource that never
was another's: those of a resource that changed hands are told by their subject, since a value is
kept for a subject and not for a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.app.personal.ports import Chosen
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, Outcome, Problem, refuse
from tallystick.metering import RESERVED_TYPES
from tallystick.personal import content_of
from tallystick.retention import LegalHold


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """
    Whose personal values are meant: exactly one of the first three is given.

    Attributes:
        account: of events of an account and of resources that it alone ever owned.
        subject: of events of a subject, whoever owns it.
        value: one value, a JSON text, wherever it is used.
        event_type: of events of this type only; None: of any.
    """

    account: AccountKey | None = None
    subject: str | None = None
    value: str | None = None
    event_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """
    The uses that are meant.

    Attributes:
        left_out: resources of the account that others owned too; their values are not meant.
    """

    chosen: Chosen
    left_out: tuple[str, ...] = ()


def choice_of(whose: Whose, uow: UnitOfWork) -> Outcome[Choice]:
    """
    Return the uses that are meant, within a unit of work.

    Problems:
        wrong_value: not exactly one of account, subject and value; or an impossible type.
        not_found: there is no such account.
    """
    named = [each for each in (whose.account, whose.subject, whose.value) if each is not None]
    if len(named) != 1:
        message = "name one account, one subject, or one value"
        return refuse("wrong_value", message, "account")
    if whose.event_type is not None and whose.event_type.startswith(RESERVED_TYPES):
        return refuse("wrong_value", "corrections are of the type that they amend", "event_type")
    if whose.value is not None:
        content = content_of(whose.value.encode())
        return Done(Choice(chosen=Chosen(content=content, event_type=whose.event_type)))
    if whose.subject is not None:
        chosen = Chosen(subjects=(whose.subject,), event_type=whose.event_type)
        return Done(Choice(chosen=chosen))
    return _of_account(whose, AccountKey(named[0]), uow)


def _of_account(whose: Whose, account: AccountKey, uow: UnitOfWork) -> Outcome[Choice]:
    if uow.accounts.load_account(account) is None:
        return refuse("not_found", f"no account {account!r}", "account")
    every = uow.accounts.load_ownerships()
    owned = {str(each.resource) for each in every if each.account == account}
    shared = owned & {str(each.resource) for each in every if each.account != account}
    # Where a resource bears the key of the account, it decides whose the events are.
    own = {str(account)} if all(str(each.resource) != str(account) for each in every) else set()
    subjects = tuple(sorted(own | (owned - shared)))
    return Done(
        Choice(
            chosen=Chosen(subjects=subjects, event_type=whose.event_type),
            left_out=tuple(sorted(shared)),
        )
    )


def holding(chosen: Chosen, uow: UnitOfWork) -> Problem | None:
    """
    Return the problem of a legal hold that covers any of what is meant.

    Its time of use is not looked at: a value is kept for all times at once.

    Problems:
        held: with the ids of the holds.
    """
    ids = [hold.id for hold in uow.retention.holds() if hold.stands and _covers(hold, chosen, uow)]
    if not ids:
        return None
    message = f"kept by legal hold {', '.join(ids)}; release it first"
    return Problem(code="held", message=message, field="account")


def _covers(hold: LegalHold, chosen: Chosen, uow: UnitOfWork) -> bool:
    if chosen.event_type is not None and hold.event_type not in {None, chosen.event_type}:
        return False
    subjects = set(_subjects(hold, uow)) if hold.account is not None else None
    return any(
        hold.event_type in {None, group.event_type}
        for group in uow.erasures.groups(_within(chosen, subjects))
    )


def _within(chosen: Chosen, subjects: set[str] | None) -> Chosen:
    if subjects is None:
        return chosen
    both = subjects if chosen.subjects is None else subjects & set(chosen.subjects)
    return Chosen(
        subjects=tuple(sorted(both)), content=chosen.content, event_type=chosen.event_type
    )


def _subjects(hold: LegalHold, uow: UnitOfWork) -> Iterator[str]:
    """Yield the subjects whose usage is or ever was that of a hold's account."""
    yield str(hold.account)
    for each in uow.accounts.load_ownerships(*filter(None, [hold.account])):
        if each.account == hold.account:
            yield str(each.resource)
