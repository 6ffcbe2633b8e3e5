"""Reads what stands now: what tenants use, who nears a limit, what plans grant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

import msgspec

from tallystick.app.accounts import list_accounts
from tallystick.app.command import Caller, missing_scope
from tallystick.app.documents import MetricsSources, read_usage_metrics
from tallystick.app.entitlements import read_feature_flags
from tallystick.app.feeds.named import USAGE_METRICS
from tallystick.app.feeds.read_told import feed_of
from tallystick.app.feeds.standing_items import (
    OverageRisk,
    PlanFeature,
    PlanFeatures,
    TenantConsumption,
)
from tallystick.app.invoicing import BillingSources
from tallystick.app.keys import Scope
from tallystick.app.metering import UsageReader
from tallystick.app.quotas import Counter, CounterKey, KnownLimits
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import NearLimit, NearQuestion, list_near_limits
from tallystick.catalog import PlanVersion
from tallystick.entitlements import Entitled
from tallystick.kernel import (
    AccountKey,
    Done,
    Outcome,
    Problem,
    Refused,
    WorkspaceId,
    plain,
    refuse,
)
from tallystick.quotas import ALWAYS
from tallystick.reports import UsageMetrics

NEAR_PERCENT = Decimal(80)
METRICS_MAX = 20
"""How many tenants' metrics a page has at most: each is a bill worked out."""

StandingItem: TypeAlias = TenantConsumption | OverageRisk | PlanFeatures | UsageMetrics


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPage:
    """
    Items in the order of their keys.

    Attributes:
        after: where the next page begins; empty at the end.
        passed_over: tenants who have no item though they should, and why.
    """

    items: tuple[StandingItem, ...]
    after: str
    passed_over: tuple[tuple[AccountKey, Problem], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingQuestion:
    """Which kind of a feed is asked for, from where on, and how many items at most."""

    feed: str
    kind: str
    after: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingSources:
    """Whom to ask; ``billing`` knows the clock."""

    units: Callable[[WorkspaceId], UnitOfWork]
    billing: BillingSources
    usage: UsageReader
    known: KnownLimits


_Reader: TypeAlias = Callable[[StandingQuestion, Caller, StandingSources], Outcome[StandingPage]]


def read_standing(
    question: StandingQuestion, *, caller: Caller, sources: StandingSources
) -> Outcome[StandingPage]:
    """
    Return what a feed tells of what stands now.

    Problems:
        not_found: there is no such feed, or no such kind of it.
        forbidden: the caller lacks the scope ``read``.
    """
    feed = feed_of(question.feed)
    if isinstance(feed, Refused):
        return feed
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if question.kind not in feed.value.standing:
        known = ", ".join(feed.value.standing) or "none"
        message = f"feed {question.feed} has no {question.kind[:80]!r} that stands; it has {known}"
        return refuse("not_found", message, "kind")
    return _READERS[question.kind](question, caller, sources)


def _consumption(
    question: StandingQuestion, caller: Caller, sources: StandingSources
) -> Outcome[StandingPage]:
    after = _key(question.after)
    with sources.units(caller.workspace) as uow:
        at = sources.billing.clock.now()
        found = uow.counters.used(after, at=at, limit=question.limit, account=caller.account)
    last = _text(found[-1].key) if len(found) == question.limit else ""
    return Done(StandingPage(items=tuple(map(_consumed, found)), after=last))


def _consumed(counter: Counter) -> TenantConsumption:
    key = counter.key
    return TenantConsumption(
        tenant_id=key.account,
        resource_type=key.feature,
        used=plain(counter.tally.used),
        window_start=None if key.starts == ALWAYS else key.starts,
        window_end=counter.ends,
    )


def _risks(
    question: StandingQuestion, caller: Caller, sources: StandingSources
) -> Outcome[StandingPage]:
    asked = NearQuestion(
        percent=NEAR_PERCENT,
        at=sources.billing.clock.now(),
        after=_key(question.after),
        limit=question.limit,
    )
    uow = sources.units(caller.workspace)
    near = list_near_limits(asked, caller=caller, uow=uow, known=sources.known)
    if isinstance(near, Refused):
        return near
    last = "" if near.value.after is None else _text(near.value.after)
    return Done(StandingPage(items=tuple(map(_risk, near.value.items)), after=last))


def _risk(near: NearLimit) -> OverageRisk:
    policy = near.overage
    return OverageRisk(
        tenant_id=near.account,
        resource_type=near.feature,
        used=plain(near.used),
        limit=plain(near.limit),
        percent=str(near.percent),
        window_end=near.ends_at,
        beyond="block" if policy is None else policy.action.value,
        upgrade_to=None if policy is None else policy.upgrade_to or None,
    )


def _plans(
    question: StandingQuestion, caller: Caller, sources: StandingSources
) -> Outcome[StandingPage]:
    flags = read_feature_flags(
        None,
        at=sources.billing.clock.now(),
        caller=caller,
        uow=sources.units(caller.workspace),
    )
    if isinstance(flags, Refused):
        return flags
    places = range(_number(question.after), len(flags.value.plans))[: question.limit]
    items = tuple(_granting(*flags.value.plans[place]) for place in places)
    end = places.stop
    return Done(StandingPage(items=items, after=str(end) if end < len(flags.value.plans) else ""))


def _granting(plan: PlanVersion, granted: Sequence[Entitled]) -> PlanFeatures:
    features = tuple(
        PlanFeature(
            feature=one.feature.key,
            kind=one.feature.kind.value,
            enabled=one.enabled,
            value=one.value or None,
            limit=None if one.limit is None else plain(one.limit),
        )
        for one in granted
    )
    return PlanFeatures(plan=plan.plan, version=plan.version, features=features)


def _metrics(
    question: StandingQuestion, caller: Caller, sources: StandingSources
) -> Outcome[StandingPage]:
    """Return the metrics of tenants; those without a contract that runs have none."""
    limit = min(question.limit, METRICS_MAX)
    uow = sources.units(caller.workspace)
    accounts = list_accounts(caller, uow=uow, after=question.after, limit=limit)
    if isinstance(accounts, Refused):
        return accounts
    asked = MetricsSources(uow=uow, usage=sources.usage, billing=sources.billing)
    items, passed_over = list[UsageMetrics](), list[tuple[AccountKey, Problem]]()
    for account in accounts.value:
        own = replace(asked, uow=sources.units(caller.workspace))
        found = read_usage_metrics(account.key, caller=caller, sources=own)
        if isinstance(found, Done):
            items.append(found.value)
        elif found.problems[0].code != "not_found":
            passed_over.append((account.key, found.problems[0]))
    last = str(accounts.value[-1].key) if len(accounts.value) == limit else ""
    return Done(StandingPage(items=tuple(items), after=last, passed_over=tuple(passed_over)))


def _key(after: str) -> CounterKey | None:
    return msgspec.json.decode(after, type=CounterKey) if after else None


def _text(key: CounterKey) -> str:
    return msgspec.json.encode(key).decode()


def _number(after: str) -> int:
    return int(after) if after else 0


_READERS: Mapping[str, _Reader] = {
    "TenantConsumption": _consumption,
    "OverageRisk": _risks,
    "PlanFeatures": _plans,
    USAGE_METRICS: _metrics,
}
