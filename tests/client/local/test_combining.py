"""Uses of many threads share requests, and each gets its own answer."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal

import pytest

from tallystick.client.errors import ProblemAnswer, RequestRefused, ServerUnreachable
from tallystick.client.local.combining import WAITING_MAX, Combiner
from tallystick.client.quotas import Consume, Decision
from tallystick.kernel import EngineBusy, Misuse


def _use(number: int) -> Consume:
    return Consume(
        account="acme", feature="calls", source="t", id=str(number), quantity=Decimal(number)
    )


def test_what_waits_goes_out_together() -> None:
    """While one request is on its way the others gather; nobody gets another's decision."""
    sizes: list[int] = []
    gate = threading.Event()

    def ask_all(asked: Sequence[Consume]) -> list[Decision]:
        sizes.append(len(asked))
        gate.wait(10)
        return [Decision(allowed=True, reason="ok", quantity=each.quantity) for each in asked]

    combiner = Combiner(ask_all, gather_seconds=0)
    first = combiner.submit(_use(0))
    others = [combiner.submit(_use(number)) for number in range(1, 501)]
    gate.set()
    assert first.result(10).quantity == 0
    assert [future.result(10).quantity for future in others] == list(range(1, 501))
    combiner.close()
    assert sum(sizes) == 501
    assert len(sizes) <= 3
    with pytest.raises(Misuse, match="closed"):
        combiner.submit(_use(1))


def test_one_wrong_question_does_not_refuse_the_others() -> None:
    """A refused request is asked again in halves, until what is wrong stands alone."""
    wrong = RequestRefused(ProblemAnswer(status=422, code="invalid", message="no such"))

    def ask_all(asked: Sequence[Consume]) -> list[Decision]:
        if any(each.id == "7" for each in asked):
            raise wrong
        return [Decision(allowed=True, reason="ok", quantity=each.quantity) for each in asked]

    combiner = Combiner(ask_all, gather_seconds=0.05)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda number: combiner.submit(_use(number)), range(16)))
    errors = [future.exception(10) for future in found]
    assert [number for number, error in enumerate(errors) if error is not None] == [7]
    assert errors[7] is wrong
    combiner.close()


def test_who_cannot_ask_is_told_so_and_the_queue_is_bounded() -> None:
    """Each caller of a failed request gets the failure; too many waiting are refused at once."""
    gate = threading.Event()

    def ask_all(asked: Sequence[Consume]) -> list[Decision]:
        gate.wait(10)
        raise ServerUnreachable(f"{len(asked)} in vain")

    combiner = Combiner(ask_all, gather_seconds=0)
    futures: list[Future[Decision]] = []

    def submit_too_many() -> None:
        futures.extend(combiner.submit(_use(number)) for number in range(WAITING_MAX + 1_001))

    with pytest.raises(EngineBusy, match="wait for the server"):
        submit_too_many()
    gate.set()
    assert all(isinstance(future.exception(10), ServerUnreachable) for future in futures)
    combiner.close()
