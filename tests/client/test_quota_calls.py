"""Questions about quotas, asked of a real server by both clients."""

import asyncio
from decimal import Decimal

import pytest

from tallystick.client import AsyncClient, Client, RequestRefused
from tallystick.client.quotas import Consume, Report, Spent, TakeLease
from tests.client.quota_tenants import entitle, standing
from tests.serving import Tenant


def test_each_call_is_answered(tenant: Tenant) -> None:
    """Checked, consumed once, reserved, committed, released, acquired, given back."""
    endpoint = entitle(tenant)
    with Client(endpoint) as client:
        quotas = client.quotas
        first = quotas.consume("acme", "tokens", quantity=Decimal("2.50"), id="r-1")
        again = quotas.consume("acme", "tokens", quantity=Decimal("2.50"), id="r-1")
        assert (first.allowed, first.remaining) == (True, Decimal("997.5"))
        assert (again.allowed, again.duplicate, again.used) == (True, True, Decimal("2.5"))
        held = quotas.reserve("acme", "tokens", reservation="job-1", quantity=100)
        assert held.reservation is not None
        assert (held.reservation.key, held.reservation.granted) == ("job-1", Decimal(100))
        assert quotas.check("acme", "tokens", quantity=900).reason == "limit_reached"
        assert quotas.commit("job-1", quantity=40).allowed
        quotas.reserve("acme", "tokens", reservation="job-2", quantity=5)
        assert quotas.release("job-2").allowed
        users = [quotas.acquire("acme", "users", unit=f"u{n}").allowed for n in range(4)]
        assert users == [True, True, True, False]
        assert quotas.give_back("acme", "users", unit="u0").remaining == 1
        assert quotas.check("acme", "nothing").reason == "not_entitled"
        with pytest.raises(RequestRefused, match="quantity"):
            quotas.consume("acme", "tokens", quantity=-1)
    assert standing(endpoint, "tokens") == (Decimal("42.5"), 0)


def test_many_are_asked_at_once(tenant: Tenant) -> None:
    """Decisions come in the order of the questions; one that is refused refuses no other."""
    endpoint = entitle(tenant)
    asked = [
        Consume(account="acme", feature="vital", source="t", id=f"{n}", quantity=Decimal(n))
        for n in (4, 9, 6)
    ]
    with Client(endpoint) as client:
        decisions = client.quotas.ask_all(asked)
        assert [each.allowed for each in decisions] == [True, False, True]
        assert client.quotas.ask_all([]) == ()
    assert standing(endpoint, "vital")[0] == 10


def test_the_asynchronous_client_asks_the_same(tenant: Tenant) -> None:
    """A lease is taken, reported and closed; what was not spent returns."""
    endpoint = entitle(tenant)

    async def story() -> list[Decimal | None]:
        async with AsyncClient(endpoint) as client:
            taken = await client.quotas.ask(
                TakeLease(account="acme", feature="calls", quantity=Decimal(100), lease="l-1")
            )
            assert taken.lease is not None
            assert (taken.lease.granted, taken.lease.seconds) == (Decimal(100), 60)
            spent = tuple(Spent(source="t", id=f"{n}", quantity=Decimal(1)) for n in range(3))
            closed = await client.quotas.ask(Report(lease="l-1", events=spent, close=True))
            two = await asyncio.gather(*(client.quotas.consume("acme", "calls") for _ in range(2)))
            assert all(each.allowed for each in two)
            return [closed.used, closed.held]

    assert asyncio.run(story()) == [3, 0]
    assert standing(endpoint, "calls") == (5, 0)
