"""Invoices whose prices look at more than one quantity: amounts, proof, explanation, correction."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.invoicing import (
    Asking,
    Basis,
    Claim,
    Invoice,
    Proof,
    SealedUsage,
    as_billed,
    basis_document,
    detailed_rows,
    document_of,
    explain_line,
    explanation_text,
    folding,
    priced_queries,
    proven_events,
    questions,
    replayed_items,
    rows_from_content,
    sealed_content,
    verification_queries,
    verify_bundle,
    verify_document,
    write_proof,
)
from tallystick.kernel import (
    Done,
    InvariantBroken,
    Period,
    Refused,
    SubjectSpan,
    digest,
    instant,
)
from tallystick.metering import (
    Event,
    UsageQuery,
    UsageRow,
    measure_usage,
    needed_events,
)
from tests.invoicing.detailed_cases import BANDS, CASES, MACHINE, Billed, basis_of, machine, payment
from tests.invoicing.world import (
    FEBRUARY,
    JANUARY,
    Asked,
    amounts,
    drafted,
    issue,
    the_invoice,
)


def proof_of(invoice: Invoice, basis: Basis, events: Sequence[Event], *before: Invoice) -> bytes:
    """Return the proof file of a document."""
    needed = [
        one
        for query in verification_queries(invoice, basis)
        for one in needed_events(query, events)
    ]
    return write_proof(
        Proof(
            document=document_of(invoice).decode(),
            basis=basis_document(basis).decode(),
            previous=[document_of(one).decode() for one in before],
            events=proven_events(needed),
        )
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_invoice_comes_out_right_and_proves_itself(case: Billed) -> None:
    """Lines, their steps, and a proof file that verifies with nothing else."""
    basis = basis_of(case.meter, case.price)
    invoice = issue(the_invoice(drafted(case.events, Asked(basis=basis))), "INV-1")
    assert amounts(invoice) == case.lines
    told = explanation_text(explain_line(invoice, basis, invoice.lines[0]))
    assert [step for step in case.steps if step not in told] == []
    verified = verify_bundle(proof_of(invoice, basis, case.events))
    assert isinstance(verified, Done), verified
    assert verified.value.total == invoice.total


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_changed_charge_is_found(case: Billed) -> None:
    """A price that was a little higher than the one of the basis does not verify."""
    basis = basis_of(case.meter, case.price)
    invoice = issue(the_invoice(drafted(case.events, Asked(basis=basis))), "INV-1")
    other = basis_of(case.meter, dict(case.price) | {"minimum": "1000", "maximum": "1000"})
    forged = replace(
        issue(the_invoice(drafted(case.events, Asked(basis=other))), "INV-1"),
        basis=invoice.basis,
    )
    refused = verify_bundle(proof_of(forged, basis, case.events))
    assert isinstance(refused, Refused)
    assert "different_charge" in {problem.code for problem in refused.problems}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_sealed_detail_stands_for_the_events(case: Billed) -> None:
    """Rows that were sealed, written down and read again verify the document without an event."""
    basis = basis_of(case.meter, case.price)
    invoice = issue(the_invoice(drafted(case.events, Asked(basis=basis))), "INV-1")
    sealed = []
    for price, query in priced_queries(invoice, basis):
        (window,) = query.windows
        rows = detailed_rows(price, query, folding(case.events))
        kept = SealedUsage(document=invoice.id, price=price.key, window=window, rows=rows)
        read = rows_from_content(sealed_content(kept), window)
        sealed.append(replace(kept, rows=read))
    claim = Claim(
        invoice=invoice,
        digest=digest(document_of(invoice)),
        basis=basis,
        basis_digest=digest(basis_document(basis)),
        sealed=tuple(sealed),
    )
    verified = verify_document(claim, ())
    assert isinstance(verified, Done), verified
    short = [replace(one, rows=one.rows[:-1]) for one in sealed]
    assert isinstance(verify_document(replace(claim, sealed=tuple(short)), ()), Refused)


def test_a_payment_known_late_takes_its_own_place() -> None:
    """A free payment comes to light after issue: the ones behind it are free no more."""
    case = CASES["percentage of each"]
    basis = basis_of(case.meter, case.price)
    first = issue(the_invoice(drafted(case.events, Asked(basis=basis))), "INV-1")
    late = [*case.events, payment(120, "2026-01-01T12:00:00Z", "100")]
    asked = Asked(basis=basis, period=FEBRUARY, position=120, billed=as_billed([first]))
    second = issue(the_invoice(drafted(late, asked)), "INV-2")
    # Of 50, 100, 100, 250 and 400 now only 250 are free: 650 x 0.013 + 2 x 2 = 12.45.
    assert amounts(second)["it, corrected"] == "1.30"
    verified = verify_bundle(proof_of(second, basis, late, first))
    assert isinstance(verified, Done), verified


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-03-29", {"night": 7, "peak": 12, "otherwise": 4}),
        ("2026-10-25", {"night": 9, "peak": 12, "otherwise": 4}),
        ("2026-06-01", {"night": 8, "peak": 12, "otherwise": 4}),
    ],
)
def test_bands_follow_the_clock_through_summer_time(day: str, hours: dict[str, int]) -> None:
    """A machine that runs all day in Berlin: the night is an hour shorter, or longer."""
    basis = basis_of(
        MACHINE,
        {"model": "time_of_use", "unit": "vm.hour", "bands": BANDS, "otherwise": "1"},
        zone="Europe/Berlin",
    )
    events = [machine(1, "2026-01-01T00:00:00Z", 1)]
    window = _local_day(day)
    (question,) = questions(
        basis, replayed_items(basis, period=JANUARY, purpose=Asked().purpose, billed=()), position=9
    )
    query = replace(question.query, windows=(window,), zones=("Europe/Berlin",))
    rows = detailed_rows(basis.plan.prices[0], query, folding(events))
    found = {row.group[-1]: row.fold.quantity / 3600 for row in rows if row.group}
    assert found == hours


def _local_day(day: str) -> Period:
    start = {"2026-03-29": 23, "2026-10-25": 22, "2026-06-01": 22}[day]
    end = {"2026-03-29": 22, "2026-10-25": 23, "2026-06-01": 22}[day]
    before = {"2026-03-29": "2026-03-28", "2026-10-25": "2026-10-24", "2026-06-01": "2026-05-31"}
    return Period(
        start=instant(f"{before[day]}T{start}:00:00Z"), end=instant(f"{day}T{end}:00:00Z")
    )


def test_parts_that_do_not_add_up_are_never_billed() -> None:
    """A store whose parts miss something is found out before it is priced."""
    case = CASES["time of use"]
    basis = basis_of(case.meter, case.price)
    (question,) = questions(
        basis, replayed_items(basis, period=JANUARY, purpose=Asked().purpose, billed=()), position=9
    )

    def forgetful(query: UsageQuery) -> Sequence[UsageRow]:
        rows = measure_usage(query, case.events)
        return rows if len(rows) == 1 else [row for row in rows if row.fold.quantity != 2]

    asking = Asking(rows=forgetful, events=lambda _query: ())
    with pytest.raises(InvariantBroken, match="come to"):
        detailed_rows(basis.plan.prices[0], question.query, asking)


def test_usage_of_nobody_costs_nothing() -> None:
    """Without any event each of these prices has a line of what is due at zero."""
    due_at_zero = {
        "committed": "5.00",
        "committed in each day": "4.00",
        "stairstep": "0.00",
        "formula": "5.00",
    }
    for name, case in CASES.items():
        basis = basis_of(case.meter, case.price)
        invoice = issue(the_invoice(drafted([], Asked(basis=basis))), "INV-1")
        assert [f"{line.money.decimal:f}" for line in invoice.lines] == [
            due_at_zero.get(name, "0.00")
        ]
        assert isinstance(verify_bundle(proof_of(invoice, basis, [])), Done)


def test_spans_bound_what_is_priced_one_by_one() -> None:
    """A payment of somebody else, or before the account had the subject, is no transaction."""
    case = CASES["percentage of each"]
    basis = replace(
        basis_of(case.meter, case.price),
        spans=(SubjectSpan(subject="acme", start=instant("2026-01-03T00:00:00Z"), end=None),),
    )
    invoice = the_invoice(drafted(case.events, Asked(basis=basis)))
    # 250 and 400 remain; 250 are free, the second pays.
    assert amounts(invoice) == {"it": "7.20"}
    assert invoice.lines[0].quantity == Decimal(650)
