"""
Resources and who owns them when.

A resource is a thing that is metered: a VM, a volume, a queue.  It lives from ``started_at`` to
``ended_at`` (half-open; None is without bound) and belongs to exactly one account at every
instant of its life: to ``account`` first, and from the instant of each transfer to that
transfer's account.

    vm-1: account a, transfers [b at Feb 1], ended Mar 1     a: [.., Feb 1)   b: [Feb 1, Mar 1)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from tallystick.kernel import AccountKey, ResourceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """From ``at`` on the resource belongs to ``account``."""

    account: AccountKey
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """
    A metered thing; its ``attributes`` are plain text.

    ``transfers`` ascend strictly and lie within its life.
    """

    key: ResourceKey
    account: AccountKey
    kind: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    transfers: tuple[Transfer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """The half-open interval in which a resource belongs to an account; None is without bound."""

    resource: ResourceKey
    account: AccountKey
    start: datetime | None = None
    end: datetime | None = None


def ownerships_of(resource: Resource) -> tuple[Ownership, ...]:
    """
    Cut the life of a resource into one ownership per owner, in order of time; they tile the life.

    >>> from datetime import UTC
    >>> moved = Transfer(account=AccountKey("b"), at=datetime(2026, 2, 1, tzinfo=UTC))
    >>> vm = Resource(key=ResourceKey("vm-1"), account=AccountKey("a"), transfers=(moved,))
    >>> [(part.account, part.end == moved.at) for part in ownerships_of(vm)]
    [('a', True), ('b', False)]
    """
    owners = (resource.account, *(transfer.account for transfer in resource.transfers))
    cuts = (
        resource.started_at,
        *(transfer.at for transfer in resource.transfers),
        resource.ended_at,
    )
    return tuple(
        Ownership(resource=resource.key, account=owner, start=start, end=end)
        for owner, (start, end) in zip(owners, pairwise(cuts), strict=True)
    )
