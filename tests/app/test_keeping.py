"""A keeper works when it is woken, not only when its pause is over."""

import time
from collections.abc import Callable
from threading import Event

import pytest

from tallystick.app.keeping import Keeper, each_in_turn
from tallystick.kernel import EngineUnavailable
from tests.waiting import wait_until

_LONG_SECONDS = 3600


def test_a_keeper_that_is_woken_works_before_its_pause_is_over() -> None:
    """What has become due is not left waiting."""
    rounds: list[int] = []
    keeper = Keeper("counting", lambda _: rounds.append(1), pause_seconds=_LONG_SECONDS)
    keeper.start()
    keeper.wake()
    wait_until(lambda: len(rounds) == 1, seconds_max=10, waiting_for="a round")
    keeper.wake()
    wait_until(lambda: len(rounds) > 1, seconds_max=10, waiting_for="another round")
    keeper.close()


def test_a_wake_during_a_round_is_heard_after_it() -> None:
    """Work that comes up while others are done is done next."""
    begun, go_on = Event(), Event()
    rounds: list[int] = []

    def work(going: Callable[[], bool]) -> None:
        del going
        rounds.append(1)
        begun.set()
        go_on.wait(10)

    keeper = Keeper("waiting", work, pause_seconds=_LONG_SECONDS)
    keeper.start()
    keeper.wake()
    assert begun.wait(10)
    keeper.wake()
    go_on.set()
    wait_until(lambda: len(rounds) > 1, seconds_max=10, waiting_for="the next round")
    keeper.close()


def test_wakes_while_a_keeper_rests_are_one_round() -> None:
    """What comes up in a rest is done together when it ends, however often it is told."""
    rounds: list[float] = []
    keeper = Keeper(
        "collecting",
        lambda _: rounds.append(time.monotonic()),
        pause_seconds=_LONG_SECONDS,
        rest_seconds=0.2,
    )
    keeper.start()
    keeper.wake()
    wait_until(lambda: len(rounds) == 1, seconds_max=10, waiting_for="a round")
    for _ in range(100):
        keeper.wake()
    wait_until(lambda: len(rounds) > 1, seconds_max=10, waiting_for="the round after the rest")
    keeper.close()
    assert len(rounds) == 2
    assert rounds[1] - rounds[0] >= 0.2


def test_a_keeper_in_its_pause_closes_at_once() -> None:
    """Nobody waits for a pause to end, and closing is no reason to work."""
    rounds: list[int] = []
    keeper = Keeper("resting", lambda _: rounds.append(1), pause_seconds=_LONG_SECONDS)
    keeper.start()
    keeper.close()
    assert rounds == []


def test_one_that_fails_keeps_no_other_waiting() -> None:
    """A workspace with a defect does not stand before all that come after it."""
    done: list[str] = []

    def work(name: str) -> None:
        if name == "b":
            raise ZeroDivisionError
        done.append(name)

    each_in_turn("abc", work, going=lambda: True)
    assert done == ["a", "c"]
    each_in_turn("abc", work, going=lambda: len(done) < 3)
    assert done == ["a", "c", "a"]


def test_an_engine_that_is_away_ends_the_round() -> None:
    """Nobody is asked in turn for what none of them can get."""
    asked: list[str] = []

    def work(name: str) -> None:
        asked.append(name)
        raise EngineUnavailable("PostgreSQL is away")

    with pytest.raises(EngineUnavailable):
        each_in_turn("abc", work, going=lambda: True)
    assert asked == ["a"]
