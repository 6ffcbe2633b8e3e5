"""Credit that lowers lines: behind coupons, before tax, kept as facts, given back in reverse."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tallystick.credits import CreditHistory, Recurrence
from tallystick.invoicing import (
    Claim,
    Disposition,
    NoteFacts,
    VoidOrder,
    as_billed,
    basis_document,
    document_of,
    draft_note,
    verify_document,
)
from tallystick.kernel import Done, Interval, IntervalUnit, PriceKey, Refused, digest
from tallystick.pricing import Price, UnitPrice
from tests.invoicing.contract import Contract, day, fee, metered, plan, shown, used
from tests.invoicing.crediting import bill, give, grant, left
from tests.invoicing.test_contract_changes import CALLS
from tests.invoicing.world import issue

FEBRUARY, MARCH, APRIL = (day(f"2026-{month:02}-01") for month in (2, 3, 4))


def calls(unit_price: str = "1.00") -> Price:
    """Return a price for each call."""
    return Price(
        key=PriceKey("calls"),
        model=UnitPrice(unit_price=Decimal(unit_price)),
        meter=CALLS.key,
        currency="USD",
    )


def started(*prices: Price) -> Contract:
    """Return a contract from January on."""
    return metered(plan("p", *(prices or (calls(),))), CALLS, start="2026-01-01")


def test_a_line_is_net_of_credit() -> None:
    """What credit covers is a step of the line; what is left of it goes on to the next document."""
    contract = started()
    give(contract, grant("50.00"))
    used(contract, "call", day("2026-01-10"), times=30)
    used(contract, "call", day("2026-02-10"), times=30)
    (january,) = bill(contract, FEBRUARY)
    assert shown([january]) == ["calls 01-01..02-01 0.00"]
    (line,) = january.lines
    assert line.charge is not None
    assert [(step.label, str(step.amount)) for step in line.charge.steps[-1:]] == [
        ("welcome", "-30.00")
    ]
    assert left(contract, "2026-02-01") == "20.00"
    assert shown(bill(contract, MARCH)) == ["calls 02-01..03-01 10.00"]
    assert left(contract, "2026-03-01") == "0.00"


def test_two_documents_of_one_run_share_it() -> None:
    """Documents drafted beside each other do not use the same money."""
    contract = started()
    give(contract, grant("50.00"))
    for month in ("01", "02", "03"):
        used(contract, "call", day(f"2026-{month}-10"), times=30)
    assert shown(bill(contract, APRIL)) == [
        "calls 01-01..02-01 0.00",
        "calls 02-01..03-01 10.00",
        "calls 03-01..04-01 30.00",
    ]
    assert left(contract, "2026-04-01") == "0.00"


def test_late_usage_takes_what_is_left() -> None:
    """More for a closed period is covered as far as credit reaches; a second run finds nothing."""
    contract = started()
    give(contract, grant("50.00"))
    used(contract, "call", day("2026-01-10"), times=30)
    bill(contract, FEBRUARY)
    used(contract, "call", day("2026-01-20"), times=25)
    assert shown(bill(contract, MARCH)) == [
        "calls 02-01..03-01 0.00",
        "calls 01-01..02-01 5.00",
    ]
    assert bill(contract, MARCH) == []


def test_what_comes_to_less_brings_credit_back_first() -> None:
    """A period that comes to less than credit covered gives that part back, and no money."""
    contract = started(fee("100.00"))
    give(contract, grant("150.00", until="2026-06-01"))
    bill(contract, day("2026-01-01"))
    assert left(contract, "2026-01-01") == "50.00"
    contract.end(day("2026-01-16"))
    notes = bill(contract, day("2026-01-16"))
    assert all(line.money.minor == 0 for note in notes for line in note.lines)
    assert left(contract, "2026-01-16") == "101.61"


def test_the_grant_must_hold_at_the_service() -> None:
    """A grant that ends with the period covers it; one that begins behind it does not."""
    for since, until, money in (
        ("2026-01-01", "2026-02-01", "0.00"),
        ("2026-01-01", "2026-01-31", "30.00"),
        ("2026-02-01", None, "30.00"),
        ("2026-01-31", None, "0.00"),
    ):
        contract = started()
        give(contract, grant("50.00", since=since, until=until))
        used(contract, "call", day("2026-01-10"), times=30)
        assert shown(bill(contract, FEBRUARY)) == [f"calls 01-01..02-01 {money}"]


def test_credit_that_stands_at_issue_pays_what_was_used_before_it() -> None:
    """Granted behind the service, used as of issue; what ended between the two is not."""
    issue_day = day("2026-02-02")
    for since, until, money in (
        ("2026-02-01", None, "0.00"),
        ("2026-02-02", None, "0.00"),
        ("2026-02-03", None, "30.00"),
        ("2026-02-01", "2026-02-02", "30.00"),
        ("2026-01-01", "2026-02-01", "0.00"),
        ("2026-01-01", "2026-01-31", "30.00"),
    ):
        contract = started()
        give(contract, grant("50.00", since=since, until=until))
        used(contract, "call", day("2026-01-10"), times=30)
        assert shown(bill(contract, issue_day, asks=True)) == [f"calls 01-01..02-01 {money}"]


def test_each_lot_is_used_as_of_the_instant_at_which_it_stands() -> None:
    """50.00 until February 1 count at the service, 20.00 of a later grant when it was issued."""
    contract = started()
    give(
        contract,
        grant("50.00", until="2026-02-01"),
        grant("50.00", key="later", since="2026-02-01"),
    )
    used(contract, "call", day("2026-01-10"), times=70)
    assert shown(bill(contract, day("2026-02-02"), asks=True)) == ["calls 01-01..02-01 0.00"]
    assert left(contract, "2026-01-31") == "50.00"
    assert left(contract, "2026-02-01") == "50.00"
    assert left(contract, "2026-02-02") == "30.00"
    used(contract, "call", day("2026-01-20"), times=40)
    late = bill(contract, MARCH, asks=True)
    assert shown(late) == ["calls 02-01..03-01 0.00", "calls 01-01..02-01 10.00"]
    assert left(contract, "2026-03-01") == "0.00"


def test_what_comes_anew_each_month_pays_its_own_month_alone() -> None:
    """50.00 a month, 70 calls in January: 20.00 are owed, and February has its 50.00."""
    monthly = Recurrence(interval=Interval(count=1, of=IntervalUnit.MONTH), anchor=date(2026, 1, 1))
    contract = started()
    give(contract, grant("50.00", recurs=monthly))
    used(contract, "call", day("2026-01-10"), times=70)
    used(contract, "call", day("2026-02-10"), times=50)
    assert shown(bill(contract, day("2026-02-02"), asks=True)) == ["calls 01-01..02-01 20.00"]
    assert shown(bill(contract, day("2026-03-02"), asks=True)) == ["calls 02-01..03-01 0.00"]


def test_documents_that_asked_for_the_service_alone_verify_still() -> None:
    """What was issued before the instant of issue counted keeps its basis, its bytes, its money."""
    contract = started()
    give(contract, grant("50.00", since="2026-02-01"))
    used(contract, "call", day("2026-01-10"), times=30)
    assert shown(bill(contract, day("2026-02-02"))) == ["calls 01-01..02-01 30.00"]
    assert b"credits_at" not in basis_document(contract.basis)
    used(contract, "call", day("2026-01-20"), times=5)
    later = bill(contract, day("2026-03-02"), asks=True)
    assert shown(later) == ["calls 02-01..03-01 0.00", "calls 01-01..02-01 0.00"]
    assert left(contract, "2026-03-02") == "45.00"


def test_a_scope_is_kept() -> None:
    """A grant for one price pays that one alone, and leaves the general one to the others."""
    contract = started(calls(), fee("20.00", key="base", arrears=True))
    give(contract, grant("25.00", key="any"), grant("30.00", "calls", key="narrow"))
    used(contract, "call", day("2026-01-10"), times=30)
    assert shown(bill(contract, FEBRUARY)) == [
        "calls 01-01..02-01 0.00",
        "base 01-01..02-01 0.00",
    ]
    assert left(contract, "2026-02-01") == "5.00"


def test_nothing_is_left_behind_the_rounding() -> None:
    """What is covered in full comes to nothing exactly, not to a part of a cent."""
    contract = started(calls("0.3337"))
    give(contract, grant("50.00"))
    used(contract, "call", day("2026-01-10"), times=10)
    ((line,),) = (document.lines for document in bill(contract, FEBRUARY))
    assert (line.exact.value, line.money.minor) == (Decimal(0), 0)
    assert left(contract, "2026-02-01") == "46.66"


def test_a_void_brings_it_back_and_billing_anew_takes_it_again() -> None:
    """Credit of a voided document is free again, for the instant for which it was taken."""
    contract = started()
    give(contract, grant("20.00", until="2026-02-01"))
    used(contract, "call", day("2026-01-10"), times=30)
    (first,) = bill(contract, FEBRUARY)
    assert first.total.minor == 1000
    order = VoidOrder(document=first.id, disposition=Disposition.REBILL, reason="address")
    drafted = draft_note(
        NoteFacts(
            original=first,
            basis=contract.basis,
            order=order,
            history=[first],
            billed=as_billed([first]),
            issue_on=FEBRUARY.date(),
        )
    )
    assert isinstance(drafted, Done), drafted
    contract.documents.append(issue(drafted.value, "N-1"))
    (anew,) = contract.bill(FEBRUARY)
    assert anew.replaces is not None
    assert anew.total == first.total


def test_a_forged_credit_is_found() -> None:
    """A line that says more credit than the history gives does not verify."""
    contract = started()
    give(contract, grant("20.00"))
    used(contract, "call", day("2026-01-10"), times=30)
    (first,) = contract.bill(FEBRUARY)
    contract.documents.clear()
    for basis in (
        replace(contract.basis, credits=None),
        replace(contract.basis, credits=CreditHistory()),
    ):
        document = replace(first, basis=digest(basis_document(basis)))
        claim = Claim(
            invoice=document,
            digest=digest(document_of(document)),
            basis=basis,
            basis_digest=digest(basis_document(basis)),
            previous=(),
        )
        outcome = verify_document(claim, contract.events)
        assert isinstance(outcome, Refused)
        assert outcome.problems[0].code == "different_charge"


def test_documents_without_credit_keep_their_bytes() -> None:
    """A basis without credit says nothing of it."""
    assert b"credits" not in basis_document(started().basis)
