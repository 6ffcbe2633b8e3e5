"""Prices and commitments as Flexprice's public suite observed them."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest

from tallystick.invoicing import Line
from tallystick.invoicing.line import credit_of
from tallystick.invoicing.whole import covered
from tallystick.kernel import Amount, Done, Money, Period, Refused, currency, instant, settle, split
from tallystick.metering import exact_sum
from tallystick.pricing import Unrateable, pieces_of, usage_from_document, windows_of
from tests.cases import burned
from tests.cases.couponed import off, written
from tests.cases.priced import Tiers, amount, price, tiers
from tests.invoicing.contract import day, fee, plan, subscribed
from tests.invoicing.crediting import bill, give, grant
from tests.notation import CaseBook, Check, Reason, Row, numbers
from tests.payments.till import Till
from tests.tally import row_tests

FILE = "openmeter-flexprice.md"

BY_50: Tiers = (("10", "50", "0"), ("20", "40", "0"), (None, "30", "0"))
FREE_FIRST: Tiers = (("5", "0", "0"), ("10", "2", "0"), (None, "3", "0"))
WITH_FLAT: Tiers = (("5", "0", "1"), ("10", "1", "2"), (None, "2", "0"))
BY_10: Tiers = (("1", "10", "0"), ("2", "20", "0"), (None, "30", "0"))
SEATS: Tiers = (("10", "5", "0"), ("50", "3", "0"), (None, "1", "0"))


def unit(price: str) -> dict[str, object]:
    """Return a price of each unit."""
    return {"model": "unit", "unit_price": price}


def package(price: str, size: str, mode: str = "up") -> dict[str, object]:
    """Return a price of packages; rounded down, those that are full."""
    rounding = {} if mode == "up" else {"rounding": {"step": size, "mode": mode}}
    return {"model": "package", "package_price": price, "package_size": size, **rounding}


def tiered(model: str, rows: Tiers) -> dict[str, object]:
    """Return a price with tiers."""
    return {"model": model, "tiers": tiers(rows)}


def committed(units: str, price: str, overage: str) -> dict[str, object]:
    """Return a commitment that is paid in any case."""
    return {
        "model": "committed",
        "commitment": units,
        "unit_price": price,
        "overage_price": overage,
    }


def up_to(units: str, price: str, overage: str) -> dict[str, object]:
    """Return a commitment of which only what is used is paid."""
    return tiered("graduated", ((units, price, "0"), (None, overage, "0")))


def check_costs(document: dict[str, object]) -> Check:
    """Each pair of the cell: a quantity, and what it costs."""

    def check(row: Row) -> None:
        for pair in row["quantity → cost"].split(";"):
            quantity, _, expected = pair.partition("→")
            cost = amount(document, {"quantity": quantity.strip()})
            assert cost == numbers(expected)[-1]

    return check


def check_one(document: dict[str, object], quantity: str) -> Check:
    """The quantity stands among the words of the price."""

    def check(row: Row) -> None:
        assert amount(document, {"quantity": quantity}) == numbers(row["quantity → cost"])[-1]

    return check


def check_windows(*used: tuple[dict[str, object], str]) -> Check:
    """Each window is rated on its own; they add up to the total."""

    def check(row: Row) -> None:
        total = exact_sum(amount(document, {"quantity": quantity}) for document, quantity in used)
        cell = row.cells.get("expected") or row["quantity → cost"]
        assert total == numbers(cell.partition(";")[0].partition(" in ")[0])[-1]

    return check


DAY = Period(start=instant("2026-01-10T00:00:00Z"), end=instant("2026-01-11T00:00:00Z"))
AT_TEN = "2026-01-10T10:00:00.000000Z"


def hourly(**each: object) -> dict[str, object]:
    """Return a commitment of 5 units in each hour, at 1, above at 2."""
    return committed("5", "1", "2") | {"each": {"window": "hour", **each}}


def check_lengths(row: Row) -> None:
    """Each value stands under the start of its window, so neither can lack the other."""
    assert row["expected"] == "error"
    outcome = usage_from_document({"parts": {AT_TEN: "1", "2026-01-10T11:00:00.000000Z": None}})
    assert isinstance(outcome, Refused)
    two = {"parts": {AT_TEN: "1", "2026-01-10T11:00:00.000000Z": "1"}, "windows": 1}
    with pytest.raises(Unrateable):
        amount(hourly(), two)


def check_hours_billed(document: dict[str, object]) -> Check:
    """With one usage at 10:00: which hours of the day are billed, and so for how much."""

    def check(row: Row) -> None:
        model = price(document).model
        hours = [
            str(piece.start.hour)
            for piece, name in pieces_of(model, DAY, zone="UTC")
            if name != "outside"
        ]
        billed = hours if document.get("true_up", True) else ["10"]
        told = numbers(row["expected"].replace(":00", ""))
        assert told in ([len(billed)], [Decimal(hour) for hour in billed])
        windows = windows_of(model, DAY, zone="UTC")
        cost = amount(document, {"parts": {AT_TEN: "1"}, "windows": windows})
        assert cost == (5 * len(billed) if document.get("true_up", True) else 1)

    return check


def billed_lines(interval: str, invoice: tuple[str, str], **around: object) -> list[Line]:
    """Return the lines of an item with an interval of its own on a monthly invoice."""
    fields = {"key": "item", "model": "flat", "amount": "70", "interval": interval, **around}
    contract = subscribed(plan("monthly", price(fields)), day("2026-01-15"), anchor="2026-01-15")
    contract.bill(day(invoice[1]))
    period = Period(start=day(invoice[0]), end=day(invoice[1]))
    return [line for one in contract.documents if one.period == period for line in one.lines]


def check_weeks(_row: Row) -> None:
    """A weekly item is due with each month, in the parts of its weeks that lie there."""
    lines = billed_lines("week", ("2026-02-01", "2026-03-01"))
    # February begins on a Sunday: a seventh of one week, three whole ones, six sevenths.
    assert [line.share for line in lines] == [Fraction(1, 7), 1, 1, 1, Fraction(6, 7)]
    assert sum(line.money.decimal for line in lines) == 70 * 4


def check_same(_row: Row) -> None:
    """An interval that is the invoice's own is due in full."""
    (line,) = billed_lines("month", ("2026-02-01", "2026-03-01"))
    assert (line.share, line.money.decimal) == (Fraction(1), Decimal(70))


