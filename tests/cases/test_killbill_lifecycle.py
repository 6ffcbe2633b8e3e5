"""How contracts begin, pause and end, as Kill Bill's suite and documents say."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from tallystick.catalog import AddOn, Block, ContractChange, PlanVersion
from tallystick.invoicing import Invoice
from tallystick.kernel import PlanKey
from tallystick.subscriptions import is_usable
from tests.invoicing.contract import Contract, day, fee, plan, subscribed
from tests.notation import CaseBook, Check, Reason, Row
from tests.tally import row_tests

FILE = "killbill-lifecycle.md"


def monthly(start: str, amount: str = "249.95") -> Contract:
    """Return a contract by calendar month, with a fee in advance."""
    return subscribed(plan("p", fee(amount)), day(start))


def lines(issued: Sequence[Invoice]) -> list[tuple[str, str, Decimal]]:
    """Return service period and money of each line."""
    return [
        (f"{line.key.period.start:%m-%d}", f"{line.key.period.end:%m-%d}", line.money.decimal)
        for document in issued
        for line in document.lines
    ]


def check_fixed_term(row: Row) -> None:
    """A contract that ends after three months is charged three times, and not when it ends."""
    contract = monthly("2023-01-01")
    contract.end(day("2023-04-01"))
    for start in ("01-01", "02-01", "03-01"):
        ((begins, _, money),) = lines(contract.bill(day(f"2023-{start}")))
        assert (begins, money) == (start, Decimal("249.95"))
        assert start in row["expected"]
    assert "04-01 EXPIRED event, no invoice" in row["expected"]
    assert contract.bill(day("2023-04-01")) == []


def check_paused(row: Row) -> None:
    """The days of a pause are given back when it begins; what follows it is charged with it."""
    contract = monthly("2012-05-01")
    contract.bill(day("2012-05-01"))
    contract.agree(ContractChange(at=day("2012-05-12"), paused=True))
    ((_, _, given_back),) = lines(contract.bill(day("2012-05-12")))
    assert f"\N{MINUS SIGN}{-given_back}" in row["expected"]
    assert contract.bill(day("2012-06-01")) == []
    contract.agree(ContractChange(at=day("2012-06-04"), paused=False))
    ((begins, ends, charged),) = lines(contract.bill(day("2012-06-04")))
    assert f"[{begins}, {ends}) prorated 27/30 = {charged}" in row["expected"]


def check_pending(row: Row) -> None:
    """Before its start a contract is charged nothing; its first invoice is due with the start."""
    assert "no invoice" in row["expected"]
    contract = monthly("2023-05-01")
    assert contract.bill(day("2023-04-30")) == []
    assert lines(contract.bill(day("2023-05-01"))) == [("05-01", "06-01", Decimal("249.95"))]


def check_cancelled_before(row: Row) -> None:
    """A contract that ends when it would have begun is never charged."""
    assert row["expected"] == "no charge ever"
    contract = monthly("2023-05-01")
    contract.end(day("2023-05-01"))
    for at in ("2023-04-01", "2023-05-01", "2023-07-01"):
        assert contract.bill(day(at)) == []


def check_usable_before(row: Row) -> None:
    """A contract may be used before it is charged from its start."""
    contract = monthly("2023-05-10")
    held = replace(contract.basis.subscription, usable_from=day("2023-05-01"))
    contract.basis = replace(contract.basis, subscription=held)
    assert "usable 05-01, first charge dated 05-10" in row["expected"]
    assert [is_usable(held, day(at)) for at in ("2023-04-30", "2023-05-01")] == [False, True]
    assert contract.bill(day("2023-05-09")) == []
    assert lines(contract.bill(day("2023-05-10")))[0][0] == "05-10"


def blocking(at: str, level: str = "contract", **flags: bool) -> ContractChange:
    """Return a change that blocks or lifts what the flags say."""
    block = Block(
        level=level,
        billing=flags.get("billing"),
        change=flags.get("change"),
        entitlement=flags.get("entitlement"),
    )
    return ContractChange(at=day(at), blocks=(block,))


def check_flags(row: Row) -> None:
    """Each flag holds back its own domain and no other."""
    assert "each flag blocks only its own domain" in row["expected"]
    at = day("2023-06-10")
    for flag in ("billing", "change", "entitlement"):
        contract = monthly("2023-05-01")
        contract.agree(blocking("2023-06-01", "contract", **{flag: True}))
        terms = contract.basis.terms_at(at)
        assert terms.blocks_change is (flag == "change")
        assert is_usable(contract.basis.subscription, at) is (flag != "entitlement")
        charged = [start for start, _, _ in lines(contract.bill(at))]
        assert charged == ["05-01"] + ["06-01"] * (flag != "billing")


def check_levels(row: Row) -> None:
    """A contract is charged again when the last level that blocked it has lifted its block."""
    assert "blocked if **any** level blocks" in row["expected"]
    contract = monthly("2023-05-01")
    levels = ("account:a", "bundle:b", "contract")
    contract.agree(*(blocking("2023-06-01", level, billing=True) for level in levels))
    for month, level in enumerate(levels, start=7):
        contract.agree(blocking(f"2023-{month:02}-01", level, billing=False))
    charged = [start for start, _, _ in lines(contract.bill(day("2023-10-01")))]
    assert charged == ["05-01", "09-01", "10-01"]


MONTH_OF_TRIAL = day("2023-08-31")


def add_on(name: str) -> PlanVersion:
    """Return an add-on of 100.00 a month."""
    return replace(plan(name, fee("100")), add_on=True)


def with_add_on(created: str, *, own_trial: str | None = None) -> Contract:
    """Return the contract of the table with its add-on, whose trial is the base's unless told."""
    contract = subscribed(plan("p", fee("1000")), day("2023-08-01"), trial_end=MONTH_OF_TRIAL)
    contract.agree(took("first", created, own_trial=own_trial), plans=[add_on("first")])
    return contract


