"""Deliveries side by side: a slow address keeps its own messages waiting, and in their order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event

from tallystick.app.outbox import Lanes, Message, RetryPolicy, deliver_lane
from tallystick.kernel import Done, Outcome
from tests.app.test_outbox import message, put, state
from tests.clock import NEW_YEAR, HandClock
from tests.databases import Database

POLICY = RetryPolicy(batch=2)


def _call(name: str, webhook: str, *, wait: int = 0) -> Message:
    """Return a call of a webhook, due so many seconds after the new year."""
    made = message(name, wait=wait)
    return replace(made, topic="webhook.call", payload={"webhook": webhook})


@dataclass(slots=True)
class _Addresses:
    """Addresses, of which one answers only when it is let to."""

    slow: str = ""
    called: Event = field(default_factory=Event)
    answers: Event = field(default_factory=Event)
    arrived: list[str] = field(default_factory=list)

    def deliver(self, sent: Message) -> Outcome[None]:
        """Take a call."""
        if sent.payload["webhook"] == self.slow:
            self.called.set()
            assert self.answers.wait(30)
        self.arrived.append(sent.id)
        return Done(None)


@dataclass(slots=True)
class _Slowly:
    """An address that takes forty seconds for each call."""

    clock: HandClock
    arrived: list[str] = field(default_factory=list)

    def deliver(self, sent: Message) -> Outcome[None]:
        """Take a call."""
        self.clock.forward(seconds=40)
        self.arrived.append(sent.id)
        return Done(None)


def _round(database: Database, way_out: _Addresses) -> Callable[[], int]:
    lanes, clock = Lanes(database.runner), HandClock(NEW_YEAR)
    return lambda: (
        deliver_lane(database.runner, way_out, lanes=lanes, clock=clock, policy=POLICY).claimed
    )


def test_a_slow_address_keeps_no_other_waiting(database: Database) -> None:
    """While one call hangs, all other webhooks are told, and nobody else calls that address."""
    way_out = _Addresses(slow="w1")
    go = _round(database, way_out)
    put(database, *(_call(f"slow-{n}", "w1", wait=n - 10) for n in range(3)))
    put(database, *(_call(f"fast-{n}", f"w{n}", wait=-1) for n in (2, 3)))
    with ThreadPoolExecutor(1) as other:
        hanging = other.submit(go)
        assert way_out.called.wait(30)
        assert [go() for _ in range(3)] == [1, 1, 0]
        assert sorted(way_out.arrived) == ["fast-2", "fast-3"]
        way_out.answers.set()
        assert hanging.result() == 2
    assert (go(), go()) == (1, 0)
    assert [name for name in way_out.arrived if name.startswith("slow")] == [
        "slow-0",
        "slow-1",
        "slow-2",
    ]


def test_a_lane_is_given_back_before_its_lease_ends(database: Database) -> None:
    """What a slow address leaves over is not called by two: it is given back in time, and due."""
    clock = HandClock(NEW_YEAR)
    way_out = _Slowly(clock)
    lanes, policy = Lanes(database.runner), RetryPolicy(lease_seconds=120, batch=4)

    def go() -> int:
        return deliver_lane(
            database.runner, way_out, lanes=lanes, clock=clock, policy=policy
        ).claimed

    put(database, *(_call(f"c{n}", "w1", wait=n - 10) for n in range(4)))
    assert [go(), go(), go()] == [2, 2, 0]
    assert way_out.arrived == ["c0", "c1", "c2", "c3"]


def test_who_waits_longest_is_told_first(database: Database) -> None:
    """Lanes take turns by when their first message was due; a round is of one lane."""
    way_out = _Addresses()
    go = _round(database, way_out)
    put(database, _call("b", "w2", wait=-5), _call("a", "w1", wait=-9), _call("c", "w1", wait=-1))
    assert (go(), go(), go()) == (2, 1, 0)
    assert way_out.arrived == ["a", "c", "b"]
    assert state(database, "a") == (1, True, False, "")