def check_quarter(row: Row) -> None:
    """A quarterly item is due with the month in which its quarter ends, in full."""
    april = row["item interval vs invoice"].startswith("same, invoice Apr 1")
    invoice = ("2026-04-01", "2026-05-01") if april else ("2026-02-01", "2026-03-01")
    lines = billed_lines("quarter", invoice, alignment="anniversary")
    quarter = Period(start=day("2026-01-15"), end=day("2026-04-15"))
    due = [(quarter, Decimal(70))] if row["rule"].startswith("one full quarter") else []
    assert [(line.key.period, line.money.decimal) for line in lines] == due


def check_after(before: Sequence[str], now: str) -> Check:
    """A commitment over a year goes on where the months before ended."""

    def check(row: Row) -> None:
        start = str(sum(map(Decimal, before), Decimal(0)))
        cost = amount(up_to("60", "1", "2"), {"start": start, "quantity": now})
        expected = row["expected"].replace("still", "").partition(",")[0]
        assert cost == numbers(expected)[-1]

    return check


def check_shared(row: Row) -> None:
    """What is left of a shared commitment is split by largest remainder; the rest is overage."""
    first, second, overage = numbers(row["expected"])
    left = Decimal(60) - Decimal(50)
    inside = split(Money(minor=int(left) * 100, currency=currency("USD")), [Decimal(5), Decimal(7)])
    assert [part.decimal for part in inside] == [first, second]
    total = amount(up_to("60", "1", "2"), {"start": "50", "quantity": "12"})
    assert total - left == overage


