"""
Quota decisions over HTTP, each durable when answered: one hot counter, and 10,000 spread.

Each as fast as 48 connections get their answers, and at 1,000 a second; with the processor time of
a decision in the owner (its carrying to the log included), in PostgreSQL, and in the generator.

Rival: an UPDATE of one row per decision in the same PostgreSQL, over one connection.
"""

import time
from collections.abc import Iterator, Mapping

import httpx
import msgspec
import psycopg

from bench.installation import Installation
from bench.load import Load, send
from bench.rows import Row

CONNECTIONS = 48
OK = 200
ACCOUNTS = 10_000
APPLIED_AT_ONCE = 2_000
PACE = 1_000
PLAN: dict[str, list[dict[str, object]]] = {
    "legal_entities": [
        {"key": "main", "name": "Main", "country": "DE", "zone": "UTC", "currency": "EUR"}
    ],
    "meters": [{"key": "calls", "event_type": "api.call", "aggregation": "count", "unit": "call"}],
    "features": [
        {"key": "calls", "kind": "metered", "meter": "calls", "window": {"every": "month"}}
    ],
    "plans": [
        {
            "key": "pro",
            "version": 1,
            "name": "Pro",
            "currency": "EUR",
            "interval": "month",
            "prices": [{"key": "base", "model": "flat", "amount": "10.00", "cadence": "advance"}],
            "entitlements": [{"feature": "calls", "limit": "1000000000"}],
        }
    ],
}


def measure_quotas(server: Installation, *, scale: int = 1) -> Iterator[Row]:
    """Yield the rows: a hot counter, and spread counters, each at least once asked before."""
    prepare(server)
    count = 20_000 * scale
    rival = _updates(server, 2_000)
    for work, accounts in (("one hot counter", 1), (f"{ACCOUNTS:,} counters", ACCOUNTS)):
        _decide(server, f"warm-{accounts}", max(accounts, 1_000), accounts)
        for pace, sent in ((0, count), (PACE, count // 2)):
            owner, postgres = server.cpu_seconds(), server.postgres_cpu_seconds()
            load = _decide(server, f"run-{accounts}-{pace}", sent, accounts, pace=pace)
            owner, postgres = server.cpu_seconds() - owner, server.postgres_cpu_seconds() - postgres
            rate = sent / load.seconds
            each = [1000 * seconds / sent for seconds in (owner, postgres, load.cpu_seconds)]
            yield Row(
                work=f"quota consume over HTTP, {work}" + (f", {pace:,}/s sent" if pace else ""),
                figure=f"{rate:,.0f} decisions/s",
                rival=f"PostgreSQL {rival:,.0f} (one UPDATE each, one connection)",
                ratio=f"{rate / rival:.2f}",
                note=f"{CONNECTIONS} connections, p50 {load.percentile(0.5) * 1000:.1f} ms, "
                f"p99 {load.percentile(0.99) * 1000:.1f} ms, CPU ms each: owner {each[0]:.2f}, "
                f"PostgreSQL {each[1]:.2f}, generator {each[2]:.2f}",
            )


def prepare(server: Installation, *, count: int = ACCOUNTS) -> None:
    """Declare the plan and sell it to so many accounts."""
    with httpx.Client(base_url=server.url, headers=server.headers, timeout=300) as client:
        apply(client, PLAN)
        for first in range(0, count, APPLIED_AT_ONCE):
            numbers = range(first, min(first + APPLIED_AT_ONCE, count))
            apply(
                client,
                {
                    "accounts": [account(f"a{number}") for number in numbers],
                    "subscriptions": [contract(f"a{number}") for number in numbers],
                },
            )


def account(key: str) -> dict[str, object]:
    """Return an account as a catalog declares it."""
    return {"key": key, "name": key, "zone": "UTC", "currency": "EUR", "invoiced": True}


def contract(account: str, *, plan: str = "pro") -> dict[str, object]:
    """Return a contract of an account, of this year."""
    return {
        "key": f"of-{account}",
        "account": account,
        "plan": plan,
        "version": 1,
        "legal_entity": "main",
        "start": "2026-01-01T00:00:00Z",
    }


def apply(client: httpx.Client, documents: Mapping[str, object]) -> None:
    """Declare what a catalog holds."""
    answer = client.post("/v1/catalog/apply", json={"documents": documents})
    answer.raise_for_status()


def _decide(server: Installation, run: str, count: int, accounts: int, *, pace: float = 0) -> Load:
    bodies = [
        msgspec.json.encode(
            {"account": f"a{n % accounts}", "feature": "calls", "source": run, "id": str(n)}
        )
        for n in range(count)
    ]
    headers = server.headers | {"content-type": "application/json"}
    load = send(
        f"{server.url}/v1/quota/consume",
        headers,
        bodies,
        connections=CONNECTIONS,
        requests_per_second=pace,
    )
    assert load.statuses == {OK: count}, load.statuses
    return load


def _updates(server: Installation, count: int) -> float:
    with psycopg.connect(server.postgres_uri, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.rival (id int PRIMARY KEY, used bigint)")
        connection.execute("INSERT INTO public.rival VALUES (1, 0)")
        started = time.perf_counter()
        for _ in range(count):
            connection.execute("UPDATE public.rival SET used = used + 1 WHERE id = 1")
        rate = count / (time.perf_counter() - started)
        connection.execute("DROP TABLE public.rival")
    return rate
