"""Works through payers with their contracts, some of them side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from tallystick.catalog import Subscription
from tallystick.kernel import AccountKey

TOGETHER = 200
"""Payers whose usage is read at once."""
SIDE_BY_SIDE = 4
"""Payers that are worked on at once, each on a connection of its own."""
ALONE_MAX = 20
"""Payers up to which one comes after the other, so that numbers are in the order of their keys."""

Payers = Mapping[AccountKey, list[Subscription]]
Read = TypeVar("Read")
Result = TypeVar("Result")


def each_payer(
    payers: Payers,
    *,
    read: Callable[[Sequence[Subscription]], Read],
    work: Callable[[Read, AccountKey, list[Subscription]], Result],
) -> Iterator[tuple[AccountKey, list[Subscription], Result]]:
    """
    Work on each payer, and yield what came of each in their order.

    Of many payers some are worked on side by side, since each mostly waits for the store.  Whoever
    stops early waits for those that are under way; no others are begun.

    Args:
        payers: with their subscriptions.
        read: what is read for some payers at once.
        work: on one of them, with that; in a thread of its own.
    """
    left = iter(payers.items())
    while together := [*islice(left, TOGETHER)]:
        had = read([one for _, subscriptions in together for one in subscriptions])
        if len(payers) <= ALONE_MAX:
            for payer, subscriptions in together:
                yield payer, subscriptions, work(had, payer, subscriptions)
            continue
        pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="billing")
        try:
            results = [pool.submit(work, had, *each) for each in together]
            for (payer, subscriptions), result in zip(together, results, strict=True):
                yield payer, subscriptions, result.result()
        finally:
            pool.shutdown(cancel_futures=True)
