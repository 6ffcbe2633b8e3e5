"""Patterns follow usage: judged once, by what is known when an hour is over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import msgspec
import pytest

from tallystick.accounts import Account, Resource
from tallystick.app.anomalies import Investigation, KeptPattern, PatternKeeping, keep_patterns
from tallystick.app.anomalies.series import is_dormant, judged
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import Workspace, WorkspaceKind
from tallystick.catalog import Catalog
from tallystick.forecasting import Pattern
from tallystick.kernel import AccountKey, MeterKey, ResourceKey, WorkspaceId
from tallystick.metering import Event
from tallystick.storage.postgres import PostgresUnitOfWork
from tests.clickhouse import UsageStore, table_of
from tests.corrections import amend, void
from tests.databases import Database
from tests.events import event, meter

START = datetime(2026, 3, 2, tzinfo=UTC)
ACME = AccountKey("acme")
USUAL = "10"


class BrokenOff(Exception):
    """The process ends before a transaction is committed."""


class CutUnit(PostgresUnitOfWork):
    """A unit of work whose process ends at its commit."""

    def commit(self) -> None:
        """End."""
        raise BrokenOff


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A workspace with an account, its resource, and a meter of tokens, from a Monday on."""

    database: Database
    store: UsageStore
    workspace: WorkspaceId
    over: dict[tuple[WorkspaceId, MeterKey], datetime] = field(default_factory=dict)

    def unit(self) -> PostgresUnitOfWork:
        """Return a fresh unit of work."""
        return PostgresUnitOfWork(self.database.pool, self.workspace)

    def put(self, *events: Event) -> list[Event]:
        """Load events; return them as they are stored."""
        first = self.store.projection.max_position() + 1
        stored = [
            msgspec.structs.replace(one, workspace=self.workspace, position=first + place)
            for place, one in enumerate(events)
        ]
        self.store.projection.insert(table_of(stored))
        return stored

    def use(self, *hours: int, amount: str = USUAL) -> list[Event]:
        """Use so much in each of these hours after the start."""
        return self.put(*(used(hour, amount) for hour in hours))

    def keep(self, hour: float, *, unit: type[PostgresUnitOfWork] = PostgresUnitOfWork) -> None:
        """Look at the usage, so many hours after the start."""

        def units(workspace: WorkspaceId) -> UnitOfWork:
            return unit(self.database.pool, workspace)

        keeping = PatternKeeping(
            units=units, usage=self.store.reader, is_complete=lambda: True, over=self.over
        )
        at = START + timedelta(hours=hour)
        keep_patterns(self.workspace, at=at, keeping=keeping, going=lambda: True)

    def watch(self, hours: Iterable[int]) -> None:
        """Look ten minutes after the end of each of these hours."""
        for hour in hours:
            self.keep(hour + 7 / 6)

    def know(self, hours: int, odd: Mapping[int, str] | None = None) -> None:
        """Let hours pass, each with its usage, and look behind the last of them."""
        self.put(*(used(hour, (odd or {}).get(hour, USUAL)) for hour in range(hours)))
        self.watch([hours - 1])

    def live(self, first: int, last: int, odd: Mapping[int, str] | None = None) -> None:
        """Let hours pass one after the other, each with its usage, and watch them."""
        for hour in range(first, last):
            amount = (odd or {}).get(hour, USUAL)
            if amount != "0":
                self.use(hour, amount=amount)
            self.watch([hour])

    def found(self) -> list[Investigation]:
        """Return the investigations, in order."""
        with self.unit() as uow:
            records = uow.investigations.page(before=None, limit=99)
        return [record.investigation for record in reversed(records)]

    def seen(self) -> list[tuple[str, object]]:
        """Return hour and quantity of each investigation."""
        return [(str(one.evidence["hour"])[8:13], one.evidence["seen"]) for one in self.found()]


def used(hour: float, amount: str = USUAL, subject: str = "acme") -> Event:
    """Return an event of tokens in an hour after the start."""
    at = START + timedelta(hours=hour, minutes=1)
    return replace_at(event(0, f'{{"v":{amount}}}', subject=subject, id=uuid4().hex), at)


def replace_at(one: Event, at: datetime) -> Event:
    """Return an event of another instant."""
    return msgspec.structs.replace(one, used_at=at, received_at=at)


@pytest.fixture
def town(database: Database, usage_store: UsageStore) -> Town:
    """A workspace of its own, since the projection is that of the session."""
    made = Town(database=database, store=usage_store, workspace=WorkspaceId(f"a{uuid4().hex[:12]}"))
    with made.unit() as uow:
        uow.workspaces.add(
            Workspace(id=made.workspace, name="Town", kind=WorkspaceKind.TEST, created_at=START)
        )
        uow.accounts.save_accounts(
            [Account(key=ACME, name="Acme", zone="UTC", currency="EUR", invoiced=True)]
        )
        uow.accounts.save_resources([Resource(key=ResourceKey("vm-1"), account=ACME)])
        uow.catalog.save_definitions(Catalog(meters={MeterKey("m"): meter("sum")}))
        uow.commit()
    return made


def test_two_days_are_learned_and_abuse_is_told(town: Town) -> None:
    """Nothing is told while less is known; of the 49th hour at 600 tokens it is, in that hour."""
    town.know(47, {30: "60"})
    town.live(47, 48, {47: "90"})
    assert town.found() == []
    town.use(48, amount="600")
    town.keep(48.5)
    (one,) = town.found()
    assert (one.account, one.resource, one.source) == ("acme", "m", "usage")
    assert (one.evidence["seen"], one.evidence["usual"]) == ("600", "10")
    assert one.reason.startswith("600 request already used from 2026-03-04 00:00 to 01:00 UTC")


