"""
What credit of an account is left, beside what was granted, and whether it lasts.

    granted 100.00 EUR, 60.00 used on documents, usage since worth 15.00        25.00 left, 25 %
    used in 30 days before: 60.00 + 15.00                                       gone in 10 days

What usage of running periods takes of credit is taken off as it is used, by the draft of it;
deposits, which pay documents, as these are issued.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from functools import reduce

from tallystick.app.invoicing import BillingSources
from tallystick.app.invoicing.previewing.running import Look
from tallystick.app.readings.spending import RunningContract, usage_drafted
from tallystick.credits import CreditHistory, Holding, LotId, standing
from tallystick.invoicing import spent_by
from tallystick.kernel import EXACT, AccountKey, Currency, Done, Outcome, Refused, time_zone
from tallystick.thresholds import Reading

AHEAD = timedelta(days=30)
"""How far ahead it is looked whether credit lasts, and back at what was used."""
_DAY = timedelta(days=1)
SHORT = Context(prec=12)
"""What is estimated has 12 digits; no money is made of it."""
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLeft:
    """A reading of credit, and the local day on which nothing is left at this pace."""

    reading: Reading
    reached_on: date | None = None


def left_of(
    history: CreditHistory, code: str, *, provisional: Decimal, at: datetime, zone: str
) -> CreditLeft | None:
    """
    Return what is left of credit in a currency or unit; None where none was ever granted.

    Args:
        history: of the account.
        code: of the currency or unit.
        provisional: what running periods have taken that no document says yet.
        at: the instant.
        zone: IANA name of the payer's zone.
    """
    lots = [one for one in standing(history, at) if code_of(one.lot.grant.of) == code]
    if not lots:
        return None
    in_force = [one for one in lots if one.ends_at is None or at < one.ends_at]
    left = max(EXACT.subtract(_sum(one.left for one in lots), provisional), _NOTHING)
    used = EXACT.add(_used(history, {one.lot.id for one in lots}, at), provisional)
    begun = max(at - AHEAD, min(one.lot.starts_at for one in lots))
    over = max(at - begun, _DAY)
    projected = max(EXACT.subtract(left, _paced(used, over)), _NOTHING)
    reached_on = None
    if used > 0 and not projected:
        share = SHORT.divide(left, _paced(used, over))
        gone = at + timedelta(seconds=int(SHORT.multiply(share, _seconds(AHEAD))))
        reached_on = gone.astimezone(time_zone(zone)).date()
    granted = _sum(one.lot.amount for one in in_force)
    reading = Reading(value=left, at=at, limit=granted, projected=projected)
    return CreditLeft(reading=reading, reached_on=reached_on)


def _paced(used: Decimal, over: timedelta) -> Decimal:
    """Return what is used in the time that is looked ahead, at the pace of a time before."""
    share = SHORT.divide(_seconds(AHEAD), _seconds(over))
    return SHORT.multiply(used, share)


def _seconds(time: timedelta) -> Decimal:
    return Decimal(int(time.total_seconds()))


def code_of(of: Holding) -> str:
    """Return by which code a rule names what credit is held in."""
    return of.code if isinstance(of, Currency) else of.name


def _used(history: CreditHistory, lots: Collection[LotId], at: datetime) -> Decimal:
    """Return what was taken of lots in the time that is looked back, less what came back."""
    changes = (
        change for lot, when, change in history.changes() if lot in lots and at - AHEAD < when <= at
    )
    return EXACT.minus(_sum(changes))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return reduce(EXACT.add, amounts, _NOTHING)


def taken_so_far(
    contracts: Iterable[RunningContract],
    code: str,
    account: AccountKey,
    *,
    look: Look,
    sources: BillingSources,
) -> Outcome[Decimal]:
    """
    Return what usage of running periods takes of an account's credit that no document says yet.

    Problems:
        As `draft_due`.
    """
    total = _NOTHING
    for contract in contracts:
        known = contract.basis.credits
        if known is None:
            continue
        own = {
            grant.key
            for grant in known.grants
            if grant.account == account and code_of(grant.of) == code
        }
        drafted = usage_drafted(contract, look=look, sources=sources)
        if isinstance(drafted, Refused):
            return drafted
        drafts = () if drafted.value is None else (drafted.value,)
        for movement in spent_by(drafts, contract.basis, billed=contract.books.billed):
            parts = (part.amount for part in movement.parts if part.lot.grant in own)
            total = EXACT.subtract(total, EXACT.multiply(Decimal(movement.sign), _sum(parts)))
    return Done(total)
