"""Loads the exchange rates that documents rest on into their basis."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from tallystick.app.currency import RateQuestion, rate_on
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.currency import DatedRate
from tallystick.invoicing import (
    Basis,
    Billed,
    Due,
    WantedRate,
    beside,
    rate_rule,
    replayed_items,
    wanted_rates,
)
from tallystick.kernel import Done, Outcome, Refused, time_zone


def with_rates(
    uow: UnitOfWork, basis: Basis, dues: Iterable[Due], *, billed: Sequence[Billed], now: datetime
) -> Basis:
    """
    Return a basis with the rates for the tax points of documents that are due.

    A tax point that lies ahead, in a preview, gets the last rate known by now, which says so.  What
    has no rate is left out: drafting tells which key lacks one.

    Args:
        uow: to load rates from, open.
        basis: the contract.
        dues: the documents.
        billed: issued lines, which keep their rates.
        now: the instant at which the documents would be issued.
    """
    if all(price.money == basis.currency for price in basis.prices):
        return basis
    wanted: dict[WantedRate, None] = {}
    for due in dues:
        items = replayed_items(basis, period=due.period, purpose=due.purpose, billed=billed)
        on = issue_day(basis, due, now=now)
        needed = (*items, *beside(basis, items))
        wanted |= dict.fromkeys(wanted_rates(basis, needed, billed=billed, issue_on=on))
    found = (_rate(uow, one, today=_today(basis, now)) for one in wanted)
    return replace(basis, rates=tuple(one for one in found if one is not None))


def with_latest_rates(uow: UnitOfWork, basis: Basis, *, now: datetime) -> Outcome[Basis]:
    """
    Return a basis with today's rate for each currency that its prices are converted from.

    Problems:
        no_exchange_rate: see `rate_on`.
    """
    today = _today(basis, now)
    rates = []
    for base in dict.fromkeys(price.money for price in basis.prices):
        if base == basis.currency:
            continue
        rule = rate_rule(basis, base)
        question = RateQuestion(base=base, quote=basis.currency, on=today, rule=rule)
        outcome = rate_on(uow, question)
        if isinstance(outcome, Refused):
            return outcome
        rates.append(DatedRate(day=today, rate=outcome.value))
    return Done(replace(basis, rates=tuple(rates)))


def issue_day(basis: Basis, due: Due, *, now: datetime) -> date:
    """Return the issuer's day on which a document will be issued: today, or when it is due."""
    zone = basis.zone if basis.issuer is None else basis.issuer.zone
    zone = zone if basis.tax is None else basis.tax.zone
    return max(now, due.at).astimezone(time_zone(zone)).date()


def _today(basis: Basis, now: datetime) -> date:
    """Return the later day of payer and issuer: no tax point of what is over lies behind it."""
    zones = {basis.zone, *(change.zone for change in basis.zone_changes)}
    zones |= set() if basis.issuer is None else {basis.issuer.zone}
    return max(now.astimezone(time_zone(zone)).date() for zone in zones)


def _rate(uow: UnitOfWork, wanted: WantedRate, *, today: date) -> DatedRate | None:
    on = min(wanted.day, today)
    question = RateQuestion(base=wanted.base, quote=wanted.quote, on=on, rule=wanted.rule)
    outcome = rate_on(uow, question)
    if isinstance(outcome, Refused):
        return None
    return DatedRate(day=wanted.day, rate=outcome.value, latest_known=wanted.day > today)
