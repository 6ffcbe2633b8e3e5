"""A workspace that can be billed: PostgreSQL, ClickHouse, and the log as a list of its events."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import msgspec

from tallystick.accounts import Account, Ownership, Resource
from tallystick.app import Caller
from tallystick.app.clock import Clock
from tallystick.app.invoicing import (
    BillingReport,
    BillingSources,
    RunBilling,
    StoredDocument,
    run_billing,
    show_invoice,
)
from tallystick.app.segments import ManifestAgreement
from tallystick.app.workspaces import (
    Workspace,
    WorkspaceClocks,
    WorkspaceKind,
    WorkspaceTime,
)
from tallystick.catalog import Catalog, Subscription
from tallystick.integrations.documents import PaperWriter
from tallystick.kernel import (
    AccountKey,
    Done,
    InvoiceId,
    Outcome,
    ResourceKey,
    SubscriptionKey,
    WorkspaceId,
    instant,
)
from tallystick.metering import Event, standing_events
from tallystick.storage.clickhouse import ClickHouseCorrections
from tallystick.storage.postgres import PostgresUnitOfWork
from tests import databases
from tests.clickhouse import UsageStore, table_of
from tests.clock import NEW_YEAR, HandClock
from tests.databases import Database
from tests.invoicing.world import CALLS, CONTRACT, CPU, ENTITY, PLAN

WRITER = PaperWriter(Path("nowhere"))
FEBRUARY_2 = instant("2026-02-02T00:00:00Z")
MARCH_2 = instant("2026-03-02T00:00:00Z")


@dataclass(slots=True)
class ListedLog:
    """What was recorded, in order of position; reads as the log does."""

    events: list[Event] = field(default_factory=list)

    def durable_position(self) -> int:
        """Return the last position."""
        return self.events[-1].position if self.events else 0

    def read(
        self,
        *,
        workspace: str,
        types: frozenset[str],
        subjects: frozenset[str] | None,
        through: int,
    ) -> Iterator[Event]:
        """Yield events of these types and subjects."""
        for event in standing_events(self.events, through=through):
            known = subjects is None or event.subject in subjects
            wanted = event.workspace == workspace and event.type in types and known
            if wanted:
                yield event


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """One workspace with an account, a subscription, a clock and its events."""

    database: Database
    store: UsageStore
    workspace: WorkspaceId
    clock: HandClock = field(default_factory=lambda: HandClock(FEBRUARY_2))
    goes_by: Clock | None = None
    log: ListedLog = field(default_factory=ListedLog)

    @property
    def caller(self) -> Caller:
        """Return somebody who may do everything."""
        return Caller(workspace=self.workspace, actor="test", scopes=frozenset({"admin"}))

    @property
    def sources(self) -> BillingSources:
        """Return the projection, the log and the clock."""
        return BillingSources(
            usage=self.store.reader,
            log=self.log,
            clock=self.goes_by or self.clock,
            tzdata_version="2026a",
            agreement=ManifestAgreement(self.store.projection, units=self.database.runner),
            corrections=ClickHouseCorrections(self.store.clickhouse),
            writer=WRITER,
        )

    def unit(self, workspace: WorkspaceId | None = None) -> PostgresUnitOfWork:
        """Return a fresh unit of work."""
        return PostgresUnitOfWork(self.database.pool, workspace or self.workspace)

    def record(self, events: Sequence[Event]) -> None:
        """Append events to log and projection; they get the next positions."""
        first = self.store.projection.max_position() + 1
        stored = [
            msgspec.structs.replace(event, workspace=self.workspace, position=first + index)
            for index, event in enumerate(events)
        ]
        self.store.projection.insert(table_of(stored))
        self.log.events += stored

    def run(self, *, through: datetime | None = None) -> BillingReport:
        """Bill everything that is due; it must not be refused."""
        outcome = self.try_run(through=through)
        assert isinstance(outcome, Done), outcome
        return outcome.value

    def try_run(
        self, *, through: datetime | None = None, position: int | None = None
    ) -> Outcome[BillingReport]:
        """Bill everything that is due."""
        command = RunBilling(through=through, position=position)
        return run_billing(command, caller=self.caller, units=self.unit, sources=self.sources)

    def document(self, invoice: InvoiceId) -> StoredDocument:
        """Return a stored document."""
        outcome = show_invoice(self.caller, invoice, uow=self.unit())
        assert isinstance(outcome, Done), outcome
        return outcome.value

    def documents(self, report: BillingReport) -> list[StoredDocument]:
        """Return the documents that a run issued."""
        return [self.document(invoice) for invoice in report.issued]


def new_billing(
    database: Database,
    store: UsageStore,
    *,
    accounts: int = 1,
    test_from: datetime | None = None,
) -> Billing:
    """
    Return a fresh workspace with so many accounts (``acme``, ``acme-2``, ...), one VM each.

    It is live and goes by a clock of the hand; or a test one, whose clock stands at ``test_from``.
    """
    name = WorkspaceId(f"b{store.projection.max_position()}-{database.name[-6:]}")
    hand = HandClock(FEBRUARY_2)
    own = WorkspaceClocks(database.runner, machine=hand).of(name)
    billing = Billing(
        database=database,
        store=store,
        workspace=name,
        clock=hand,
        goes_by=None if test_from is None else own,
    )
    definitions = Catalog(
        legal_entities={ENTITY.key: ENTITY},
        meters={CALLS.key: CALLS, CPU.key: CPU},
        plan_versions={(PLAN.plan, PLAN.version): PLAN},
    )
    with billing.unit() as uow:
        uow.workspaces.add(_workspace(name, test_from))
        uow.catalog.save_definitions(definitions)
        keys = [AccountKey("acme" if n == 1 else f"acme-{n}") for n in range(1, accounts + 1)]
        uow.accounts.save_accounts([_account(key) for key in keys])
        uow.accounts.save_resources([_machine(key, n) for n, key in enumerate(keys, start=1)])
        uow.subscriptions.save_subscriptions([_contract(key) for key in keys])
        uow.commit()
    return billing


def is_waiting(billing: Billing) -> bool:
    """Tell whether a transaction of this database waits for another."""
    return databases.is_waiting(billing.database)


def _workspace(name: WorkspaceId, test_from: datetime | None) -> Workspace:
    return Workspace(
        id=name,
        kind=WorkspaceKind.LIVE if test_from is None else WorkspaceKind.TEST,
        name="Billing",
        created_at=NEW_YEAR,
        time=None if test_from is None else WorkspaceTime(at=test_from),
    )


def _account(key: AccountKey) -> Account:
    return Account(key=key, name=key, zone="UTC", currency="USD", invoiced=True)


def _machine(owner: AccountKey, number: int) -> Resource:
    return Resource(key=ResourceKey(f"vm-{number}"), account=owner)


def _contract(account: AccountKey) -> Subscription:
    return replace(CONTRACT, key=SubscriptionKey(f"{account}-compute"), account=account)


__all__ = [
    "FEBRUARY_2",
    "MARCH_2",
    "Billing",
    "ListedLog",
    "Ownership",
    "is_waiting",
    "new_billing",
]