def check_in_order(row: Row) -> None:
    """Items use a shared commitment up one after the other; overage costs half as much again."""
    first = amount(up_to("1000", "1", "1.5"), {"quantity": "5000"})
    second = amount(unit("3"), {"quantity": "2500"})
    assert first + second == Decimal(
        row["expected"].partition("=")[2].partition("(")[0].replace(" ", "")
    )


def check_true_up(row: Row) -> None:
    """What is missing to a minimum is a line of its own, settled once."""
    cases = (("1000", "750"), ("1000", "749.996"), ("10.00", "9.997"))
    found = []
    for least, used in cases:
        document = unit("1") | {"minimum": least}
        missing = amount(document, {"quantity": used}) - Decimal(used)
        found.append(settle(Amount(value=missing, currency=currency("USD"))).decimal)
    assert found == numbers(row["expected"])


def check_yen(row: Row) -> None:
    """A minimum over prices looks at their lines, which are settled: 8501 of 10000."""
    unit, least = currency("JPY"), Decimal(10000)
    assert row["setup"] == "JPY true-up 10000 with 8500.5 used"
    line = settle(Amount(value=Decimal("8500.5"), currency=unit))
    (part,) = covered([Amount(value=least, currency=unit)], line)
    assert least - part == numbers(row["expected"])[0]


def check_discount(row: Row) -> None:
    """Discounts of lines come before those of the whole; the whole is taken off to the cent."""
    amounts = numbers(row["lines"])
    if row["lines"] == "10 lines of 10":
        amounts = [Decimal(10)] * 10
    every = [f"line-{at}" for at in range(1, len(amounts) + 1)]
    coupons = []
    for part in re.split(r", then | and ", row["discount"]):
        if part.endswith("on each line"):
            coupons += [written(part, [one]) for one in every]
        else:
            # With one line, "10 % and $10" says nothing of places: the first one is the line's.
            is_lines = "line" in part or (" and " in row["discount"] and not coupons)
            coupons.append(written(part, every[:1] if is_lines else ()))
    discount = sum(off(amounts, coupons), Decimal(0))
    assert discount == numbers(row["discount / credits used / total"])[0]


def check_capped(row: Row) -> None:
    """40.00 off a line of 30.00 takes 30.00, and nothing off the other."""
    taken = off(numbers(row["lines"])[:2], [written("$40", ["line-1"])])
    assert "capped at 30" in row["discount"]
    assert taken == [numbers(row["discount / credits used / total"])[0], Decimal(0)]


def check_line_and_whole(row: Row) -> None:
    """20.00 off the line and 10.00 off the invoice leave what the credits and the payer share."""
    line, of_line, of_whole, _ = numbers(row["lines"])
    coupons = [written(f"${of_whole}"), written(f"${of_line}", ["line-1"])]
    used, left = numbers(row["discount / credits used / total"])
    assert line - sum(off([line], coupons), Decimal(0)) == used + left


def check_in_burn_order(row: Row) -> None:
    """The wallet that is asked first gives what it has, the next one the rest."""
    need, *wallets = numbers(row["lines"])
    assert credited(need, wallets) == numbers(row["discount / credits used / total"])


def check_less_than_a_cent(row: Row) -> None:
    """What is less than the smallest unit is left where it is, and nothing of zero is booked."""
    (held,) = numbers(row["lines"])
    assert credited(Decimal(10), [held]) == []


def credited(need: Decimal, wallets: Sequence[Decimal]) -> list[Decimal]:
    """Return what grants take off a fee, each in its place."""
    contract = subscribed(plan("p", fee(f"{need}")), day("2026-01-01"))
    give(contract, *(grant(f"{one}", key=f"w{at}") for at, one in enumerate(wallets)))
    ((line,),) = (made.lines for made in bill(contract, day("2026-01-01")))
    return [one.amount for one in credit_of(line.charge)]


