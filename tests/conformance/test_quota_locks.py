"""Counters are locked by what is remembered of them only while all of it is still so."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tallystick.accounts import Account
from tallystick.app.quotas import (
    Consumption,
    Counter,
    CounterKey,
    Hold,
    HoldKind,
    LockedCounters,
    Remembered,
)
from tallystick.kernel import AccountKey
from tallystick.quotas import Tally
from tests.databases import Database
from tests.waiting import wait_until

NOW = datetime(2026, 3, 5, tzinfo=UTC)
ACME = Account(key=AccountKey("acme"), name="Acme", zone="UTC", currency="EUR", invoiced=True)
CALLS, TOKENS = (
    CounterKey("acme", feature, datetime(2026, 3, 1, tzinfo=UTC)) for feature in ("calls", "tokens")
)
USE = Consumption(
    source="shop", id="one", counter=CALLS, quantity=Decimal(3), used_at=NOW, body="{}"
)
HOLD = Hold(
    kind=HoldKind.RESERVATION,
    key="r1",
    counter=CALLS,
    asked_by="acme",
    granted=Decimal(6),
    spent=Decimal(0),
    began_at=NOW,
    expires_at=NOW + timedelta(hours=1),
)
# That the account was saved is a change of it.
AS_IT_IS = Remembered(
    counters={CALLS: 0, TOKENS: 0}, stamps={"acme": 1}, identities=frozenset(), at=NOW
)


def _counter(key: CounterKey, used: int = 0) -> Counter:
    return Counter(key=key, ends=None, tally=Tally(used=Decimal(used)), counted_through=0, stamp=0)


@pytest.fixture
def counted(database: Database) -> Database:
    """A database with the counters of one account, and a use on its way."""
    with database.unit() as uow:
        uow.accounts.save_accounts([ACME])
        uow.consumptions.add([USE], counted=[_counter(CALLS, 3), _counter(TOKENS)])
        uow.commit()
    return database


def _locked(database: Database, remembered: Remembered) -> LockedCounters | None:
    with database.unit() as uow:
        found = uow.counters.lock_remembered(remembered)
        uow.commit()
    return found


def _waits_for_a_row(database: Database) -> bool:
    question = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    with database.connection("postgres") as connection:
        row = connection.execute(question).fetchone()
    return row is not None and row[0] > 0


def test_what_is_remembered_is_locked_as_it_stands(counted: Database) -> None:
    """What is locked by what is remembered is what a lock by keys gives, with what holds keep."""
    with counted.unit() as uow:
        uow.holds.save([HOLD])
        expected = uow.counters.lock([CALLS, TOKENS], at=NOW)
        uow.commit()
    assert expected[CALLS].tally == Tally(used=Decimal(3), held=Decimal(6))
    found = _locked(counted, AS_IT_IS)
    assert found == LockedCounters(counters=expected, identities_known=False)
    expired = _locked(counted, replace(AS_IT_IS, at=HOLD.expires_at))
    assert expired is not None
    assert expired.counters[CALLS].tally.held == 0
    again = _locked(counted, replace(AS_IT_IS, identities=frozenset({("shop", "one")})))
    assert again == LockedCounters(counters=expected, identities_known=True)


@pytest.mark.parametrize(
    "changed",
    [
        replace(AS_IT_IS, stamps={"acme": 2}),
        replace(AS_IT_IS, stamps={"acme": 1, "above": 2}),
        replace(AS_IT_IS, counters={CALLS: 0, TOKENS: 1}),
        replace(AS_IT_IS, counters={CALLS: 0, CALLS._replace(feature="new"): 0}),
    ],
    ids=["account", "account above", "counter", "new counter"],
)
def test_nothing_is_locked_unless_all_is_as_remembered(
    counted: Database, changed: Remembered
) -> None:
    """Where one stamp differs, or one counter is new, no counter is locked at all."""
    with counted.unit() as uow:
        assert uow.counters.lock_remembered(changed) is None
        with counted.connection("postgres") as other:
            rows = other.execute("SELECT 1 FROM quota_counter FOR UPDATE SKIP LOCKED").fetchall()
        assert len(rows) == 2


def test_a_change_of_all_accounts_is_a_change_of_each(counted: Database) -> None:
    """The stamp of everybody counts with that of the account."""
    with counted.connection("postgres") as connection:
        connection.execute("INSERT INTO quota_stamp VALUES ('test', '', 4)")
    assert _locked(counted, AS_IT_IS) is None
    assert _locked(counted, replace(AS_IT_IS, stamps={"acme": 5, "other": 4})) is not None


def test_what_was_held_while_a_lock_was_awaited_is_seen(counted: Database) -> None:
    """Whoever waits for a counter sees what was used and held of it by then."""
    with ThreadPoolExecutor() as pool:
        with counted.unit() as uow:
            (counter,) = uow.counters.lock([CALLS], at=NOW).values()
            uow.counters.save([replace(counter, tally=Tally(used=Decimal(4)))])
            uow.holds.save([HOLD])
            waiting = pool.submit(_locked, counted, AS_IT_IS)
            wait_until(lambda: _waits_for_a_row(counted), seconds_max=20, waiting_for="the lock")
            uow.commit()
        found = waiting.result(20)
    assert found is not None
    assert found.counters[CALLS].tally == Tally(used=Decimal(4), held=Decimal(6))


def test_nothing_is_taken_while_something_moves(counted: Database) -> None:
    """Takers wait for nobody but who moves holds; who moves them waits for takers, or only asks."""
    with ThreadPoolExecutor() as pool:
        with counted.unit() as uow, counted.unit() as other:
            uow.hold_moves.let_none_move()
            other.hold_moves.let_none_move()
            other.commit()
            assert not other.hold_moves.let_none_be_taken(wait=False)
            waiting = pool.submit(_moves, counted)
            wait_until(lambda: _waits_for_a_row(counted), seconds_max=20, waiting_for="the lock")
            uow.commit()
        assert waiting.result(20)


def _moves(database: Database) -> bool:
    with database.unit() as uow:
        found = uow.hold_moves.let_none_be_taken(wait=True)
        uow.commit()
    return found


def test_a_hold_stands_where_it_was_moved(counted: Database) -> None:
    """Moved from two counters to one, it is held of that one and found by who asked for it."""
    both = replace(HOLD, also=(TOKENS,))
    only = replace(HOLD, counter=TOKENS)
    with counted.unit() as uow:
        uow.holds.save([both])
        assert uow.hold_moves.asked_by(["acme", "other"], at=NOW) == (both,)
        uow.hold_moves.move([only])
        locked = uow.counters.lock([CALLS, TOKENS], at=NOW)
        assert [locked[key].tally.held for key in (CALLS, TOKENS)] == [Decimal(0), Decimal(6)]
        assert uow.hold_moves.asked_by(["acme"], at=NOW) == (only,)
        assert uow.hold_moves.has_any(at=NOW)
        assert not uow.hold_moves.has_any(at=HOLD.expires_at)
