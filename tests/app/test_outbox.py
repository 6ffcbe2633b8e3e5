"""Effects leave through the outbox: with their command, at least once, and never for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest

from tallystick.app.outbox import DeliveryReport, Message, RetryPolicy, deliver_due
from tallystick.kernel import Done, Outcome, WorkspaceId, refuse
from tests.clock import NEW_YEAR, HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

POLICY = RetryPolicy(lease_seconds=60, attempts_max=3, wait_seconds_first=10, batch=10)


def message(name: str, workspace: WorkspaceId = WORKSPACE, *, wait: int = 0) -> Message:
    """Return a message due at the new year, or so many seconds after."""
    return Message(
        workspace=workspace,
        id=name,
        topic="invoice.issued",
        payload={"invoice": name, "rate": Decimal("0.5"), "lines": [1, None]},
        due_at=NEW_YEAR + timedelta(seconds=wait),
        trace_id="t1",
    )


@dataclass(slots=True)
class Mailbox:
    """A way out that keeps what arrives, after doing what `trouble` does."""

    trouble: Callable[[Message], Outcome[None]] = lambda _: Done(None)
    arrived: list[str] = field(default_factory=list)

    def deliver(self, sent: Message) -> Outcome[None]:
        """Keep the message if there is no trouble."""
        outcome = self.trouble(sent)
        if isinstance(outcome, Done):
            self.arrived.append(sent.id)
        return outcome


def put(database: Database, *messages: Message) -> None:
    """Put messages, each in a transaction of its workspace."""
    for sent in messages:
        with database.unit(sent.workspace) as uow:
            uow.outbox.put(sent)
            uow.commit()


def deliver(database: Database, mailbox: Mailbox, clock: HandClock) -> DeliveryReport:
    """Run one round."""
    return deliver_due(database.runner, mailbox, clock=clock, policy=POLICY)


def state(database: Database, name: str) -> tuple[object, ...]:
    """Return attempts, whether delivered, whether parked, and the last problem of a message."""
    question = """
    SELECT attempts, delivered_at IS NOT NULL, parked_at IS NOT NULL, last_problem
    FROM outbox WHERE id = %s
    """
    with database.connection("postgres") as connection:
        return connection.execute(question, [name]).fetchone() or ()


def test_message_leaves_once(database: Database) -> None:
    """A due message of any workspace is delivered, in order of due time, and then no more."""
    mailbox, clock = Mailbox(), HandClock()
    put(database, message("b", wait=-1), message("a"), message("c", OTHER_WORKSPACE, wait=-2))
    assert deliver(database, mailbox, clock) == DeliveryReport(delivered=3)
    assert mailbox.arrived == ["c", "b", "a"]
    assert deliver(database, mailbox, clock).claimed == 0


def test_message_arrives_as_put(database: Database) -> None:
    """Topic, payload, due time and trace arrive as they were put; decimals as text."""
    arrived: list[Message] = []
    put(database, message("a"))
    with database.runner() as unit:
        claims = unit.claims.claim(now=NEW_YEAR, lease_ends_at=NEW_YEAR, limit=9)
    arrived = [claim.message for claim in claims]
    assert [m.payload for m in arrived] == [{"invoice": "a", "rate": "0.5", "lines": [1, None]}]
    assert [(m.topic, m.due_at, m.trace_id) for m in arrived] == [
        ("invoice.issued", NEW_YEAR, "t1")
    ]


def test_message_belongs_to_its_command(database: Database) -> None:
    """A command that left without a commit sends nothing."""
    mailbox = Mailbox()
    with database.unit() as uow:
        uow.outbox.put(message("a"))
    assert deliver(database, mailbox, HandClock()).claimed == 0


def test_same_message_twice_is_one(database: Database) -> None:
    """A message put again under its id is delivered once, as first put."""
    mailbox = Mailbox()
    put(database, message("a"), message("a", wait=99))
    assert deliver(database, mailbox, HandClock()).delivered == 1
    assert mailbox.arrived == ["a"]


def test_message_waits_until_due(database: Database) -> None:
    """A message is not delivered before it is due."""
    mailbox, clock = Mailbox(), HandClock()
    put(database, message("a", wait=5))
    assert deliver(database, mailbox, clock).claimed == 0
    clock.forward(seconds=5)
    assert deliver(database, mailbox, clock).delivered == 1


def test_failure_is_tried_again_later(database: Database) -> None:
    """A refused delivery waits 10 s, then 20 s; the third failure parks the message."""
    mailbox, clock = Mailbox(lambda _: refuse("http_503", "try later")), HandClock()
    put(database, message("a"))
    assert deliver(database, mailbox, clock) == DeliveryReport(postponed=1)
    clock.forward(seconds=9)
    assert deliver(database, mailbox, clock).claimed == 0
    clock.forward(seconds=1)
    assert deliver(database, mailbox, clock) == DeliveryReport(postponed=1)
    clock.forward(seconds=20)
    assert deliver(database, mailbox, clock) == DeliveryReport(parked=1)
    assert state(database, "a") == (3, False, True, "try later")
    clock.forward(days=99)
    assert deliver(database, mailbox, clock).claimed == 0


def test_exception_is_a_failure(database: Database) -> None:
    """A delivery that raises is a failed attempt and does not hold up the others."""

    def fall(sent: Message) -> Outcome[None]:
        return Done(None) if sent.id == "b" else Done(print(1 // 0))  # noqa: T201 (never printed)

    mailbox = Mailbox(fall)
    put(database, message("a"), message("b"))
    report = deliver(database, mailbox, HandClock())
    assert report == DeliveryReport(delivered=1, postponed=1)
    assert state(database, "a")[3] == "ZeroDivisionError: integer division or modulo by zero"


def test_dead_deliverer_is_replaced(database: Database) -> None:
    """A message claimed by a deliverer that died is delivered when the lease has run out."""
    mailbox, clock = Mailbox(), HandClock()
    put(database, message("a"))
    _claim_and_die(database, clock)
    assert deliver(database, mailbox, clock).claimed == 0
    clock.forward(seconds=60)
    assert deliver(database, mailbox, clock).delivered == 1


def test_deadly_message_is_parked(database: Database) -> None:
    """A message over which deliverers keep dying is parked without another try."""
    mailbox, clock = Mailbox(), HandClock()
    put(database, message("a"))
    for _ in range(POLICY.attempts_max):
        _claim_and_die(database, clock)
        clock.forward(seconds=60)
    assert deliver(database, mailbox, clock) == DeliveryReport(parked=1)
    assert mailbox.arrived == []


def test_late_deliverer_changes_nothing(database: Database) -> None:
    """Who comes back after the lease ran out and another took over does not undo its outcome."""
    clock = HandClock()
    put(database, message("a"))

    def outlive(_: Message) -> Outcome[None]:
        clock.forward(seconds=60)
        deliver(database, Mailbox(), clock)
        return refuse("timeout", "no answer")

    assert deliver(database, Mailbox(outlive), clock) == DeliveryReport(lost=1)
    assert state(database, "a") == (2, True, False, "")


def test_lost_claim_closes_nothing(database: Database) -> None:
    """While another holds the message, the outcome of the older attempt is not taken."""
    put(database, message("a"))
    later = NEW_YEAR + timedelta(seconds=60)
    with database.runner() as unit:
        (old,) = unit.claims.claim(now=NEW_YEAR, lease_ends_at=later, limit=1)
        (new,) = unit.claims.claim(now=later, lease_ends_at=later, limit=1)
        assert not unit.claims.delivered(old, at=later)
        assert not unit.claims.postponed(old, until=later, reason="late")
        assert not unit.claims.parked(old, at=later, reason="late")
        assert unit.claims.delivered(new, at=later)


@pytest.mark.parametrize("round_size", [3])
def test_deliverers_share_the_work(database: Database, round_size: int) -> None:
    """Deliverers at work at once never hold the same message."""
    put(database, *[message(f"m{number:02}") for number in range(30)])
    start = Barrier(4)

    def claim(_: int) -> list[str]:
        start.wait()
        names: list[str] = []
        for _ in range(5):
            with database.runner() as unit:
                later = NEW_YEAR + timedelta(hours=1)
                claims = unit.claims.claim(now=NEW_YEAR, lease_ends_at=later, limit=round_size)
                names += [claim.message.id for claim in claims]
                unit.commit()
        return names

    with ThreadPoolExecutor(4) as threads:
        names = [name for names in threads.map(claim, range(4)) for name in names]
    assert sorted(names) == [f"m{number:02}" for number in range(30)]


def _claim_and_die(database: Database, clock: HandClock) -> None:
    with database.runner() as unit:
        lease_ends_at = clock.now() + timedelta(seconds=POLICY.lease_seconds)
        assert len(unit.claims.claim(now=clock.now(), lease_ends_at=lease_ends_at, limit=9)) == 1
        unit.commit()
