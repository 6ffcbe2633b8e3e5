"""What a billing run asks PostgreSQL for."""

from collections import Counter
from functools import partial
from typing import Any, Self

import psycopg
from psycopg.rows import TupleRow

from tallystick.app.invoicing import RunBilling, run_billing
from tallystick.app.invoicing.running import ALONE_MAX
from tallystick.kernel import Done, WorkspaceId
from tallystick.storage.postgres import Pool, PostgresUnitOfWork
from tests.app.invoicing.billing import new_billing
from tests.clickhouse import UsageStore
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


def statements(database: Database, store: UsageStore, accounts: int) -> list[str]:
    """Return what a first run of so many payers asks, each with usage."""
    billing = new_billing(database, store, accounts=accounts)
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


def test_more_payers_ask_no_more(database: Database, usage_store: UsageStore) -> None:
    """Payers that are billed together cost no more statements, however many they are."""
    few = statements(database, usage_store, ALONE_MAX + 1)
    many = statements(database, usage_store, 2 * ALONE_MAX)
    assert len(many) > 20
    assert Counter(many) - Counter(few) == {}