def took(name: str, at: str, *, own_trial: str | None = None, quantity: int = 1) -> ContractChange:
    """Return a change that takes an add-on, or gives it up."""
    one = AddOn(
        plan=PlanKey(name),
        version=1,
        quantity=Decimal(quantity),
        trial_end=None if own_trial is None else day(own_trial),
    )
    return ContractChange(at=day(at), add_ons=(one,))


def of_add_ons(contract: Contract, *days: str) -> list[tuple[str, str, Decimal]]:
    """Bill on some days and return what add-ons were charged."""
    issued = [document for at in days for document in contract.bill(day(at))]
    mine = [line for document in issued for line in document.lines if "/" in line.key.price]
    return [
        (f"{line.key.period.start:%m-%d}", f"{line.key.period.end:%m-%d}", line.money.decimal)
        for line in mine
    ]


def check_trial_of_add_on(row: Row, *, own_trial: str | None, until: str) -> None:
    """The fees of an add-on are free until the base's trial ends, or until its own does."""
    contract = with_add_on("2023-08-15", own_trial=own_trial)
    found = of_add_ons(contract, "2023-08-15", "2023-08-31", "2023-09-01", "2023-09-14")
    assert f"CTD {until}" in row["expected"]
    assert found[0][0] == until
    assert {start for start, _, _ in found} <= {until, "09-01"}


def check_changed_add_on(row: Row, *, at: str) -> None:
    """Another add-on in its place, at once or with the trial's end: the trial stays the base's."""
    contract = with_add_on("2023-08-05")
    contract.agree(
        replace(took("first", at, quantity=0), add_ons=_in_place(at)), plans=[add_on("second")]
    )
    assert of_add_ons(contract, "2023-08-31", "2023-09-01") == [
        ("08-31", "09-01", Decimal("3.23")),
        ("09-01", "10-01", Decimal(100)),
    ]
    assert "3.23" in row["expected"]
    assert "1000 + 100" in row["expected"]


def _in_place(at: str, *, own_trial: str | None = None) -> tuple[AddOn, ...]:
    gone, here = took("first", at, quantity=0), took("second", at, own_trial=own_trial)
    return (*gone.add_ons, *here.add_ons)


def check_changed_with_own_trial(row: Row) -> None:
    """The one in its place counts its trial from its own start, and is charged from there."""
    contract = with_add_on("2023-08-05")
    taken = _in_place("2023-08-31", own_trial="2023-09-04")
    contract.agree(ContractChange(at=day("2023-08-31"), add_ons=taken), plans=[add_on("second")])
    found = of_add_ons(contract, "2023-08-31", "2023-09-01", "2023-09-04")
    assert "09-04: add-on leaves the trial" in row["expected"]
    assert found == [("09-04", "10-01", Decimal("90.00"))]


def check_ended_with(row: Row, *, months: int | None, ends: str) -> None:
    """An add-on ends after its own term, and never later than the contract."""
    contract = subscribed(plan("p", fee("1000")), day("2023-01-01"))
    until = None if months is None else day(f"2023-{1 + months:02}-01")
    one = AddOn(plan=PlanKey("first"), version=1, until=until)
    contract.agree(ContractChange(at=day("2023-01-01"), add_ons=(one,)), plans=[add_on("first")])
    contract.end(day("2023-04-01"))
    days = [f"2023-{month:02}-01" for month in range(1, 9)]
    assert of_add_ons(contract, *days)[-1][1] == ends
    assert ends in row["expected"]


CHECKS: dict[str, Check] = {
    "KBL-001": partial(check_trial_of_add_on, own_trial=None, until="08-31"),
    "KBL-002": partial(check_trial_of_add_on, own_trial="2023-09-14", until="09-14"),
    "KBL-003": partial(check_changed_add_on, at="2023-08-31"),
    "KBL-004": partial(check_changed_add_on, at="2023-08-15"),
    "KBL-005": check_changed_with_own_trial,
    "KBL-016": partial(check_ended_with, months=3, ends="04-01"),
    "KBL-017": partial(check_ended_with, months=2, ends="03-01"),
    "KBL-018": partial(check_ended_with, months=6, ends="04-01"),
    "KBL-015": check_fixed_term,
    "KBL-019": check_usable_before,
    "KBL-020": check_paused,
    "KBL-021": check_pending,
    "KBL-022": check_cancelled_before,
    "KBL-023": check_flags,
    "KBL-024": check_levels,
}
LEFT_OUT: dict[str, Reason] = {}
BOOK = CaseBook(file=FILE, checks=CHECKS, left_out=LEFT_OUT)
test_every_row_is_accounted_for, test_row = row_tests(BOOK)
