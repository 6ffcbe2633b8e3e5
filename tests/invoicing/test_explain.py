"""Explaining: the tree adds up, and the text says it to a person."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs

from tallystick.invoicing import (
    explain_events,
    explain_line,
    explanation_text,
    line_query,
    shown_within,
)
from tallystick.kernel import Amount, InvariantBroken, check, currency, instant
from tallystick.metering import needed_events
from tests.invoicing.world import (
    BASIS,
    JANUARY,
    Asked,
    call,
    cpu,
    drafted,
    issue,
    the_invoice,
    with_contract,
)

GOLDEN = Path(__file__).with_name("explain.txt")
USED = [
    cpu(1, "2026-01-10T00:00:00Z", "43200"),
    call(2, "2026-01-20T00:00:00Z"),
    call(3, "2026-01-21T00:00:00Z", "us"),
    cpu(4, "2026-01-22T00:00:00Z", '"many"'),
]


def texts() -> str:
    """Return the explanation of every line of a document that has all kinds of them."""
    contract = with_contract(start=instant("2026-01-10T00:00:00Z"))
    asked = Asked(basis=contract, period=replace(JANUARY, start=contract.subscription.start))
    invoice = issue(the_invoice(drafted(USED, asked)), "INV-2026-000001")
    shown = []
    for line in invoice.lines:
        query = line_query(contract, line)
        events = [] if query is None else needed_events(query, USED)
        tree = explain_line(invoice, contract, line)
        shown.append(explanation_text(tree, explain_events(events)))
    return "\n".join(shown)


def test_text_is_golden() -> None:
    """What a person reads; to renew it, run this module and review the difference."""
    assert texts() == GOLDEN.read_text()


def test_numbers_within_a_step_are_cut_for_a_person() -> None:
    """A minimum of 10.00 for 1/3 of a period has 76 digits; a person reads twelve places."""
    third = "3." + "3" * 75
    assert shown_within(f"up to the minimum of {third}") == "up to the minimum of 3.333333333333…"
    assert shown_within("tier 2: above 1000.5, up to 20000") == "tier 2: above 1000.5, up to 20000"
    line = explain_line(the_invoice(drafted(USED)), BASIS, the_invoice(drafted(USED)).lines[0])
    step = structs.replace(line.steps[0], label=f"down to the maximum of {third}")
    text = explanation_text(structs.replace(line, steps=[step]))
    assert "down to the maximum of 3.333333333333…: " in text


def test_events_are_those_of_the_group() -> None:
    """A line of one group lists the events of that group and no other."""
    invoice = the_invoice(drafted(USED))
    listed = {}
    for line in invoice.lines:
        query = line_query(BASIS, line)
        if query is not None:
            events = needed_events(query, USED)
            listed[line.description] = [event.position for event in events]
            assert line.measurement is not None
            assert line.measurement.events == len(events)
    assert listed == {"cpu": [1, 4], "calls (region eu)": [2], "calls (region us)": [3]}


def test_tree_that_does_not_add_up_is_not_shown() -> None:
    """Steps that do not sum to the exact amount are a defect, not an explanation."""
    invoice = the_invoice(drafted(USED))
    line = invoice.lines[1]
    check(line.charge is not None, "the line is rated")
    wrong = Amount(value=line.exact.value + Decimal("0.01"), currency=currency("USD"))
    with pytest.raises(InvariantBroken):
        explain_line(invoice, BASIS, replace(line, exact=wrong))


if __name__ == "__main__":
    GOLDEN.write_text(texts())