def test_an_hour_tells_once_and_what_follows_within_six_hours_not_again(town: Town) -> None:
    """Looked at ten times, judged, and abused on for three hours: one investigation."""
    town.know(49)
    for hour in (49, 50, 51):
        town.use(hour, amount="90")
        for _ in range(3):
            town.keep(hour + 0.5)
        town.watch([hour])
    assert town.seen() == [("04T01", "90")]


def test_broken_off_it_is_told_once(town: Town) -> None:
    """Ended before the commit nothing stands; the next look tells it, and no third does."""
    town.know(49)
    town.use(49, amount="90")
    for _ in range(2):
        with pytest.raises(BrokenOff):
            town.keep(49.5, unit=CutUnit)
    assert town.found() == []
    town.keep(49.5)
    town.keep(49.6)
    assert town.seen() == [("04T01", "90")]


def test_late_usage_tells_nothing(town: Town) -> None:
    """What comes for hours that were judged changes neither what is told nor what is usual."""
    town.know(50)
    town.put(*(used(hour, "500") for hour in range(40, 50)))
    town.live(50, 52)
    assert town.found() == []


def test_what_was_corrected_in_time_tells_nothing(town: Town) -> None:
    """A value that is voided, or amended to what is usual, before its hour is judged."""
    town.know(49)
    wrong, double = town.use(49, 49, amount="200")
    content = replace_at(used(49), START + timedelta(hours=49, minutes=1))
    last = town.store.projection.max_position()
    town.put(
        void(wrong, position=last + 1),
        amend(double, content, position=last + 2),
    )
    town.watch([49])
    assert town.found() == []


def test_silence_is_told_while_it_is_watched(town: Town) -> None:
    """An hour of nothing where ten are usual, told when it is over."""
    town.know(49)
    town.watch([49])
    (one,) = town.found()
    assert town.seen() == [("04T01", "0")]
    assert one.reason == (
        "0 request used from 2026-03-04 01:00 to 02:00 UTC; usual are 10, down to 8."
    )


def test_catching_up_tells_of_one_hour_and_says_when(town: Town) -> None:
    """Ten hours unwatched, in two of them abuse, in others nothing: one investigation."""
    town.know(50)
    town.use(52, amount="80")
    town.use(54, amount="95")
    town.watch([60])
    (one,) = town.found()
    assert town.seen() == [("04T04", "80")]
    assert "found while catching up" in one.reason


def test_an_import_teaches_in_any_order(town: Town) -> None:
    """Two days come backwards after a look that saw one hour of them; abuse is told at once."""
    town.use(49)
    town.watch([49])
    town.put(*(used(hour) for hour in reversed(range(49))))
    town.live(50, 51)
    town.use(51, amount="70")
    town.keep(51.5)
    assert town.seen() == [("04T03", "70")]


def test_resources_count_for_their_owner_and_strangers_for_nobody(town: Town) -> None:
    """Account and resource are one series; a subject that nobody owns makes none."""
    for hour in range(49):
        town.put(used(hour, "4"), used(hour, "6", "vm-1"), used(hour, "900", "nobody"))
    town.watch([48])
    town.put(used(49, "30"), used(49, "30", "vm-1"))
    town.keep(49.5)
    assert town.seen() == [("04T01", "60")]


def test_a_week_of_nothing_is_forgotten(town: Town) -> None:
    """What is remembered of a series ends with its use, so that an account's return is no alarm."""
    week = [(START + timedelta(hours=hour), Decimal(0)) for hour in range(168)]
    pattern, _ = judged(Pattern(), week, zone="UTC")
    most, _ = judged(Pattern(), [*week[:-1], (week[-1][0], Decimal(1))], zone="UTC")
    assert (is_dormant(pattern), is_dormant(most)) == (True, False)
    one = KeptPattern(
        account=ACME,
        meter=MeterKey("m"),
        pattern=pattern,
        next_hour=START + timedelta(hours=168),
    )
    with town.unit() as uow:
        uow.patterns.save([one])
        uow.commit()
    town.watch([168])
    with town.unit() as uow:
        assert uow.patterns.known(MeterKey("m"), [ACME]) == frozenset()


def test_series_of_many_accounts_are_judged_page_by_page(town: Town) -> None:
    """Told to stop after a page, the rest is judged at the next look, and nothing twice."""
    keys = [AccountKey(f"c{number:03}") for number in range(230)]
    with town.unit() as uow:
        uow.accounts.save_accounts(
            Account(key=key, name=key, zone="UTC", currency="EUR", invoiced=True) for key in keys
        )
        uow.commit()
    town.put(*(used(hour, subject=str(key)) for hour in range(49) for key in keys))
    left = iter([True, True, True])
    keeping = PatternKeeping(
        units=lambda workspace: PostgresUnitOfWork(town.database.pool, workspace),
        usage=town.store.reader,
        is_complete=lambda: True,
    )
    at = START + timedelta(hours=49, minutes=10)
    assert not keep_patterns(
        town.workspace, at=at, keeping=keeping, going=lambda: next(left, False)
    )
    with town.unit() as uow:
        known = uow.patterns.known(MeterKey("m"), keys)
    assert 0 < len(known) < len(keys)
    assert keep_patterns(town.workspace, at=at, keeping=keeping, going=lambda: True)
    with town.unit() as uow:
        assert uow.patterns.known(MeterKey("m"), keys) == frozenset(keys)
