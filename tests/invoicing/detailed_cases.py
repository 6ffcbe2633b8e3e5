"""Prices of every model with the usage of a January, and what its invoice must say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tallystick.invoicing import Basis
from tallystick.kernel import Done, MeterKey
from tallystick.metering import Aggregation, Dimension, Event, Meter
from tallystick.pricing import Price, price_from_document
from tests.invoicing.world import BASIS, PLAN, event

PAID = Meter(
    key=MeterKey("paid"),
    event_type="payment",
    aggregation=Aggregation.SUM,
    value="amount",
    unit="count",
    negative_allowed=True,
    dimensions=(Dimension(name="scheme", path="scheme"),),
)
POWER = Meter(
    key=MeterKey("power"),
    event_type="power",
    aggregation=Aggregation.SUM,
    value="units",
    unit="hour",
    dimensions=(Dimension(name="site", path="site"),),
)
MACHINE = Meter(
    key=MeterKey("machine"),
    event_type="machine",
    aggregation=Aggregation.TIME_WEIGHTED,
    value="running",
    unit="vm",
)
SEATS = Meter(
    key=MeterKey("seats"),
    event_type="seat",
    aggregation=Aggregation.TIME_WEIGHTED,
    value="seats",
    unit="count",
    negative_allowed=True,
    dimensions=(Dimension(name="team", path="team"), Dimension(name="id", path="id")),
)
BANDS = [
    {"name": "peak", "unit_price": "0.30", "begin": "08:00", "end": "20:00"},
    {"name": "night", "unit_price": "0.10", "begin": "22:00", "end": "06:00"},
]


def payment(position: int, at: str, amount: str, scheme: str = "a") -> Event:
    """Return a payment of an amount."""
    data = f'{{"amount":{amount},"scheme":"{scheme}"}}'
    return event(position, at, data=data, type="payment", subject="acme")


def power(position: int, at: str, units: str, site: str = "a") -> Event:
    """Return units used at an instant."""
    data = f'{{"units":{units},"site":"{site}"}}'
    return event(position, at, data=data, type="power", subject="acme")


def machine(position: int, at: str, running: int) -> Event:
    """Return that machines run from an instant on."""
    return event(position, at, data=f'{{"running":{running}}}', type="machine", subject="vm-1")


def seats(position: int, at: str, number: int, team: str = "a") -> Event:
    """Return that a team has so many seats more, or less where it is below 0, from an instant."""
    data = f'{{"seats":{number},"team":"{team}","id":"{position}"}}'
    return event(position, at, data=data, type="seat", subject="acme")


def price(meter: Meter, fields: Mapping[str, object]) -> Price:
    """Return the price of a document."""
    outcome = price_from_document(
        {"key": "it", "meter": meter.key, "currency": "USD"} | dict(fields)
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def basis_of(meter: Meter, fields: Mapping[str, object], zone: str = "UTC") -> Basis:
    """Return the world's contract with this one price."""
    plan = replace(PLAN, prices=(price(meter, fields),))
    return replace(BASIS, plan=plan, meters=(meter,), zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """A price, what was used in January, and what its lines must be."""

    meter: Meter
    price: Mapping[str, object]
    events: Sequence[Event]
    lines: Mapping[str, str]
    steps: Sequence[str]


CASES = {
    "percentage of each": Billed(
        meter=PAID,
        price={
            "model": "percentage",
            "percent": "1.3",
            "fixed": "2",
            "free_transactions": "3",
            "free_amount": "250",
        },
        events=[
            payment(1, "2026-01-04T00:00:00Z", "400"),
            payment(2, "2026-01-01T00:00:00Z", "50"),
            payment(3, "2026-01-03T00:00:00Z", "250"),
            payment(4, "2026-01-02T00:00:00Z", "100"),
        ],
        lines={"it": "11.15"},
        steps=["free, transactions: 2", "1.3 %: 550 x 0.013 = 7.15", "for each transaction: 2 x 2"],
    ),
    "percentage by scheme": Billed(
        meter=PAID,
        price={
            "model": "percentage",
            "percent": "10",
            "transaction_minimum": "2",
            "group_by": ["scheme"],
        },
        events=[
            payment(1, "2026-01-01T00:00:00Z", "5", "b"),
            payment(2, "2026-01-01T00:00:00Z", "5", "a"),
            payment(3, "2026-01-02T00:00:00Z", "50", "a"),
        ],
        lines={"it (scheme a)": "7.00", "it (scheme b)": "2.00"},
        steps=["raised to the minimum, transactions: 1: flat 1.5 = 1.5"],
    ),
    "percentage by sum and count": Billed(
        meter=PAID,
        price={"model": "percentage", "percent": "2.9", "fixed": "0.30"},
        events=[payment(1, "2026-01-01T00:00:00Z", "10"), payment(2, "2026-01-01T00:00:00Z", "20")],
        lines={"it": "1.47"},
        steps=["for each transaction: 2 x 0.3 = 0.6"],
    ),
    "matrix": Billed(
        meter=PAID,
        price={
            "model": "matrix",
            "group_by": ["scheme"],
            "cells": [{"where": {"scheme": "a"}, "unit_price": "0.5"}],
            "default_price": "2",
        },
        events=[
            payment(1, "2026-01-01T00:00:00Z", "10", "a"),
            payment(2, "2026-01-02T00:00:00Z", "10", "new"),
        ],
        lines={"it (scheme a)": "5.00", "it (scheme new)": "20.00"},
        steps=["scheme a: 10 x 0.5 = 5"],
    ),
    "time of use": Billed(
        meter=POWER,
        price={"model": "time_of_use", "bands": BANDS, "otherwise": "0.20", "allowance": "1"},
        events=[
            power(1, "2026-01-10T09:00:00Z", "4"),
            power(6, "2026-01-01T00:00:00Z", "1"),
            power(2, "2026-01-10T20:00:00Z", "2"),
            power(3, "2026-01-10T23:00:00Z", "3"),
            power(4, "2026-01-11T05:59:59Z", "1"),
            power(5, "2026-01-11T06:00:00Z", "1"),
        ],
        lines={"it": "2.00"},
        steps=[
            "allowance: 1",
            "peak: 3 x 0.3 = 0.9",
            "night: 5 x 0.1 = 0.5",
            "otherwise: 3 x 0.2 = 0.6",
        ],
    ),
    "time of use by site": Billed(
        meter=POWER,
        price={
            "model": "time_of_use",
            "bands": BANDS,
            "otherwise": "0.20",
            "group_by": ["site"],
        },
        events=[
            power(1, "2026-01-10T09:00:00Z", "4", "x"),
            power(2, "2026-01-10T09:00:00Z", "1", "y"),
            power(3, "2026-01-10T23:00:00Z", "3", "y"),
        ],
        lines={"it (site x)": "1.20", "it (site y)": "0.60"},
        steps=["peak: 4 x 0.3 = 1.2"],
    ),
    "spot": Billed(
        meter=MACHINE,
        price={
            "model": "dynamic",
            "unit": "vm.hour",
            "series": [
                {"at": "2026-01-01T00:00:00Z", "unit_price": "0.5"},
                {"at": "2026-01-05T10:00:00Z", "unit_price": "0.31"},
                {"at": "2026-01-05T11:00:00Z", "unit_price": "0.45"},
                {"at": "2026-01-05T12:00:00Z", "unit_price": "0.29"},
            ],
        },
        events=[machine(1, "2026-01-05T10:00:00Z", 1), machine(2, "2026-01-05T12:20:00Z", 0)],
        lines={"it": "0.86"},
        steps=["rate of 2026-01-05T11:00:00.000000Z: 1 x 0.45 = 0.45"],
    ),
    "level, prorated": Billed(
        meter=SEATS,
        price={
            "model": "graduated",
            "prorated": True,
            "tiers": [
                {"up_to": "5", "unit_price": "31", "flat": "100"},
                {"unit_price": "62", "flat": "50"},
            ],
        },
        events=[
            seats(1, "2025-11-05T00:00:00Z", 4),
            seats(2, "2026-01-11T09:30:00Z", 3),
            seats(3, "2026-01-21T23:00:00Z", -4),
        ],
        # 4 x 31/31 + 1 x 21/31 - 2 x 11/31 in tier 1, 2 x 21/31 - 2 x 11/31 in tier 2.
        lines={"it": "313.00"},
        steps=["tier 1: up to 5: 3.96"],
    ),
    "level, prorated by team": Billed(
        meter=SEATS,
        price={
            "model": "graduated",
            "prorated": True,
            "group_by": ["team"],
            "tiers": [{"up_to": "1", "unit_price": "0"}, {"unit_price": "31"}],
        },
        events=[
            seats(1, "2026-01-01T00:00:00Z", 2, "x"),
            seats(2, "2026-01-31T12:00:00Z", 5, "y"),
        ],
        lines={"it (team x)": "31.00", "it (team y)": "4.00"},
        steps=["tier 2: above 1: 1 x 31 = 31"],
    ),
    "each run": Billed(
        meter=MACHINE,
        price={
            "model": "unit",
            "unit_price": "36",
            "unit": "vm.hour",
            "each_run": {"minimum_seconds": "60", "step_seconds": "50"},
        },
        events=[
            machine(1, "2025-12-31T23:59:59Z", 1),
            machine(2, "2026-01-01T00:00:10Z", 0),
            machine(3, "2026-01-05T10:00:00Z", 1),
            machine(4, "2026-01-05T10:00:30Z", 0),
            machine(5, "2026-01-31T23:57:00Z", 2),
            machine(6, "2026-01-31T23:59:00Z", 0),
        ],
        # 100 s less the one before January of the run carried in, 100 s of the short one, 2 x 150 s
        # of the last.
        lines={"it": "4.99"},
        steps=["runs raised to at least 60 seconds: 2", "steps of 50 seconds: 3"],
    ),
    "amounts in the events": Billed(
        meter=PAID,
        price={"model": "dynamic", "factor": "1.33333"},
        events=[payment(1, "2026-01-01T00:00:00Z", "10")],
        lines={"it": "13.33"},
        steps=["amount of the events: 10 x 1.33333"],
    ),
    "cost plus": Billed(
        meter=PAID,
        price={"model": "cost_plus", "markup_percent": "15"},
        events=[payment(1, "2026-01-01T00:00:00Z", "200")],
        lines={"it": "230.00"},
        steps=["markup of 15 %: 200 x 0.15 = 30"],
    ),
    "committed": Billed(
        meter=POWER,
        price={
            "model": "committed",
            "commitment": "100",
            "unit_price": "0.05",
            "overage_price": "0.08",
        },
        events=[power(1, "2026-01-01T00:00:00Z", "130")],
        lines={"it": "7.40"},
        steps=["above the commitment of 100: 30 x 0.08 = 2.4"],
    ),
    "committed in each day": Billed(
        meter=POWER,
        price={
            "model": "committed",
            "commitment": "10",
            "unit_price": "0.05",
            "overage_price": "0.08",
            "each": {"window": "day", "days": ["mon", "tue"], "otherwise": "0.20"},
        },
        # Eight Mondays and Tuesdays; one has 12, one 4, a Wednesday 5.
        events=[
            power(1, "2026-01-05T09:00:00Z", "12"),
            power(2, "2026-01-13T20:00:00Z", "4"),
            power(3, "2026-01-14T00:00:00Z", "5"),
        ],
        lines={"it": "5.16"},
        steps=[
            "committed and used in each day: 14 x 0.05 = 0.7",
            "committed, not used in each day: 66 x 0.05 = 3.3",
            "above the commitment of 10 in each day: 2 x 0.08 = 0.16",
            "at other times: 5 x 0.2 = 1",
        ],
    ),
    "stairstep": Billed(
        meter=POWER,
        price={"model": "stairstep", "tiers": [{"up_to": "10", "flat": "5"}, {"flat": "9"}]},
        events=[power(1, "2026-01-01T00:00:00Z", "11")],
        lines={"it": "9.00"},
        steps=["tier 2: above 10: flat 9 = 9"],
    ),
    "formula": Billed(
        meter=POWER,
        price={
            "model": "formula",
            "group_by": ["site"],
            "formula": 'if dimension.site == "x" then quantity * 2 else max(5, quantity)',
        },
        events=[
            power(1, "2026-01-01T00:00:00Z", "3", "x"),
            power(2, "2026-01-01T00:00:00Z", "3", "y"),
        ],
        lines={"it (site x)": "6.00", "it (site y)": "5.00"},
        steps=["flat 6 = 6"],
    ),
    "everything around": Billed(
        meter=POWER,
        price={
            "model": "unit",
            "unit_price": "1",
            "rounding": {"step": "10"},
            "discounts": [{"percent": "10"}, {"amount": "5"}],
            "maximum": "100",
        },
        events=[power(1, "2026-01-01T00:00:00Z", "121")],
        lines={"it": "100.00"},
        steps=["rounded up from 121 to 130", "discount of 10 %", "down to the maximum of 100"],
    ),
}
