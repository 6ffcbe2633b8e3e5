"""Leased quota against a real server: spent here, counted there once, never beyond the limit."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.client import Endpoint, LocalQuotas, LocalTimes
from tallystick.client.quotas import Decision
from tallystick.kernel import Misuse
from tests.client.quota_tenants import counted, entitle, standing
from tests.serving import Tenant
from tests.waiting import wait_until

QUICK = LocalTimes(tick=0.02, left_behind=0.1)


def _open(endpoint: Endpoint, folder: Path) -> LocalQuotas:
    return LocalQuotas(endpoint, directory=folder, times=QUICK)


def test_threads_spend_a_limit_to_its_end_and_no_further(tenant: Tenant, tmp_path: Path) -> None:
    """Eight threads want 1,600 of 1,000 in slices of 64: exactly 1,000 are allowed and counted."""
    endpoint = entitle(tenant)
    with _open(endpoint, tmp_path) as quotas:
        calls = quotas.leased("acme", "calls", quantity=64)
        with ThreadPoolExecutor(8) as pool:
            allowed = list(pool.map(lambda _: calls.consume().allowed, range(1_600)))
        refused = calls.consume()
        assert (refused.allowed, refused.reason) == (False, "limit_reached")
        assert refused.resets_at is not None
    assert sum(allowed) == 1_000
    assert standing(endpoint, "calls") == (1_000, 0)
    wait_until(
        lambda: counted(tenant, "calls") == (1_000, 1_000),
        seconds_max=30,
        waiting_for="the events of leases in the log",
    )
    assert list(tmp_path.glob("p-*")) == []


def test_what_is_left_returns_when_it_is_closed(tenant: Tenant, tmp_path: Path) -> None:
    """Closing reports what was spent and gives back the rest; a new process has nothing to tell."""
    endpoint = entitle(tenant)
    with _open(endpoint, tmp_path) as quotas:
        tokens = quotas.leased("acme", "tokens", quantity=100)
        for part in ("0.10", "0.20", "99"):
            assert tokens.consume(Decimal(part), data={"model": "small"}).allowed
        wait_until(
            lambda: tokens.unreported == 0, seconds_max=10, waiting_for="the background report"
        )
        assert standing(endpoint, "tokens")[0] == Decimal("99.3")
    assert standing(endpoint, "tokens") == (Decimal("99.3"), 0)
    with pytest.raises(Misuse, match="closed"):
        tokens.consume()


def test_a_use_larger_than_any_slice_is_decided_by_the_server(
    tenant: Tenant, tmp_path: Path
) -> None:
    """What is at hand goes back first, so that the whole limit can pay."""
    endpoint = entitle(tenant)
    with _open(endpoint, tmp_path) as quotas:
        tokens = quotas.leased("acme", "tokens", quantity=10)
        assert tokens.consume(3).allowed
        assert tokens.consume(997).allowed
        assert not tokens.consume(1).allowed
    assert standing(endpoint, "tokens") == (1_000, 0)


def test_a_slice_ends_and_nobody_renews_what_is_not_used(tenant: Tenant, tmp_path: Path) -> None:
    """After its seconds an idle slice is back, and the next use takes a new one."""
    endpoint = entitle(tenant)
    with _open(endpoint, tmp_path) as quotas:
        calls = quotas.leased("acme", "calls", quantity=50, seconds=1)
        assert calls.consume().allowed
        wait_until(
            lambda: standing(endpoint, "calls") == (1, 0),
            seconds_max=15,
            waiting_for="the end of idle slices",
        )
        assert calls.consume_now() is None
        assert calls.consume().allowed


def test_tasks_wait_for_the_server_without_stopping_the_loop(
    tenant: Tenant, tmp_path: Path
) -> None:
    """From asyncio: at hand at once, else beside the loop."""
    endpoint = entitle(tenant)

    async def spend(quotas: LocalQuotas) -> list[bool]:
        calls = quotas.leased("acme", "calls", quantity=5)
        leased = [calls.consume_async() for _ in range(40)]
        asked = [quotas.consume_async("acme", "calls", id=f"a-{n}") for n in range(40)]
        return [each.allowed for each in await asyncio.gather(*leased, *asked)]

    with _open(endpoint, tmp_path) as quotas:
        assert asyncio.run(spend(quotas)) == [True] * 80
    assert standing(endpoint, "calls") == (80, 0)


def _is_refused(use: Callable[[], Decision]) -> bool:
    try:
        use()
    except Misuse:
        return True
    return False


def test_a_child_of_a_fork_does_not_spend_what_its_parent_holds(
    tenant: Tenant, tmp_path: Path
) -> None:
    """Two processes never spend one slice: the child is told to make its own."""
    endpoint = entitle(tenant)
    with _open(endpoint, tmp_path) as quotas:
        calls = quotas.leased("acme", "calls", quantity=5)
        assert calls.consume().allowed
        child = os.fork()
        if not child:
            let_through = 2
            try:
                let_through -= _is_refused(calls.consume)
                let_through -= _is_refused(lambda: quotas.consume("acme", "calls"))
                quotas.close()
            finally:
                os._exit(let_through)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert calls.consume().allowed
    assert standing(endpoint, "calls") == (2, 0)
