"""What stands against every limit of an account, and what is held of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.quotas.asks import HeldAnswer
from tallystick.app.quotas.counting import counters_now
from tallystick.app.quotas.desk import Desks
from tallystick.app.quotas.limits import counter_key
from tallystick.app.quotas.ports import Counter, Hold, HoldKind
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse
from tallystick.quotas import ALWAYS, Limit, Tally, remaining


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaLine:
    """
    A limit and what stands against it.

    Attributes:
        remaining: what may still be used now; None: no number limits.
        starts_at: of its window; None: it has none.
    """

    limit: Limit
    tally: Tally
    remaining: Decimal | None
    starts_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaUsage:
    """
    Every limit of an account, by feature, and what is held by those it shares them with.

    A key of one account sees what that account holds itself; the sums are in each limit.
    """

    account: str
    quotas: tuple[QuotaLine, ...]
    leases: tuple[HeldAnswer, ...]
    reservations: tuple[HeldAnswer, ...]


def read_quota_usage(
    account: AccountKey, *, caller: Caller, at: datetime, uow: UnitOfWork, desks: Desks
) -> Outcome[QuotaUsage]:
    """
    Return what stands against the limits of an account.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
        not_found: no such account for this caller.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if caller.account not in (None, account):
        return refuse("not_found", f"no account {account!r}", "account")
    with uow:
        standing = desks.recount.known.look_up([account], at=at, uow=uow)[account]
        if not standing.exists:
            return refuse("not_found", f"no account {account!r}", "account")
        limited = {
            counter_key(known.limit): known
            for known in standing.limits.values()
            if known.limit.kind.is_limited
        }
        counters = counters_now(limited, at=at, uow=uow, recount=desks.recount)
        holders = sorted({key.account for key in limited})
        holds = [hold for holder in holders for hold in uow.holds.open(AccountKey(holder), at=at)]
        uow.commit()
    if caller.account is not None:
        holds = [hold for hold in holds if hold.asked_by == caller.account]
    lines = tuple(
        _line(known.limit, counters.get(key), at) for key, known in sorted(limited.items())
    )
    return Done(
        QuotaUsage(
            account=account,
            quotas=lines,
            leases=tuple(_held(holds, HoldKind.LEASE)),
            reservations=tuple(_held(holds, HoldKind.RESERVATION)),
        )
    )


def _line(limit: Limit, counter: Counter | None, at: datetime) -> QuotaLine:
    tally = Tally() if counter is None else counter.tally
    if limit.rolling is not None:
        tally = replace(tally, used=tally.recent.used(at, limit.rolling))
    return QuotaLine(
        limit=limit,
        tally=tally,
        remaining=remaining(limit, tally, at),
        starts_at=None if limit.start == ALWAYS else limit.start,
    )


def _held(holds: list[Hold], kind: HoldKind) -> Iterator[HeldAnswer]:
    for hold in holds:
        if hold.kind is kind:
            yield HeldAnswer(
                key=hold.key, granted=hold.granted, spent=hold.spent, expires_at=hold.expires_at
            )
