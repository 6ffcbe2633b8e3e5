"""What the database itself refuses: changed documents, gaps in numbers, unbalanced entries."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier

import psycopg
import pytest

from tallystick.accounts import Account
from tallystick.app.invoicing import NumberedDocument
from tallystick.catalog import Catalog
from tallystick.invoicing import (
    DocumentType,
    Invoice,
    Series,
    basis_document,
    document_of,
    issued,
    number_text,
    series_of,
)
from tallystick.kernel import Done, EntryId, InvariantBroken, Money, Refused, currency, digest
from tallystick.ledger import AccountingMonth, Entry, PostedEntry, Posting
from tests.databases import WORKSPACE, Database
from tests.invoicing.world import (
    BASIS,
    CALLS,
    CONTRACT,
    CPU,
    ENTITY,
    PLAN,
    Asked,
    cpu,
    drafted,
    the_invoice,
)

EUR = currency("EUR")
FEBRUARY = AccountingMonth(year=2026, month=2)
AT = datetime(2026, 2, 2, tzinfo=UTC)
ON = date(2026, 2, 2)
ADD_LINE = """
INSERT INTO invoice_line
SELECT workspace_id, invoice_id, 99, 'line_x', subscription, 'other', period_start, period_end,
  grouped_by, minor, position, attribution
FROM invoice_line LIMIT 1
"""
ADD_LEG = "INSERT INTO journal_posting VALUES ('test', 'x', %s, %s, 'EUR', 2, %s)"
REFUSED = (psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)
SERIES = series_of(ENTITY, DocumentType.INVOICE, ON)


@pytest.fixture
def billed(database: Database) -> Database:
    """A database with the world's catalog, account and subscription in it."""
    with database.unit() as uow:
        uow.catalog.save_definitions(
            Catalog(
                legal_entities={ENTITY.key: ENTITY},
                meters={CALLS.key: CALLS, CPU.key: CPU},
                plan_versions={(PLAN.plan, PLAN.version): PLAN},
            )
        )
        account = BASIS.payer
        uow.accounts.save_accounts(
            [Account(key=account, name="Acme", zone="UTC", currency="USD", invoiced=True)]
        )
        uow.subscriptions.save_subscriptions([CONTRACT])
        uow.commit()
    return database


def draft() -> Invoice:
    """Return January's draft."""
    return the_invoice(drafted([cpu(1, "2026-01-10T00:00:00Z", "43200")], Asked(position=1)))


def store(database: Database, *, number: int | None) -> Invoice:
    """Store January's document, as a draft or under a number."""
    document = draft()
    with database.unit() as uow:
        uow.invoices.save_drafts([document], basis=basis_document(BASIS))
        if number is not None:
            text = number_text(SERIES, number)
            document = issued(document, number=text, issued_on=ON, due_on=ON)
            numbered = NumberedDocument(
                invoice=document,
                content=document_of(document),
                digest=digest(document_of(document)),
                issued_at=AT,
                series=SERIES,
                series_number=number,
            )
            uow.invoices.issue([numbered])
        uow.commit()
    return document


def test_document_comes_back_as_it_went_in(billed: Database) -> None:
    """A stored document is the same value and the same bytes, its basis too."""
    document = store(billed, number=1)
    with billed.unit() as uow:
        found = uow.invoices.load_document(document.id)
    assert found is not None
    assert found.invoice == document
    assert found.basis == basis_document(BASIS)


def test_one_document_per_period(billed: Database) -> None:
    """A second document for the same period, purpose and revision does not enter."""
    store(billed, number=1)
    with billed.unit() as uow, pytest.raises(InvariantBroken):
        uow.invoices.save_drafts([draft()], basis=basis_document(BASIS))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoice SET total_minor = total_minor + 1",
        "UPDATE invoice SET number = NULL, issued_on = NULL, due_on = NULL",
        "UPDATE invoice SET content = 'x'",
        "DELETE FROM invoice",
        "UPDATE invoice_line SET minor = minor + 1",
        "DELETE FROM invoice_line",
        "TRUNCATE invoice, invoice_line CASCADE",
        ADD_LINE,
        "UPDATE invoice_basis SET content = 'x'",
        "DELETE FROM invoice_basis",
    ],
)
@pytest.mark.parametrize("role", ["tallystick_app", "tallystick_owner", "postgres"])
def test_issued_document_never_changes(billed: Database, role: str, statement: str) -> None:
    """Guarantee 5: no statement of app, owner or superuser changes what was issued."""
    store(billed, number=1)
    with billed.connection(role) as connection:
        connection.execute("SELECT set_config('tallystick.workspace', %s, false)", [WORKSPACE])
        with pytest.raises(
            (psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)
        ):
            connection.execute(statement.encode())


def test_draft_may_be_discarded(billed: Database) -> None:
    """Before it has a number, a document may go, with its lines; the number would keep it."""
    document = store(billed, number=None)
    with billed.unit() as uow:
        uow.invoices.discard_drafts(document.subscription)
        assert uow.invoices.load_document(document.id) is None
        uow.commit()
    document = store(billed, number=1)
    with billed.unit() as uow:
        uow.invoices.discard_drafts(document.subscription)
        assert uow.invoices.load_document(document.id) is not None


