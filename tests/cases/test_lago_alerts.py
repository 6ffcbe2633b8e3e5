"""The thresholds of Lago's progressive billing, told as alerts: the same amounts are passed."""

from decimal import Decimal

from tallystick.thresholds import Watch, Watched
from tests.notation import Row, numbers, read_cases
from tests.thresholds.watching import absolute, reading, told

FILE = "lago-commitments-thresholds.md"
STEPS = ("PB-010", "PB-011", "PB-012", "PB-013", "PB-014", "PB-015", "PB-017")


def row(name: str) -> Row:
    """Return one row of the file."""
    (found,) = (one for one in read_cases(FILE) if one.id == name)
    return found


def test_spend_tells_where_an_invoice_is_due() -> None:
    """200, 500 and 700 once, then every 1,000, over all months: told where the file invoices."""
    *once, every = numbers(row("PB-010")["threshold(s)"])
    watch = Watch(
        watched=Watched.SPEND,
        thresholds=(
            *(absolute(int(amount)) for amount in once),
            absolute(int(every), recurring=True),
        ),
    )
    steps = [Decimal(220)] * 4 + [Decimal(2200)] * 3
    totals = [sum(steps[: n + 1], Decimal(0)) for n in range(len(steps))]
    readings = [reading(str(total), n, period=None) for n, total in enumerate(totals)]
    found = [bool(names) for names in told(watch, *readings)]
    assert found == [row(name)["expected"] != "none" for name in STEPS]


def test_a_threshold_told_once_stays_told_over_the_life_of_a_contract() -> None:
    """20000 once: month 1 tells it, later months do not, for the sum of all months never falls."""
    assert "none later" in row("PB-008")["expected"]
    (amount,) = numbers(row("PB-008")["threshold(s)"])
    watch = Watch(watched=Watched.SPEND, thresholds=(absolute(int(amount)),))
    totals = [20000, 60000, 120000]
    readings = [reading(total, n, period=None) for n, total in enumerate(totals)]
    assert told(watch, *readings) == [str(amount), "", ""]
