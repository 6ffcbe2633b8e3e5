"""Asks for the rate of a day, and for all rates of a day."""

from dataclasses import dataclass, field
from datetime import date

from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.currency import ExchangeRate, PublishedRate, RateRule, choose_rate
from tallystick.kernel import Currency, Done, Outcome, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuestion:
    """From which currency to which, on which day, by which rule."""

    base: Currency
    quote: Currency
    on: date
    rule: RateRule = field(default_factory=RateRule)


def rate_on(uow: UnitOfWork, question: RateQuestion) -> Outcome[ExchangeRate]:
    """
    Return the rate of a day, in an open unit of work.

    Problems:
        no_exchange_rate: see `choose_rate`.
    """
    rule, codes = question.rule, (question.base.code, question.quote.code)
    first = rule.earliest(question.on)
    published = uow.rates.load(rule.source, codes, first=first, last=question.on)
    return choose_rate(published, question.base, question.quote, on=question.on, rule=rule)


def read_rate(caller: Caller, question: RateQuestion, *, uow: UnitOfWork) -> Outcome[ExchangeRate]:
    """
    Return the rate of a day.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        wrong_value: both currencies are the same.
        no_exchange_rate: see `choose_rate`.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    if question.base == question.quote:
        return refuse("wrong_value", f"{question.base.code} needs no rate to itself", "quote")
    with uow:
        return rate_on(uow, question)


def list_rates(
    caller: Caller, *, source: str, on: date | None, uow: UnitOfWork
) -> Outcome[tuple[PublishedRate, ...]]:
    """
    Return a source's rates of its last day up to one, or of all.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_rates: the source published none until then.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        day = uow.rates.last_day(source, on=on)
        if day is None:
            known = ", ".join(uow.rates.sources()) or "none yet"
            message = f"there are no rates of {source!r} until then; sources: {known}"
            return refuse("unknown_rates", message, "source")
        return Done(uow.rates.of_day(source, day))
