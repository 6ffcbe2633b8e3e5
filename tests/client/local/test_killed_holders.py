"""Holders of leases that are killed: the limit holds, nothing leaks, each use counts once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec

from tallystick.client import Endpoint, LocalQuotas, LocalTimes
from tests.client.local.holders import Figures
from tests.client.quota_tenants import counted, entitle, standing
from tests.serving import Tenant
from tests.waiting import wait_until

LIMIT = 1_000
HOLDERS = Path(__file__).with_name("holders.py")


@contextmanager
def _holding(
    endpoint: Endpoint, folder: Path, figures: Figures
) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """Start holders, and lend them once each has spent its first uses."""
    arguments = [endpoint.url, endpoint.key, str(folder), msgspec.json.encode(figures).decode()]
    with subprocess.Popen(
        [sys.executable, str(HOLDERS), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        children = [int(text) for text in process.stdout.readline().split()]
        wanted = figures.holders * figures.spent_first
        wait_until(lambda: _done(folder) == wanted, seconds_max=120, waiting_for="the first uses")
        yield process, children


def _done(folder: Path) -> int:
    """Return how many uses the holders were allowed, by their own account."""
    return sum(path.stat().st_size for path in folder.glob("done-*"))


def test_twenty_holders_of_which_some_are_killed(tenant: Tenant, tmp_path: Path) -> None:
    """Six of twenty are killed over half-spent slices; of 1,000 exactly 1,000 are used, once."""
    endpoint = entitle(tenant)
    figures = Figures(holders=20, slice=40, seconds=600, spent_first=30)
    with _holding(endpoint, tmp_path, figures) as (process, children):
        used, held = standing(endpoint, "calls")
        assert used + held == 20 * 40
        for child in children[:6]:
            os.kill(child, signal.SIGKILL)
        assert process.stdin is not None
        process.stdin.close()
        while process.poll() is None:
            used, held = standing(endpoint, "calls")
            assert used + held <= LIMIT
    times = LocalTimes(tick=0.02, left_behind=0.1)
    with LocalQuotas(endpoint, directory=tmp_path / "quotas", times=times) as quotas:
        wait_until(
            lambda: standing(endpoint, "calls") == (_done(tmp_path), 0),
            seconds_max=60,
            waiting_for="the books of the killed",
        )
        rest = LIMIT - _done(tmp_path)
        calls = quotas.leased("acme", "calls", quantity=7)
        assert [calls.consume().allowed for _ in range(rest + 1)] == [True] * rest + [False]
    wait_until(
        lambda: counted(tenant, "calls") == (LIMIT, LIMIT),
        seconds_max=60,
        waiting_for="each use in the log, once",
    )


def test_a_killed_holder_that_nobody_looks_for(tenant: Tenant, tmp_path: Path) -> None:
    """Its lease ends by itself; its uses arrive later, once, however often its book is found."""
    endpoint = entitle(tenant)
    figures = Figures(holders=1, slice=40, seconds=2, spent_first=30, tick=60)
    with _holding(endpoint, tmp_path, figures) as (process, children):
        os.kill(children[0], signal.SIGKILL)
        process.communicate()
    wait_until(
        lambda: standing(endpoint, "calls") == (0, 0),
        seconds_max=30,
        waiting_for="the end of the lease",
    )
    (book,) = (tmp_path / "quotas").glob("p-*/*.lease")
    said, place = book.read_bytes(), book.parent
    times = LocalTimes(tick=0.02, left_behind=0.1)
    for _ in range(2):
        with LocalQuotas(endpoint, directory=tmp_path / "quotas", times=times):
            wait_until(
                lambda: not place.exists(), seconds_max=30, waiting_for="the book to be told"
            )
        assert standing(endpoint, "calls") == (Decimal(30), 0)
        place.mkdir()
        book.write_bytes(said)
    wait_until(
        lambda: counted(tenant, "calls") == (30, 30),
        seconds_max=60,
        waiting_for="each use in the log, once",
    )
