"""
Tells of values that were read for a rule: spend, budgets, credit, and what usage will come to.

Counters tell of themselves as they change (`watch_counters`).  What is told here was read by
somebody, and is evaluated in the transaction that keeps what was told of it: once, whatever is
interrupted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.grouping import Opening
from tallystick.app.usage_alerts.opening import open_alerts
from tallystick.app.usage_alerts.ports import AlertKind, UsageAlert, WatchKey
from tallystick.kernel import (
    AccountKey,
    Amount,
    Misuse,
    currency,
    derived_id,
    instant_text,
    plain,
    settle,
)
from tallystick.thresholds import (
    Basis,
    Notice,
    Reading,
    Rule,
    Watched,
    WatchState,
    evaluate,
    gather,
    percent_of,
    tell_at,
)

AHEAD = "/projected"
"""Behind the key of a rule, where what counters will come to is remembered; no key has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledReading:
    """
    A value, and the rule for which it was read.

    Attributes:
        of: what it is of: a feature, a contract, a budget's rule, the currency or unit of credit.
        rule: of usage with its projected thresholds alone, for counters tell the others.
        currency: of money, or the unit of credit; empty for usage.
        reached_on: the local day on which the limit is expected to be reached.
    """

    account: AccountKey
    of: str
    rule: Rule
    reading: Reading
    currency: str = ""
    reached_on: date | None = None

    @property
    def key(self) -> WatchKey:
        """Return under what it is remembered what was told."""
        watched = self.rule.watch.watched
        if watched is Watched.USAGE:
            return self.account, self.of, self.rule.key + AHEAD
        return self.account, f"{watched.value}/{self.of}", self.rule.key


def tell_readings(readings: Sequence[RuledReading], *, at: datetime, uow: UnitOfWork) -> None:
    """
    Evaluate readings with what was told before, and open alerts; whoever calls commits.

    Nobody else evaluates the same ones meanwhile.
    """
    if not readings:
        return
    by_key = {one.key: one for one in readings}
    states = uow.usage_alerts.states(by_key)
    found = {
        key: evaluate(one.rule.watch, states.get(key, WatchState()), one.reading)
        for key, one in by_key.items()
    }
    changed = {key: one.state for key, one in found.items() if one.state != states.get(key)}
    if changed:
        uow.usage_alerts.save_states(changed)
    openings = [
        Opening(
            alert=_alert(by_key[key], notice, at),
            rule=by_key[key].rule,
            leaves_at=tell_at(notice, at, by_key[key].rule.quiet),
        )
        for key, one in found.items()
        if (notice := gather(one.crossings)) is not None
    ]
    open_alerts(openings, uow=uow)


def _alert(one: RuledReading, notice: Notice, at: datetime) -> UsageAlert:
    reading = one.reading
    names = tuple(each.threshold.name for each in notice.crossings)
    percent = percent_of(reading.value, reading.limit)
    period = reading.period
    return UsageAlert(
        id=derived_id("alert", "read", *one.key, instant_text(at), *names),
        account=one.account,
        feature=one.of,
        kind=AlertKind.THRESHOLD.value,
        severity=notice.severity.value,
        message=_said(one, notice),
        opened_at=at,
        thresholds=names,
        value=plain(reading.value),
        limit=None if reading.limit is None else plain(reading.limit),
        percent=None if percent is None else str(percent),
        starts_at=None if period is None else period.start,
        ends_at=None if period is None else period.end,
        rule=one.rule.key,
        watched=one.rule.watch.watched.value,
        currency=one.currency,
        projected=None if reading.projected is None else plain(reading.projected),
        reached_on=None if one.reached_on is None else one.reached_on.isoformat(),
    )


def _said(one: RuledReading, notice: Notice) -> str:
    """Return what is told to people, in one or two sentences."""
    ahead = notice.foremost.threshold.basis is Basis.PROJECTED
    names = ", ".join(each.threshold.name for each in notice.crossings)
    told = _expected(one) if ahead else _standing(one)
    return f"{told}: passed {names}."


def _standing(one: RuledReading) -> str:
    reading, watched = one.reading, one.rule.watch.watched
    percent = percent_of(reading.value, reading.limit)
    value = _shown(one, reading.value)
    match watched:
        case Watched.SPEND:
            return f"Spend on {one.of} at {value}"
        case Watched.BUDGET:
            return f"Budget {one.of} at {value} of {_shown(one, reading.limit)}, {percent} %"
        case Watched.CREDIT:
            share = "" if percent is None else f", {percent} % of what was granted"
            return f"Credit of {value} left{share}"
        case Watched.USAGE | Watched.ANOMALY:
            return f"Usage of {one.of} at {value}, {percent} % of the limit"


def _expected(one: RuledReading) -> str:
    reading, watched = one.reading, one.rule.watch.watched
    percent = percent_of(reading.projected or reading.value, reading.limit)
    projected = _shown(one, reading.projected)
    day = "" if one.reached_on is None else f", reached on {one.reached_on.isoformat()}"
    if watched is Watched.CREDIT:
        gone = f", used up on {one.reached_on.isoformat()}" if one.reached_on else ""
        return f"Credit of {_shown(one, reading.value)} left, {projected} in 30 days{gone}"
    what = "Usage of" if watched is Watched.USAGE else "Budget"
    return f"{what} {one.of} expected to come to {projected}, {percent} % of the limit{day}"


def _shown(one: RuledReading, value: Decimal | None) -> str:
    """Return a value for people: money in its minor unit with the currency, else as it is."""
    number = Decimal(0) if value is None else value
    if not one.currency:
        return plain(number)
    try:
        return str(settle(Amount(value=number, currency=currency(one.currency))))
    except Misuse:
        return f"{plain(number)} {one.currency}"
