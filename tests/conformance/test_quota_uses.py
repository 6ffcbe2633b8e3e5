"""Decided uses are kept until the log and the feed have them, and exactly as they were decided."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tallystick.app.quotas import Consumption, CounterKey, EventOutcome
from tests.databases import Database

USED_AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
KEY = CounterKey("acme", "calls", datetime(2026, 3, 1, tzinfo=UTC))


def _use(name: str, *, position: int | None = None) -> Consumption:
    return Consumption(
        source='a "b" \\ ü',
        id=name,
        counter=KEY,
        quantity=Decimal("12345678901234567890.123456789012345678"),
        used_at=USED_AT,
        body='{"data":{"note":"a \\"b\\" \\\\ ü"}}',
        position=position,
        outcome=EventOutcome.WAITING if position is None else EventOutcome.LOGGED,
    )


def test_a_use_is_read_as_it_was_decided(database: Database) -> None:
    """No digit, microsecond, quote or backslash of a use is lost on its way through the store."""
    use = _use("one")
    with database.unit() as uow:
        uow.consumptions.add([use])
        uow.commit()
    with database.unit() as uow:
        assert uow.consumptions.load([(use.source, "one"), (use.source, "no")]) == {
            (use.source, "one"): use
        }
        logged = replace(use, position=7, outcome=EventOutcome.LOGGED)
        uow.consumptions.settle([logged])
        assert uow.consumptions.load([(use.source, "one")]) == {(use.source, "one"): logged}
        assert uow.consumptions.waiting(limit=10) == ()


def test_only_what_the_feed_has_passed_is_forgotten(database: Database) -> None:
    """A use that waits, lies ahead of the feed, or is young is kept; the others go."""
    passed, ahead = _use("passed", position=5), _use("ahead", position=20)
    waiting = replace(_use("waiting"), used_at=USED_AT - timedelta(minutes=1))
    with database.unit() as uow:
        uow.consumptions.add([passed, ahead, waiting])
        uow.quotas.move_feed(10)
        names = [(passed.source, name) for name in ("passed", "ahead", "waiting")]
        uow.consumptions.forget(before=USED_AT)
        assert len(uow.consumptions.load(names)) == 3
        uow.consumptions.forget(before=USED_AT + timedelta(seconds=1))
        assert set(uow.consumptions.load(names)) == set(names[1:])
        assert uow.consumptions.consumed([KEY], after=10) == {
            KEY: {waiting.used_at: waiting.quantity, ahead.used_at: ahead.quantity}
        }
