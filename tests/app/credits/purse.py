"""A workspace whose accounts hold credit: PostgreSQL and a clock, no usage."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from tallystick.accounts import Account
from tallystick.app import Caller
from tallystick.app.credits import (
    BurnCredit,
    GiveCreditBack,
    GrantCredit,
    SettleCredit,
    VoidCredit,
    burn_credit,
    give_credit_back,
    grant_credit,
    read_balance,
    settle_credit,
    void_credit,
)
from tallystick.app.workspaces import Workspace, WorkspaceKind
from tallystick.catalog import Catalog
from tallystick.credits import (
    Grant,
    GrantKey,
    GrantOrder,
    HoldingNames,
    Movement,
    VoidDocument,
)
from tallystick.kernel import AccountKey, Done, EntryId, Outcome, Refused, WorkspaceId, plain
from tallystick.storage.postgres import PostgresUnitOfWork
from tests.clock import NEW_YEAR, HandClock
from tests.databases import Database
from tests.invoicing.world import ENTITY

ACME = AccountKey("acme")
USD = HoldingNames(currency="USD")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """One workspace with the payers acme and bolt, and acme's department lab."""

    database: Database
    workspace: WorkspaceId
    clock: HandClock = field(default_factory=HandClock)

    @property
    def caller(self) -> Caller:
        """Return somebody who may do everything."""
        return Caller(workspace=self.workspace, actor="test", scopes=frozenset({"admin"}))

    def unit(self, workspace: WorkspaceId | None = None) -> PostgresUnitOfWork:
        """Return a fresh unit of work."""
        return PostgresUnitOfWork(self.database.pool, workspace or self.workspace)

    def try_give(
        self, order: GrantOrder, *, key: str | None = None, caller: Caller | None = None
    ) -> Outcome[Grant]:
        """Give credit, or tell why not."""
        return grant_credit(
            GrantCredit(order=order),
            caller=replace(caller or self.caller, idempotency_key=key),
            uow=self.unit(),
            clock=self.clock,
        )

    def give(self, amount: str, **terms: object) -> Grant:
        """Give acme credit; it must not be refused."""
        fields = {"account": "acme", "amount": amount, **terms}
        if "unit" not in fields:
            fields = {"currency": "USD", **fields}
        return done(self.try_give(GrantOrder(**fields)))  # type: ignore[arg-type] # fields by name

    def try_burn(self, amount: str, key: str = "d", **terms: object) -> Outcome[Movement]:
        """Take acme's credit, or tell why not."""
        order = BurnCredit(account=ACME, key=key, amount=amount, holding=USD)
        order = replace(order, **terms)  # type: ignore[arg-type] # fields of a debit, by name
        return burn_credit(order, caller=self.caller, uow=self.unit(), clock=self.clock)

    def give_back(self, amount: str, of: str, key: str = "b") -> Outcome[Movement]:
        """Bring credit back, or tell why not."""
        order = GiveCreditBack(account=ACME, key=key, of=of, amount=amount)
        return give_credit_back(order, caller=self.caller, uow=self.unit(), clock=self.clock)

    def void(self, grant: str) -> Outcome[VoidDocument]:
        """Void a grant, or tell why not."""
        order = VoidCredit(grant=GrantKey(grant), reason="by mistake")
        return void_credit(order, caller=self.caller, uow=self.unit(), clock=self.clock)

    def settle(self) -> Sequence[EntryId]:
        """Book what has lapsed."""
        return done(
            settle_credit(SettleCredit(), caller=self.caller, uow=self.unit(), clock=self.clock)
        )

    def holds(self, account: str = "acme", at: datetime | None = None) -> list[str]:
        """Return what an account may use, by currency or unit."""
        found = done(
            read_balance(self.caller, AccountKey(account), at=at, uow=self.unit(), clock=self.clock)
        )
        return [plain(amount) for _, amount in found.totals]

    def booked(self) -> dict[str, int]:
        """Return what stands on each chart account, in minor units."""
        with self.unit() as uow:
            found = uow.journal.balances(as_of=self.clock.now())
        return {account: money.minor for (account, _), money in found.items() if money.minor}


def new_purse(database: Database) -> Purse:
    """Return a fresh workspace."""
    purse = Purse(database=database, workspace=WorkspaceId(f"p{uuid4().hex[:12]}"))
    lab = Account(
        key=AccountKey("lab"),
        name="Lab",
        zone="UTC",
        currency="USD",
        parent=ACME,
        invoiced=False,
    )
    payers = [
        Account(key=AccountKey(key), name=key, zone="UTC", currency="USD", invoiced=True)
        for key in ("acme", "bolt")
    ]
    with purse.unit() as uow:
        kind = WorkspaceKind.LIVE
        uow.workspaces.add(
            Workspace(id=purse.workspace, kind=kind, name="Purse", created_at=NEW_YEAR)
        )
        uow.catalog.save_definitions(Catalog(legal_entities={ENTITY.key: ENTITY}))
        uow.accounts.save_accounts([*payers, lab])
        uow.commit()
    return purse


def done(outcome: Outcome[T]) -> T:
    """Return what was done; it must not have been refused."""
    assert isinstance(outcome, Done), outcome
    return outcome.value


def codes(outcome: Outcome[object]) -> list[str]:
    """Return why something was refused."""
    assert isinstance(outcome, Refused), outcome
    return [problem.code for problem in outcome.problems]
