"""
How the income of a document's lines is earned: at once, or month by month while services run.

Lines of one key (see `LineKey.identity`) speak of one service: what an earlier document deferred of
it is what a later one finds waiting. The arithmetic is `ledger.divide_income`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from tallystick.accounts import Account, zone_at
from tallystick.invoicing.invoice import Invoice, Purpose
from tallystick.invoicing.line import LineKey
from tallystick.kernel import Money, Period
from tallystick.ledger import AccountingMonth, Books, Division, Service, divide_income

Waiting: TypeAlias = dict[AccountingMonth, Money]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferral:
    """
    By how much a document changes what waits for a month of one service.

    Attributes:
        key: of the line, or of one with the same identity.
        month: in which the money is earned.
        money: positive adds to what waits, negative takes away; never nothing.
    """

    key: LineKey
    month: AccountingMonth
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingFacts:
    """
    What posting a document rests on beside the document.

    Attributes:
        effective_at: the instant of issue.
        books: those of the document's legal entity; they say in which month it is booked.
        payer: the days of a service are counted in the payer's zone.
        deferred: all that earlier documents deferred for the lines' keys, whether it was earned
            since or not.
    """

    effective_at: datetime
    books: Books
    payer: Account
    deferred: tuple[Deferral, ...] = ()


def divide_lines(invoice: Invoice, facts: PostingFacts) -> Mapping[str, Division]:
    """Return by line id how each line's income is earned; lines of one key follow each other."""
    posted = facts.books.month_at(facts.effective_at)
    waiting = _by_identity(facts.deferred)
    divisions: dict[str, Division] = {}
    for line, (_, purpose) in zip(invoice.lines, invoice.places, strict=True):
        money, identity = line.net, line.key.identity
        if money.minor == 0:
            continue
        if purpose is Purpose.THRESHOLD:  # used already, though its period still runs
            divisions[line.id] = Division(now=money, later={})
            continue
        standing = waiting.setdefault(identity, {})
        division = divide_income(
            money,
            _service(line.key.period, facts.payer, known=bool(standing)),
            at=facts.effective_at,
            posted=posted,
            waiting={
                month: part for month, part in standing.items() if part.currency == invoice.currency
            },
        )
        divisions[line.id] = division
        _add(standing, division.later)
    return divisions


def deferrals_of(invoice: Invoice, divisions: Mapping[str, Division]) -> tuple[Deferral, ...]:
    """Return what a document changes of what waits, line by line, in order of months."""
    return tuple(
        Deferral(key=line.key, month=month, money=division.later[month])
        for line in invoice.lines
        if (division := divisions.get(line.id)) is not None
        for month in sorted(division.later)
    )


def _service(period: Period, payer: Account, *, known: bool) -> Service:
    return Service(period=period, zone=zone_at(payer, period.start), known=known)


def _by_identity(deferred: Iterable[Deferral]) -> dict[object, Waiting]:
    found: dict[object, Waiting] = {}
    for each in deferred:
        _add(found.setdefault(each.key.identity, {}), {each.month: each.money})
    return found


def _add(standing: Waiting, changes: Mapping[AccountingMonth, Money]) -> None:
    for month, money in changes.items():
        standing[month] = standing[month] + money if month in standing else money