def test_numbers_are_gapless_under_concurrency(billed: Database) -> None:
    """Guarantee 6: eight threads, every third one rolling back, leave no gap and no double."""
    barrier = Barrier(8)

    def take(worker: int) -> list[int]:
        barrier.wait()
        kept: list[int] = []
        for turn in range(9):
            with billed.unit() as uow:
                taken = uow.series.take(SERIES, count=1 + turn % 2, issued_on=ON)
                assert isinstance(taken, Done)
                if (worker + turn) % 3:
                    uow.commit()
                    kept += range(taken.value, taken.value + 1 + turn % 2)
        return kept

    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(n for kept in pool.map(take, range(8)) for n in kept)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 48


def test_series_part_by_type_and_year(billed: Database) -> None:
    """A year begins again at 1, a type of document counts apart, and dates never go back."""
    notes = replace(SERIES, document_type=DocumentType.CREDIT_NOTE)
    next_year = replace(SERIES, year=2027)

    def take(series: Series, on: date) -> int | str:
        with billed.unit() as uow:
            taken = uow.series.take(series, count=1, issued_on=on)
            uow.commit()
            return taken.problems[0].code if isinstance(taken, Refused) else taken.value

    assert [take(SERIES, ON), take(SERIES, ON), take(notes, ON)] == [1, 2, 1]
    assert take(SERIES, date(2026, 2, 1)) == "issue_date_decreases"
    assert take(next_year, date(2027, 1, 1)) == 1
    assert take(SERIES, date(2026, 12, 31)) == "issue_date_decreases"
    assert take(next_year, date(2027, 1, 1)) == 2


def entry(*legs: tuple[str, int], id: str = "e1") -> Entry:
    """Return an entry in euro cents."""
    return Entry(
        id=EntryId(id),
        books=ENTITY.key,
        effective_at=AT,
        posted_in=FEBRUARY,
        source="test",
        postings=tuple(
            Posting(account=account, money=Money(minor=minor, currency=EUR))
            for account, minor in legs
        ),
    )


def test_entry_comes_back_as_it_went_in(billed: Database) -> None:
    """Entries and balances read back are what was posted."""
    posted = entry(("receivable:acme", 10**30), ("revenue:cpu", -(10**30)))
    with billed.unit() as uow:
        uow.journal.post(posted)
        uow.commit()
    with billed.unit() as uow:
        found = PostedEntry(entry=posted, position=1)
        assert uow.journal.find(posted.id) == found
        assert uow.journal.page(after=None, limit=9) == [found]
        assert uow.journal.page(after=(AT, posted.id), limit=9) == []
        balances = uow.journal.balances(as_of=AT)
    assert balances["revenue:cpu", "EUR"] == Money(minor=-(10**30), currency=EUR)


def test_same_entry_twice_is_refused(billed: Database) -> None:
    """An entry is posted once."""
    posted = entry(("receivable:acme", 5), ("revenue:cpu", -5))
    with billed.unit() as uow:
        uow.journal.post(posted)
        with pytest.raises(InvariantBroken):
            uow.journal.post(posted)


def _commit_with(connection: psycopg.Connection, legs: list[tuple[int, str, int]]) -> None:
    for leg in legs:
        connection.execute(ADD_LEG, leg)
    connection.commit()


def test_unbalanced_entry_does_not_commit(billed: Database) -> None:
    """Guarantee 7: the database refuses an entry that is off by a cent, or has no postings."""
    legs: list[tuple[int, str, int]]
    for legs in ([(0, "revenue:cpu", 5), (1, "receivable:acme", -4)], []):
        with psycopg.connect(billed.uri()) as connection:
            connection.execute("SELECT set_config('tallystick.workspace', 'test', false)")
            connection.execute(
                "INSERT INTO accounting_books (workspace_id, legal_entity, last_position)"
                " VALUES ('test', 'main', 1)"
            )
            connection.execute(
                "INSERT INTO journal_entry"
                " (workspace_id, books, position, posted_in, id, effective_at, source)"
                " VALUES ('test', 'main', 1, '2026-02-01', 'x', now(), 'test')"
            )
            with pytest.raises(psycopg.errors.CheckViolation):
                _commit_with(connection, legs)


def test_nothing_is_added_to_an_entry_later(billed: Database) -> None:
    """A posted entry takes no further posting, balanced or not."""
    with billed.unit() as uow:
        uow.journal.post(entry(("receivable:acme", 5), ("revenue:cpu", -5)))
        uow.commit()
    with billed.connection() as connection:
        connection.execute("SELECT set_config('tallystick.workspace', 'test', false)")
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(
                "INSERT INTO journal_posting VALUES ('test', 'e1', 8, 'revenue:a', 'EUR', 2, 1),"
                " ('test', 'e1', 9, 'revenue:b', 'EUR', 2, -1)"
            )
