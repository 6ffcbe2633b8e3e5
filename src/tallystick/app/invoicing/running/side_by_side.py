"""Goes through payers with their contracts, some hundred at a time."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeAlias, TypeVar

from tallystick.kernel import AccountKey, SubscriptionKey

TOGETHER = 200
"""Payers that are billed together."""
AT_ONCE = 2
"""So many times: while some are drafted, those before them are stored."""
ALONE_MAX = 20
"""Payers up to which each is billed alone."""

Result = TypeVar("Result")
Payers: TypeAlias = Mapping[AccountKey, Sequence[SubscriptionKey]]
Turn: TypeAlias = Callable[[], object]
Work: TypeAlias = Callable[[Payers, Turn], Mapping[AccountKey, Result]]


def each_payer(
    payers: Payers, work: Work[Result]
) -> Iterator[tuple[AccountKey, Sequence[SubscriptionKey], Result]]:
    """
    Work on payers, and yield what came of each in their order.

    Whoever stops early waits for those that are under way; no others are begun.

    Args:
        payers: with their contracts.
        work: on some of them, in a thread of its own; it is given a function that returns when the
            work on those before has ended, so that numbers are in the order of the payers.
    """
    left = iter(payers.items())
    size = 1 if len(payers) <= ALONE_MAX else TOGETHER
    under_way: deque[tuple[Payers, Future[Mapping[AccountKey, Result]]]] = deque()
    last: Future[Mapping[AccountKey, Result]] | None = None
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="billing")
    try:
        while True:
            while len(under_way) < (1 if size == 1 else AT_ONCE):
                together: Payers = dict(islice(left, size))
                if not together:
                    break
                last = pool.submit(work, together, _turn_behind(last))
                under_way.append((together, last))
            if not under_way:
                return
            together, done = under_way.popleft()
            results = done.result()
            for payer, contracts in together.items():
                yield payer, contracts, results[payer]
    finally:
        pool.shutdown(cancel_futures=True)


def _turn_behind(before: Future[Mapping[AccountKey, Result]] | None) -> Turn:
    """Return what waits for the work before, however it ends."""
    return (lambda: None) if before is None else before.exception
