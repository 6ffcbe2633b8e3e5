"""A bound on a document that was voided and billed anew: changes that lie ahead still wait."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tallystick.catalog import ContractChange, PlanVersion
from tallystick.invoicing import (
    Disposition,
    NoteFacts,
    VoidOrder,
    as_billed,
    draft_note,
    missing_documents,
)
from tallystick.kernel import Done, PriceKey, SubjectSpan
from tests.invoicing.contract import Contract, day, fee, plan, seats, subscribed, to_plan
from tests.invoicing.test_bounds import spend
from tests.invoicing.test_coupons import CALLS, ONE_EACH, calls
from tests.invoicing.world import issue


def sold(minimum: str, version: int) -> PlanVersion:
    """Return a version of a plan with a minimum."""
    bound = spend("calls", minimum=minimum)
    return replace(plan("pro", fee("30"), seats("5"), ONE_EACH, bound), version=version)


def voided_and_billed_anew() -> Contract:
    """Return a contract whose February, with two parts of a covered minimum, was voided."""
    contract = subscribed(sold("40", 1), day("2026-01-01"), meters=[CALLS])
    spans = (SubjectSpan(subject="a", start=None, end=None),)
    contract.basis = replace(contract.basis, spans=spans)
    calls(contract, 300, day("2026-02-03"))
    later = sold("20", 2)
    contract.agree(to_plan(day("2026-02-11"), later), plans=[later])
    contract.bill(day("2026-03-01"))
    february = contract.documents[-1]
    assert [str(line.money.decimal) for line in february.lines[-2:]] == ["0.00", "0.00"]
    order = VoidOrder(document=february.id, disposition=Disposition.REBILL, reason="wrong")
    note = draft_note(
        NoteFacts(
            original=february,
            basis=contract.basis,
            order=order,
            history=tuple(contract.documents),
            billed=as_billed(contract.documents),
            issue_on=date(2026, 3, 1),
        )
    )
    assert isinstance(note, Done), note
    contract.documents.append(issue(note.value, "CN-77", date(2026, 3, 1)))
    contract.bill(day("2026-04-02"))
    return contract


@pytest.mark.parametrize("swapped", [False, True])
def test_a_change_that_lies_ahead_waits(*, swapped: bool) -> None:
    """Whether the note or what replaces it is read first, as they are issued at one instant."""
    contract = voided_and_billed_anew()
    if swapped:
        *before, note, anew, last = contract.documents
        contract.documents = [*before, anew, note, last]
    ahead = ContractChange(at=day("2026-04-20"), quantities=((PriceKey("seats"), Decimal(5)),))
    contract.agree(ahead)
    billed = as_billed(contract.documents)
    assert missing_documents(contract.basis, billed, through=day("2026-04-12")) == ()
    assert len(missing_documents(contract.basis, billed, through=day("2026-04-20"))) == 1
