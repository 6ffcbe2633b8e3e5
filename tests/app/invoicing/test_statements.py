"""What a billing run asks PostgreSQL for."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Self

import psycopg
import pytest
from psycopg.rows import TupleRow

from tallystick.accounts import Taxpayer
from tallystick.app.invoicing import RunBilling, run_billing
from tallystick.app.invoicing.running import ALONE_MAX
from tallystick.kernel import Done, WorkspaceId
from tallystick.storage.postgres import Pool, PostgresUnitOfWork
from tallystick.tax import TaxIdCheck, TaxIdState
from tests.app.invoicing.billing import Billing, new_billing
from tests.app.invoicing.test_taxed_billing import REVERSE, declare
from tests.clickhouse import UsageStore
from tests.clock import NEW_YEAR
from tests.databases import Database
from tests.invoicing.world import cpu


class CountedUnit(PostgresUnitOfWork):
    """A unit of work that notes every statement."""

    def __init__(self, pool: Pool, workspace: WorkspaceId, *, asked: list[str]) -> None:
        super().__init__(pool, workspace)
        self._asked = asked

    def begin(self, *, workspace: WorkspaceId | None = None) -> psycopg.Connection:
        """Begin, and note what is asked from then on."""
        asked = self._asked

        class Noting(psycopg.Cursor[TupleRow]):
            def execute(self, query: Any, *parameters: Any, **rest: Any) -> Self:  # noqa: ANN401 - what psycopg takes
                asked.append(str(query))
                return super().execute(query, *parameters, **rest)

        connection = super().begin(workspace=workspace)
        connection.cursor_factory = Noting
        return connection


def tax(billing: Billing) -> None:
    """Let each payer be a business abroad, whose number a register knew before it was away."""
    declare(billing, REVERSE)
    with billing.unit() as uow:
        accounts = uow.accounts.load_accounts()
        for number, key in enumerate(sorted(accounts), start=40303265000):
            taxpayer = Taxpayer(business=True, tax_id=f"FR {number}")
            uow.accounts.save_accounts([replace(accounts[key], country="FR", tax=taxpayer)])
            for state, at in ((TaxIdState.VALID, 1), (TaxIdState.UNAVAILABLE, 2)):
                uow.tax_ids.add(
                    TaxIdCheck(
                        tax_id=f"FR{number}",
                        state=state,
                        checked_at=NEW_YEAR + timedelta(days=at),
                        source="vies",
                        reference="W1",
                    )
                )
        uow.commit()


def statements(
    database: Database, store: UsageStore, accounts: int, *, taxed: bool = False
) -> list[str]:
    """Return what a first run of so many payers asks, each with usage."""
    billing = new_billing(database, store, accounts=accounts)
    if taxed:
        tax(billing)
    billing.record([cpu(1, "2026-01-10T00:00:00Z", "43200")])
    asked: list[str] = []
    outcome = run_billing(
        RunBilling(),
        caller=billing.caller,
        units=partial(CountedUnit, database.pool, asked=asked),
        sources=billing.sources,
    )
    assert isinstance(outcome, Done), outcome
    assert len(outcome.value.issued) == 2 * accounts
    return [statement for statement in asked if statement]  # an empty one tries a connection


@pytest.mark.parametrize("taxed", [False, True], ids=["untaxed", "taxed"])
def test_more_payers_ask_no_more(
    database: Database,
    usage_store: UsageStore,
    taxed: bool,  # noqa: FBT001 - a cell
) -> None:
    """Payers that are billed together cost no more statements, however many they are."""
    few = statements(database, usage_store, ALONE_MAX + 1, taxed=taxed)
    many = statements(database, usage_store, 2 * ALONE_MAX, taxed=taxed)
    assert len(many) > 20
    assert Counter(many) - Counter(few) == {}
