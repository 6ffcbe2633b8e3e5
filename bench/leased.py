"""
Leased quota in a process: what one use costs, its line in the book included.

Rival: looking the account and feature up in two dictionaries, which decides nothing.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.installation import Installation
from bench.quotas import prepare
from bench.rows import Row
from tallystick.client import Client, Endpoint, LeasedQuota, LocalQuotas

USES = 5_000
ROUNDS = 21
SLICE = 50_000
THREADS = 8
ACCOUNT = "a1"


def measure_leased(server: Installation) -> Iterator[Row]:
    """Yield one row."""
    prepare(server, count=2)
    endpoint = Endpoint(url=server.url, key=server.token)
    known = {ACCOUNT: {"calls": 1}}
    before = _used(endpoint)
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalQuotas(endpoint, directory=Path(folder), source="bench-leased") as quotas,
    ):
        calls = quotas.leased(ACCOUNT, "calls", quantity=SLICE, seconds=600)
        rival = _micros(lambda: known[ACCOUNT]["calls"], clock=time.perf_counter)
        single = _micros(lambda: _use(calls), clock=time.perf_counter)
        cpu = _micros(lambda: _use(calls), clock=time.thread_time)
        together = _together(calls)
    used = _used(endpoint) - before
    assert used == USES * (2 * ROUNDS + THREADS), used
    yield Row(
        work="quota consume in process, through a lease",
        figure=f"{single:.2f} microseconds",
        rival=f"two dict lookups, {rival:.3f}",
        ratio=f"{single / rival:.0f}",
        note=f"median of {ROUNDS} rounds of {USES:,}, {cpu:.2f} of the thread's CPU; {THREADS} "
        f"threads on one lease {together:.2f} a use; reported meanwhile, all counted",
    )


def _used(endpoint: Endpoint) -> int:
    with Client(endpoint) as client:
        return int(client.quotas.check(ACCOUNT, "calls", quantity=0).used or 0)


def _use(calls: LeasedQuota) -> None:
    assert calls.consume().allowed


def _micros(use: Callable[[], object], *, clock: Callable[[], float]) -> float:
    """Return the median over rounds of what one call takes, in microseconds."""
    rounds = []
    for _ in range(ROUNDS):
        started = clock()
        for _ in range(USES):
            use()
        rounds.append((clock() - started) / USES * 1e6)
    return statistics.median(rounds)


def _together(calls: LeasedQuota) -> float:
    def spend() -> None:
        for _ in range(USES):
            _use(calls)

    threads = [threading.Thread(target=spend) for _ in range(THREADS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - started) / (THREADS * USES) * 1e6
