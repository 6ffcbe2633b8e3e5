"""
Whose usage a question is about: an account's, some subjects', or everybody's.

A caller bound to an account gets that account alone: another one is *not found*, whether it exists
or not, and a subject that the account never owned is an empty answer.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tallystick.accounts import Account, spans_of
from tallystick.app.command import Caller, account_seen
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, Outcome, Refused, ResourceKey, SubjectSpan, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSubjects:
    """
    What a question looks at.

    Attributes:
        spans: subjects, each for its own half-open time.
        others: whether subjects without a span count as well.
        zone: IANA zone of the account; empty where the question names none.
    """

    spans: tuple[SubjectSpan, ...]
    others: bool
    zone: str


def subjects_of(
    account: AccountKey | None,
    subjects: AbstractSet[str] | None,
    *,
    caller: Caller,
    uow: UnitOfWork,
) -> Outcome[AskedSubjects]:
    """
    Return the subjects behind a question; call it inside of the unit of work.

    Args:
        account: whose usage; None for any.
        subjects: only these; None for all.
        caller: who asks.
        uow: entered.

    Problems:
        not_found: no such account for this caller (field ``account``).
    """
    seen = account_seen(caller, account)
    if isinstance(seen, Refused):
        return seen
    wanted = seen.value
    if wanted is None:
        spans = _lives(subjects, uow)
        return Done(AskedSubjects(spans=spans, others=subjects is None, zone=""))
    known = uow.accounts.load_account(wanted)
    if known is None:
        return refuse("not_found", f"no account {wanted!r}", "account")
    spans = tuple(
        span for span in _owned(known, uow) if subjects is None or span.subject in subjects
    )
    return Done(AskedSubjects(spans=spans, others=False, zone=known.zone))


def _owned(account: Account, uow: UnitOfWork) -> tuple[SubjectSpan, ...]:
    ownerships = uow.accounts.load_ownerships(account.key)
    return spans_of(account.key, {account.key: account}, ownerships)


def _lives(subjects: AbstractSet[str] | None, uow: UnitOfWork) -> tuple[SubjectSpan, ...]:
    """Return how long resources live: the subjects asked for, or all that have ended."""
    if subjects is None:
        return tuple(
            SubjectSpan(subject=resource.key, start=None, end=resource.ended_at)
            for resource in uow.accounts.load_resources().values()
            if resource.ended_at is not None
        )
    return tuple(_life(subject, uow) for subject in sorted(subjects))


def _life(subject: str, uow: UnitOfWork) -> SubjectSpan:
    resource = uow.accounts.load_resource(ResourceKey(subject))
    ended_at = None if resource is None else resource.ended_at
    return SubjectSpan(subject=subject, start=None, end=ended_at)
