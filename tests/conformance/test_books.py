"""What the database itself keeps of books: locked months, positions without gap."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Barrier

import psycopg
import pytest

from tallystick.catalog import Catalog
from tallystick.kernel import EntryId, InvariantBroken, Money, currency
from tallystick.ledger import (
    AccountingMonth,
    Books,
    Entry,
    Posting,
    Standpoint,
    accounting_month,
    balances,
)
from tests.databases import Database
from tests.invoicing.world import ENTITY

JANUARY, FEBRUARY = accounting_month("2026-01"), accounting_month("2026-02")
AT = datetime(2026, 2, 2, tzinfo=UTC)
EUR = currency("EUR")
ACCOUNTS = ("receivable:acme", "revenue:cpu", "deferred_revenue:base", "tax:VAT:DE")
ADD = """
INSERT INTO journal_entry (workspace_id, books, position, posted_in, id, effective_at, source)
VALUES ('test', 'main', {position}, '{month}', 'x', now(), 'test')
"""


@pytest.fixture
def kept(database: Database) -> Database:
    """A database with a legal entity whose books are kept."""
    with database.unit() as uow:
        uow.catalog.save_definitions(Catalog(legal_entities={ENTITY.key: ENTITY}))
        uow.commit()
    return database


def entry(id: str, *, month: AccountingMonth = FEBRUARY) -> Entry:
    """Return an entry of a euro."""
    legs = (("receivable:acme", 100), ("revenue:cpu", -100))
    return Entry(
        id=EntryId(id),
        books=ENTITY.key,
        effective_at=AT,
        posted_in=month,
        source="test",
        postings=tuple(
            Posting(account=account, money=Money(minor=minor, currency=EUR))
            for account, minor in legs
        ),
    )


def lock(database: Database, month: AccountingMonth | None) -> None:
    """Lock the books through a month."""
    with database.unit() as uow:
        uow.journal.hold(ENTITY.key)
        uow.journal.lock_through(ENTITY.key, month)
        uow.commit()


def test_a_locked_month_takes_no_entry(kept: Database) -> None:
    """The database refuses an entry in a locked month, takes it in the next, and again unlocked."""
    lock(kept, JANUARY)
    with kept.unit() as uow:
        assert uow.journal.hold(ENTITY.key) == JANUARY
        with pytest.raises(InvariantBroken, match="locked"):
            uow.journal.post(entry("e1", month=JANUARY))
    with kept.unit() as uow:
        uow.journal.post(entry("e1"))
        uow.commit()
    lock(kept, None)
    with kept.unit() as uow:
        assert uow.journal.post(entry("e2", month=JANUARY)) == 2


def test_the_lock_holds_under_concurrency(kept: Database) -> None:
    """Nothing enters January once its lock has committed, however the threads interleave."""
    barrier = Barrier(5)

    def post(worker: int) -> list[str]:
        barrier.wait()
        entered: list[str] = []
        for turn in range(12):
            id = f"e{worker}-{turn}"
            with kept.unit() as uow:
                locked = uow.journal.hold(ENTITY.key)
                books = Books(key=ENTITY.key, zone="UTC", locked_through=locked)
                uow.journal.post(entry(id, month=books.open_month(JANUARY)))
                uow.commit()
                entered.append(id)
        return entered

    def close() -> int:
        barrier.wait()
        with kept.unit() as uow:
            uow.journal.hold(ENTITY.key)
            uow.journal.lock_through(ENTITY.key, JANUARY)
            standing = uow.journal.page(after=None, limit=1000)
            uow.commit()
        return sum(posted.entry.posted_in == JANUARY for posted in standing)

    with ThreadPoolExecutor(5) as threads:
        closing = threads.submit(close)
        entered = [id for ids in threads.map(post, range(4)) for id in ids]
    with kept.unit() as uow:
        standing = uow.journal.page(after=None, limit=1000)
    assert len(standing) == len(entered) == 48
    assert sum(posted.entry.posted_in == JANUARY for posted in standing) == closing.result()
    assert sorted(posted.position for posted in standing) == list(range(1, 49))


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("UPDATE accounting_books SET last_position = 0", psycopg.errors.RestrictViolation),
        (ADD.format(position=9, month="2026-02-01"), psycopg.errors.CheckViolation),
        (ADD.format(position=9, month="2026-01-01"), psycopg.errors.RestrictViolation),
        ("DELETE FROM accounting_books", psycopg.errors.InsufficientPrivilege),
    ],
)
def test_the_app_cannot_go_round_it(
    kept: Database, statement: str, error: type[psycopg.Error]
) -> None:
    """No statement of the app takes a position back, invents one, or enters a locked month."""
    with kept.unit() as uow:
        uow.journal.post(entry("e1"))
        uow.commit()
    lock(kept, JANUARY)
    with kept.connection() as connection:
        connection.execute("SELECT set_config('tallystick.workspace', 'test', false)")
        with pytest.raises(error):
            connection.execute(statement.encode())


def test_an_entry_of_unknown_books_is_refused(kept: Database) -> None:
    """There are no books without a legal entity."""
    with kept.unit() as uow, pytest.raises(psycopg.errors.ForeignKeyViolation):
        uow.journal.post(replace(entry("e1"), books="nobody"))


def test_balances_are_those_of_a_replay(kept: Database) -> None:
    """Guarantee 7: from any standpoint the database says what the entries, replayed, say."""
    dice = Random(7)
    with kept.unit() as uow:
        for number in range(60):
            legs = [(dice.choice(ACCOUNTS), dice.randint(1, 10**9)) for _ in range(3)]
            rest = -sum(minor for _, minor in legs)
            postings = tuple(
                Posting(account=account, money=Money(minor=minor, currency=EUR))
                for account, minor in (*legs, ("cash:bank", rest))
            )
            at = AT + timedelta(days=dice.randint(-20, 20))
            posted = replace(entry(f"e{number}"), effective_at=at, postings=postings)
            assert uow.journal.post(posted) == number + 1
        uow.commit()
    with kept.unit() as uow:
        standing = uow.journal.page(after=None, limit=100)
        for _ in range(40):
            as_of, position = AT + timedelta(days=dice.randint(-21, 21)), dice.randint(0, 60)
            seen = Standpoint(books=ENTITY.key, as_of=as_of, position=position)
            known = [posted.entry for posted in standing if posted.position <= position]
            assert uow.journal_reader.balances(seen) == balances(known, as_of=as_of)
