"""Accounts that are near a limit now, as their counters say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.app.command import Caller, account_seen, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.quotas import Counter, CounterKey, KnownLimits, counter_key
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import FeatureKind, Overage
from tallystick.kernel import EXACT, AccountKey, Done, Outcome, Refused
from tallystick.quotas import ALWAYS, Limit
from tallystick.thresholds import percent_of

BATCH = 500
LOOKED_AT_MAX = 5_000
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLimit:
    """
    What stands against a limit.

    Attributes:
        percent: of the limit, rounded to one decimal.
        overage: what becomes of use beyond it; None: it is blocked.
    """

    account: str
    feature: str
    used: Decimal
    limit: Decimal
    percent: Decimal
    starts_at: datetime | None
    ends_at: datetime | None
    overage: Overage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearPage:
    """Limits by account and feature; ``after``: where the next page begins, None at the end."""

    items: tuple[NearLimit, ...]
    after: CounterKey | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NearQuestion:
    """
    Who is asked for.

    Attributes:
        percent: of a limit, from which on it is near.
        after: the last counter that was looked at; None: from the first.
        limit: how many at most.
    """

    percent: Decimal
    at: datetime
    after: CounterKey | None = None
    limit: int = 100
    account: AccountKey | None = None


def list_near_limits(
    question: NearQuestion, *, caller: Caller, uow: UnitOfWork, known: KnownLimits
) -> Outcome[NearPage]:
    """
    Return limits of which so much is used; a caller bound to an account sees its own.

    A page looks at `LOOKED_AT_MAX` counters at most: it may be shorter than asked, even empty, and
    still be followed by another.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: another account than the caller's.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    seen = account_seen(caller, question.account)
    if isinstance(seen, Refused):
        return seen
    found: list[NearLimit] = []
    after, looked_at = question.after, 0
    with uow:
        while looked_at < LOOKED_AT_MAX:
            counters = uow.counters.used(after, at=question.at, limit=BATCH, account=seen.value)
            for counter, near in _near(counters, question, uow=uow, known=known):
                after = counter.key
                if near is not None:
                    found.append(near)
                if len(found) == question.limit:
                    return Done(NearPage(items=tuple(found), after=after))
            looked_at += len(counters)
            if len(counters) < BATCH:
                return Done(NearPage(items=tuple(found), after=None))
    return Done(NearPage(items=tuple(found), after=after))


def _near(
    counters: Sequence[Counter], question: NearQuestion, *, uow: UnitOfWork, known: KnownLimits
) -> Iterator[tuple[Counter, NearLimit | None]]:
    accounts = {counter.key.account for counter in counters}
    standing = known.look_up(accounts, at=question.at, uow=uow) if accounts else {}
    for counter in counters:
        limits = standing[counter.key.account].limits.values()
        own = [each.limit for each in limits if counter_key(each.limit) == counter.key]
        yield counter, _line(own[0], counter, question) if own else None


def _line(limit: Limit, counter: Counter, question: NearQuestion) -> NearLimit | None:
    if not limit.most or limit.kind is FeatureKind.RATE:
        return None
    used = counter.tally.used
    if limit.rolling is not None:
        used = counter.tally.recent.used(question.at, limit.rolling)
    percent = percent_of(used, limit.most)
    if percent is None or _is_below(used, limit.most, question.percent):
        return None
    return NearLimit(
        account=counter.key.account,
        feature=limit.feature,
        used=used,
        limit=limit.most,
        percent=percent,
        starts_at=None if limit.start == ALWAYS else limit.start,
        ends_at=limit.end,
        overage=limit.overage,
    )


def _is_below(used: Decimal, most: Decimal, percent: Decimal) -> bool:
    return EXACT.multiply(used, _HUNDRED) < EXACT.multiply(most, percent)
