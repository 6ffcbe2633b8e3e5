"""
The one account that an event belongs to, and why, or why none.

It is `attribution` asked the other way round: not "which subjects are this account's" but "whose is
this subject at this instant". Both follow the same rule, and a test holds them against each other.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tallystick.accounts.account import Account
from tallystick.accounts.resource import Resource, ownerships_of
from tallystick.kernel import AccountKey, ResourceKey


class Unowned(StrEnum):
    """Why an event belongs to no account."""

    NO_SUBJECT = "no_subject"
    UNKNOWN_SUBJECT = "unknown_subject"
    NOT_STARTED = "resource_not_started"
    ENDED = "resource_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """
    Whose an event is.

    Attributes:
        account: who; None where nobody is.
        resource: the resource that the subject names; None where it names an account, or nothing.
        start: since when the account has the resource; None from the beginning, or no resource.
        end: until when; None without end.
        reason: why nobody is; None where somebody is.
    """

    account: AccountKey | None
    resource: ResourceKey | None = None
    start: datetime | None = None
    end: datetime | None = None
    reason: Unowned | None = None


def owner_at(
    subject: str, at: datetime, *, resource: Resource | None, account: Account | None
) -> Owner:
    """
    Return whose a subject is at an instant.

    Args:
        subject: as the event names it; empty for none.
        at: the instant of the usage.
        resource: the resource of that key, if there is one; it goes before the account.
        account: the account of that key, if there is one.

    Example:
        >>> from datetime import UTC
        >>> day = datetime(2026, 1, 2, tzinfo=UTC)
        >>> owner_at("vm-1", day, resource=None, account=None).reason.value
        'unknown_subject'
    """
    if resource is not None:
        return _owner_of(resource, at)
    if account is not None:
        return Owner(account=account.key)
    reason = Unowned.UNKNOWN_SUBJECT if subject else Unowned.NO_SUBJECT
    return Owner(account=None, reason=reason)


def _owner_of(resource: Resource, at: datetime) -> Owner:
    for owned in ownerships_of(resource):
        if (owned.start is None or owned.start <= at) and (owned.end is None or at < owned.end):
            return Owner(
                account=owned.account, resource=resource.key, start=owned.start, end=owned.end
            )
    begun = resource.started_at is None or resource.started_at <= at
    return Owner(
        account=None,
        resource=resource.key,
        start=resource.started_at,
        end=resource.ended_at,
        reason=Unowned.ENDED if begun else Unowned.NOT_STARTED,
    )