def check_refunds_of_a_void(row: Row) -> None:
    """An invoice that was paid, refunded in part and voided: never more goes back than came."""
    paid, before = (int(one) for one in numbers(row["setup"]))
    till = Till(currency("USD"))
    till.charge("invoice", paid)
    till.pay(paid)
    assert isinstance(till.refund(before), Done)
    till.note("void", "invoice", -paid)
    assert isinstance(till.refund(paid - before + 1), Refused)
    assert isinstance(till.refund(paid - before), Done)
    assert till.stands == (0, 0)


def ids(*parts: int | range) -> tuple[str, ...]:
    """Return row ids from numbers and ranges."""
    expanded = [range(part, part + 1) if isinstance(part, int) else part for part in parts]
    return tuple(f"F{number:02}" for part in expanded for number in part)


CHECKS: dict[str, Check] = {
    "F01": check_costs(unit("100")),
    "F02": check_costs(package("50", "10")),
    "F03": check_costs(package("1", "100")),
    "F04": check_costs(package("1", "100", "down")),
    "F05": check_costs(package("1", "100")),
    "F06": check_costs(tiered("volume", BY_50)),
    "F07": check_costs(tiered("graduated", BY_50)),
    "F08": check_costs(tiered("graduated", FREE_FIRST)),
    "F09": check_costs(tiered("graduated", WITH_FLAT)),
    "F10": check_costs(tiered("graduated", BY_10)),
    "F11": check_one(unit("100"), "3"),
    "F12": check_one(tiered("graduated", SEATS), "20"),
    "F13": check_one(tiered("volume", SEATS), "20"),
    "F14": check_windows((unit("100"), "1"), (tiered("graduated", SEATS), "20")),
    "F15": check_one(package("50", "10"), "25"),
    "F35": check_windows((committed("5", "2", "4"), "2"), (committed("5", "2", "4"), "8")),
    "F36": check_windows((committed("5", "2", "4"), "2"), (committed("5", "2", "4"), "2")),
    "F37": check_windows(
        (up_to("2.5", "2", "4"), "10"),
        (up_to("2.5", "2", "4"), "1"),
        (committed("10", "1", "2"), "3"),
    ),
    "F38": check_windows((up_to("4", "1", "2"), "10"), (unit("3"), "5")),
    "F39": check_windows((unit("5"), "60"), (unit("5"), "40"), (unit("1"), "30")),
    "F40": check_lengths,
    "F41": check_hours_billed(hourly(begin="09:00", end="12:00", otherwise="1")),
    "F42": check_hours_billed(hourly()),
    "F43": check_hours_billed(hourly() | {"true_up": False}),
    "F134": check_weeks,
    "F135": check_same,
    "F136": check_quarter,
    "F137": check_quarter,
    "F44": check_after(("30", "20"), "12"),
    "F45": check_after(("30", "20"), "12"),
    "F46": check_after(("30", "30", "10"), "12"),
    "F47": check_after((), "12"),
    "F48": check_shared,
    "F49": check_in_order,
    "F50": check_true_up,
    "F51": check_yen,
    **dict.fromkeys((f"F{n}" for n in range(87, 108) if n != 102), check_discount),
    "F102": check_capped,
    "F108": check_less_than_a_cent,
    "F109": check_line_and_whole,
    "F110": check_in_burn_order,
    "F118": burned.check_debit,
    "F119": burned.check_debit,
    "F120": burned.check_expired,
    "F121": burned.check_nothing_usable,
    "F122": burned.check_same_key,
    "F123": burned.check_slabs,
    "F124": burned.check_said,
    "F125": check_refunds_of_a_void,
}
LEFT_OUT: dict[str, Reason] = {}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
