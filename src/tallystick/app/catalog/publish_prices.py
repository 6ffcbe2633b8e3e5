"""Publishes prices of a series: further ones, and corrections; what stands is never changed."""

from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.carrying_out import Decided, Effect, Unchanged, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import PriceFact, new_facts
from tallystick.kernel import Done, Outcome, Refused, instant_text, refuse

BATCH_MAX = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPrices:
    """
    Publish prices of a series, at most 20,000 at once.

    Attributes:
        series: its key.
        prices: further ones in order of time, and corrections; those that stand may be told again.
    """

    series: str
    prices: tuple[PriceFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesPublished:
    """What was done: how many are new, and how many stood already."""

    series: str
    added: int
    unchanged: int


def publish_prices(
    command: PublishPrices, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[PricesPublished]:
    """
    Publish prices, all of them or none.

    Problems:
        forbidden: the caller lacks the scope ``billing``, or sees one account only.
        wrong_value: more than 20,000 at once.
        unknown_price_series: the catalog declares none of this key.
        published, nothing_to_correct, out_of_range, too_many_prices: see `new_facts`; with the path
        ``prices[3].at``.
        Those of an idempotency key.
    """
    refused = _refused(command, caller)
    if refused is not None:
        return refused
    now = clock.now()

    def decide() -> Decided[PricesPublished]:
        uow.catalog.lock()
        found = _new(command, uow)
        if isinstance(found, Refused):
            return found
        added = len(found.value)
        uow.price_series.add(command.series, found.value)
        done = PricesPublished(
            series=command.series, added=added, unchanged=len(command.prices) - added
        )
        if not found.value:
            return Unchanged(answer=done)
        subject, details = f"price_series:{command.series}", _details(found.value)
        return Effect(answer=done, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(PricesPublished))


def list_prices(
    caller: Caller, series: str, *, since: datetime, uow: UnitOfWork, limit: int = 1000
) -> Outcome[tuple[PriceFact, ...]]:
    """
    Return what was published of a series about an instant and later, in order of time.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
        unknown_price_series: the catalog declares none of this key.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        if series not in uow.catalog.load_definitions().price_series:
            return _unknown(series)
        return Done(uow.price_series.page(series, since=since, limit=limit))


def _refused(command: PublishPrices, caller: Caller) -> Refused | None:
    unpermitted = missing_scope(caller, Scope.BILLING)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if caller.account is not None:
        return refuse("forbidden", "published prices are not open to a key of one account")
    if len(command.prices) > BATCH_MAX:
        return refuse("wrong_value", f"publish at most {BATCH_MAX} prices at once", "prices")
    return None


def _new(command: PublishPrices, uow: UnitOfWork) -> Outcome[tuple[PriceFact, ...]]:
    if command.series not in uow.catalog.load_definitions().price_series:
        return _unknown(command.series)
    standing = uow.price_series.load([command.series]).get(command.series, ())
    found = new_facts(standing, command.prices)
    if isinstance(found, Refused):
        return Refused(tuple(replace(one, field=f"prices{one.field}") for one in found.problems))
    return found


def _unknown(series: str) -> Refused:
    message = f"there is no price series {series}; declare it in the catalog first"
    return refuse("unknown_price_series", message, "series")


def _details(facts: tuple[PriceFact, ...]) -> dict[str, object]:
    instants = [fact.at for fact in facts]
    return {
        "added": len(facts),
        "corrections": sum(bool(fact.corrects) for fact in facts),
        "first": instant_text(min(instants)),
        "last": instant_text(max(instants)),
    }
