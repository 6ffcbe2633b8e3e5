"""
Values that rules watch are read over and over: money of accounts that used something, all hourly.

    10:00   every account: spend, budgets, credit; what counters will come to
    10:07   acme used something: its spend, budgets and credit
    10:15   a rule was changed: every account

What is read of some accounts is told in one transaction; a round that is interrupted begins again,
and tells nothing twice.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tallystick.accounts import parent_at
from tallystick.app.command import Caller
from tallystick.app.invoicing import BillingSources
from tallystick.app.invoicing.ahead import UsageAhead
from tallystick.app.invoicing.previewing.running import Look
from tallystick.app.quotas import CounterKey, KnownLimits, UseReader
from tallystick.app.readings.money import load_money, queries_of_money, read_money
from tallystick.app.readings.outlook import AheadOf, Asked, ahead_of, read_ahead
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import tell_readings
from tallystick.catalog import AlertRule, Catalog
from tallystick.kernel import AccountKey, WorkspaceId
from tallystick.metering import event_types
from tallystick.thresholds import Watched

PAGE = 500
TOGETHER = 50
"""How many accounts are read in one go, and told of in one transaction."""
_HOUR = timedelta(hours=1)

Going = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a workspace was read of last: all in which hour, by which rules, to which position."""

    hour: datetime
    rules: tuple[AlertRule, ...]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsKeeping:
    """
    What readings are kept with.

    Attributes:
        units: opens a unit of work of a workspace.
        sources: of drafts and usage, by the clock of a workspace.
        reader: knows which subjects used something behind a position.
        known: limits as they were resolved last.
        seen: what was read, as far as this process knows.
    """

    units: Callable[[WorkspaceId], UnitOfWork]
    sources: Callable[[WorkspaceId], BillingSources]
    reader: UseReader
    known: KnownLimits = field(default_factory=KnownLimits)
    seen: dict[WorkspaceId, Seen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    workspace: WorkspaceId
    at: datetime
    keeping: ReadingsKeeping
    going: Going

    def unit(self) -> UnitOfWork:
        return self.keeping.units(self.workspace)


def keep_readings(
    workspace: WorkspaceId, *, at: datetime, keeping: ReadingsKeeping, going: Going
) -> None:
    """
    Read what rules watch in a workspace, and tell what passes a threshold.

    Args:
        workspace: whose.
        at: its present.
        keeping: what readings are kept with.
        going: asked between accounts whether to go on.
    """
    round_ = _Round(workspace=workspace, at=at, keeping=keeping, going=going)
    hour = at.replace(minute=0, second=0, microsecond=0)
    seen = keeping.seen.get(workspace)
    position = keeping.sources(workspace).usage.covered_position()
    with round_.unit() as uow:
        rules = tuple(one for one in uow.catalog.load_alert_rules() if one.enabled)
        is_due = seen is None or (seen.hour, seen.rules) != (hour, rules)
        money = [one for one in rules if one.watched not in (Watched.USAGE, Watched.ANOMALY)]
        definitions = uow.catalog.load_definitions() if money else Catalog()
        accounts: list[AccountKey] = []
        if money and (seen is None or is_due):
            accounts = sorted(_concerned(money, uow))
        elif money and seen is not None and seen.position < position:
            accounts = sorted(_changed(seen.position, position, round_, uow))
    if is_due and not _look_ahead(round_):
        return
    for first in range(0, len(accounts), TOGETHER):
        if not going():
            return
        _read(accounts[first : first + TOGETHER], money, definitions, round_)
    keeping.seen[workspace] = Seen(hour=hour, rules=rules, position=position)


def _read(
    accounts: Sequence[AccountKey],
    rules: Sequence[AlertRule],
    definitions: Catalog,
    round_: _Round,
) -> None:
    """Read the money of some accounts, their usage in one answer for each meter and period."""
    with round_.unit() as uow:
        found = [
            load_money(account, rules, definitions, at=round_.at, uow=uow) for account in accounts
        ]
    known = [one for one in found if one is not None]
    if not known:
        return
    sources = round_.keeping.sources(round_.workspace)
    look = Look(at=round_.at, position=sources.usage.covered_position())
    ahead = UsageAhead(sources.usage)
    ahead.fill(query for one in known for query in queries_of_money(one, look))
    sources = replace(sources, usage=ahead)
    readings = [each for one in known for each in read_money(one, look=look, sources=sources)]
    with round_.unit() as uow:
        tell_readings(readings, at=round_.at, uow=uow)
        uow.commit()


def _concerned(rules: Iterable[AlertRule], uow: UnitOfWork) -> set[AccountKey]:
    """Return the accounts that rules name, or all where one names none."""
    named = {one.account for one in rules}
    if None not in named:
        return {account for account in named if account is not None}
    return set(uow.accounts.load_accounts())


def _changed(after: int, through: int, round_: _Round, uow: UnitOfWork) -> set[AccountKey]:
    """Return the accounts that used something between positions, and those above them."""
    types = {one for meter in uow.catalog.load_meters().values() for one in event_types(meter)}
    touched = round_.keeping.reader.touched(round_.workspace, types, known=(after, through))
    subjects = {subject for each in touched.values() for subject in each}
    found: set[AccountKey] = set()
    for owner in uow.quotas.owners(subjects).values():
        own = [owner] if isinstance(owner, str) else [one.account for one in owner]
        for account in own:
            found |= set(_line(AccountKey(account), found, round_, uow))
    return found


def _line(
    account: AccountKey, known: set[AccountKey], round_: _Round, uow: UnitOfWork
) -> Iterator[AccountKey]:
    key: AccountKey | None = account
    seen: set[AccountKey] = set()
    while key is not None and key not in known and key not in seen:
        one = uow.accounts.load_account(key)
        if one is None:
            return
        seen.add(key)
        yield key
        key = parent_at(one, round_.at)


def _look_ahead(round_: _Round) -> bool:
    """Tell what counters will come to; False: told to stop before the end."""
    after: CounterKey | None = None
    while round_.going():
        with round_.unit() as uow:
            page = uow.counters.used(after, at=round_.at, limit=PAGE, account=None)
            ahead = list(ahead_of(page, at=round_.at, uow=uow, known=round_.keeping.known))
        for one in ahead:
            if not round_.going():
                return False
            _tell_ahead(one, round_)
        if len(page) < PAGE:
            return True
        after = page[-1].key
    return False


def _tell_ahead(one: AheadOf, round_: _Round) -> None:
    sources = round_.keeping.sources(round_.workspace)
    caller = Caller(workspace=round_.workspace, actor="readings", scopes=frozenset({"read"}))
    asked = Asked(caller=caller, uow=round_.unit(), usage=sources.usage, clock=sources.clock)
    readings = read_ahead(one, at=round_.at, asked=asked)
    if readings:
        with round_.unit() as uow:
            tell_readings(readings, at=round_.at, uow=uow)
            uow.commit()
