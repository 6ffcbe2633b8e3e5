"""
Questions about usage over HTTP, beside the same SQL by hand over typed columns, as events grow.

Measured at an eighth, a quarter, a half and all of the events that were asked for. A question is
asked by one client, one at a time. The hand-written query knows its table and nothing of meters.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.rows import Row
from bench.stored import Stored

QUESTIONS_MAX, QUESTIONS_MIN = 200, 10
SECONDS_MAX = 4.0
PARTS = (8, 4, 2, 1)
MONTH = {"start": "2026-11-01T00:00:00Z", "end": "2026-12-01T00:00:00Z"}
HUNDREDTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is asked over HTTP, the same by hand, and the check of the answer."""

    name: str
    ask: Callable[[], Any]
    by_hand: str


def measure_usage(stored: Stored) -> Iterator[Row]:
    """Yield the rows about questions at each size; what a folder holds beyond a size is kept."""
    customer = _hundredth()
    stored.declare([f"customer-{each}" for each in (0, customer)])
    for part in PARTS:
        if part > 1 and stored.begun > stored.planned // part:
            continue
        stored.fill(stored.planned // part)
        for question in _questions(stored, customer):
            stored.say(f"{question.name}, {stored.events:,} events")
            yield _row(stored, question)


def _hundredth() -> int:
    """Return the greatest customer of at most a hundredth of all events; the law says which."""
    shares = [1 / (rank**1.1) for rank in range(1, 10_001)]
    fits = (place for place, share in enumerate(shares) if share <= sum(shares) / HUNDREDTH)
    return next(fits)


def _questions(stored: Stored, customer: int) -> Iterator[_Question]:
    for name, number in (("the largest customer", 0), ("a customer of a hundredth", customer)):
        yield _Question(
            name=f"{name}, {stored.count_of(number):,} events",
            ask=_customer(stored, number),
            by_hand=f"SELECT sum(value) FROM rival WHERE subject = 'customer-{number}' "
            "AND time >= '2026-11-01' AND time < '2026-12-01'",
        )
    yield _Question(
        name="all customers, day by day",
        ask=_all_by_day(stored),
        by_hand="SELECT toDate(time) AS day, sum(value) FROM rival "
        "WHERE time >= '2026-11-01' AND time < '2026-12-01' GROUP BY day",
    )
    yield _Question(
        name="the ten greatest customers and the rest",
        ask=_greatest(stored),
        by_hand="SELECT subject, sum(value) AS total FROM rival WHERE time >= '2026-11-01' "
        "AND time < '2026-12-01' GROUP BY subject ORDER BY total DESC LIMIT 10",
    )


def _customer(stored: Stored, number: int) -> Callable[[], Any]:
    query = {"meter": "calls", "account": f"customer-{number}", "window": "total", **MONTH}

    def ask() -> None:
        (row,) = stored.http.get("/v1/usage", params=query).raise_for_status().json()["items"]
        assert row["quantity"] == stored.sum_of(number), (row, stored.sum_of(number))

    return ask


def _all_by_day(stored: Stored) -> Callable[[], Any]:
    query = {"meter": "calls", "window": "day", **MONTH}

    def ask() -> None:
        rows = stored.http.get("/v1/usage", params=query).raise_for_status().json()["items"]
        assert sum(row["events"] for row in rows) == stored.events, rows

    return ask


def _greatest(stored: Stored) -> Callable[[], Any]:
    order = {
        "meters": ["calls"],
        "window": "total",
        "group_by": ["subject"],
        "top": {"count": 10, "others": True},
        **MONTH,
    }

    def ask() -> None:
        rows = stored.http.post("/v1/usage/query", json=order).raise_for_status().json()["items"]
        assert sum(row["events"] for row in rows) == stored.events, rows

    return ask


def _row(stored: Stored, question: _Question) -> Row:
    before = stored.server.cpu_seconds()
    ours = _timed(question.ask)
    spent = (stored.server.cpu_seconds() - before) / len(ours)
    by_hand = _timed(lambda: stored.rival.query(question.by_hand))
    return Row(
        work=question.name,
        figure=f"p50 {_at(ours, 0.5):.1f}, p99 {_at(ours, 0.99):.1f} ms",
        rival=f"by hand p50 {_at(by_hand, 0.5):.1f}, p99 {_at(by_hand, 0.99):.1f} ms",
        ratio=f"{_at(ours, 0.5) / _at(by_hand, 0.5):.1f}",
        note=f"{stored.events:,} events stored, {len(ours)} questions, "
        f"owner {spent * 1000:.1f} CPU ms each",
    )


def _at(times: list[float], share: float) -> float:
    """Return milliseconds that this share of the questions did not exceed."""
    return times[min(len(times) - 1, int(share * len(times)))] * 1000


def _timed(ask: Callable[[], object]) -> list[float]:
    ask()
    times: list[float] = []
    while len(times) < QUESTIONS_MIN or (len(times) < QUESTIONS_MAX and sum(times) < SECONDS_MAX):
        started = time.perf_counter()
        ask()
        times.append(time.perf_counter() - started)
    return sorted(times)
