"""Invoices over random usage: late or on time, in any order, they come to the same money."""

from collections import Counter
from dataclasses import replace
from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tallystick.invoicing import (
    Claim,
    Invoice,
    Purpose,
    as_billed,
    basis_document,
    document_of,
    invoice_from_document,
    verify_document,
)
from tallystick.kernel import Done, digest
from tallystick.metering import Event
from tests.invoicing.world import (
    BASIS,
    FEBRUARY,
    JANUARY,
    MARCH,
    Asked,
    call,
    cpu,
    drafted,
    issue,
    the_invoice,
)
from tests.profiles import fewer_examples

MONTHS = {1: JANUARY, 2: FEBRUARY, 3: MARCH}


@st.composite
def usage(draw: st.DrawFn) -> list[Event]:
    """CPU-seconds of either sign and calls by region, over three months, in order of arrival."""
    events: list[Event] = []
    for position in range(1, draw(st.integers(1, 25)) + 1):
        at = f"2026-{draw(st.sampled_from(['01', '02', '03']))}-{draw(st.integers(1, 28)):02d}"
        if draw(st.booleans()):
            seconds = draw(st.integers(-20_000, 80_000))
            events.append(cpu(position, f"{at}T12:00:00Z", str(seconds)))
        else:
            region = draw(st.sampled_from(["eu", "us", ""]))
            events.append(call(position, f"{at}T12:00:00Z", region))
    return events


def bill(events: list[Event], *, known: list[int]) -> list[Invoice]:
    """Bill January to March; of each run only the events up to a position are known."""
    documents: list[Invoice] = []
    for month, position in enumerate(sorted(known), start=1):
        asked = Asked(period=MONTHS[month], position=position, billed=as_billed(documents))
        made = drafted(events, asked).documents
        documents += [issue(one, f"{one.id}", date(2026, month + 1, 1)) for one in made]
    asked = Asked(
        period=MARCH, purpose=Purpose.CORRECTION, position=99, billed=as_billed(documents)
    )
    made = drafted(events, asked).documents
    return documents + [issue(one, f"{one.id}", date(2026, 4, 1)) for one in made]


def totals(documents: list[Invoice]) -> Counter[str]:
    """Return what was settled in all for each key, zeros left out."""
    found: Counter[str] = Counter()
    for document in documents:
        for line in document.lines:
            found[str(line.key)] += line.money.minor
    return Counter({key: minor for key, minor in found.items() if minor})


@fewer_examples
@given(events=usage(), known=st.lists(st.integers(0, 25), min_size=3, max_size=3))
def test_late_or_on_time(events: list[Event], known: list[int]) -> None:
    """Originals, adjustments and credit notes come to the invoices had all been on time."""
    assert totals(bill(events, known=known)) == totals(bill(events, known=[99, 99, 99]))


@fewer_examples
@given(events=usage())
def test_nothing_new_nothing_different(events: list[Event]) -> None:
    """A correction without new facts is empty."""
    documents = bill(events, known=[99, 99, 99])
    assert {one.purpose for one in documents} == {Purpose.PERIOD}


@given(events=usage(), order=st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(events: list[Event], order: object) -> None:
    """Guarantees 2 and 4: the same facts in any order of arrival make the same bytes."""
    positions = [event.position for event in events]
    order.shuffle(positions)  # type: ignore[attr-defined]  # a Random
    shuffled = [
        msgspec.structs.replace(event, position=position)
        for event, position in zip(events, positions, strict=True)
    ]
    assert document_of(the_invoice(drafted(shuffled))) == document_of(the_invoice(drafted(events)))


@fewer_examples
@given(events=usage(), known=st.lists(st.integers(0, 25), min_size=3, max_size=3))
def test_documents_add_up_read_back_and_verify(events: list[Event], known: list[int]) -> None:
    """Totals are sums, bytes read back as the same document, and every document verifies."""
    documents = bill(events, known=known)
    for index, one in enumerate(documents):
        content = document_of(one)
        assert one.total.minor == sum(line.money.minor for line in one.lines)
        assert invoice_from_document(content) == Done(one)
        claim = Claim(
            invoice=one,
            digest=digest(content),
            basis=BASIS,
            basis_digest=digest(basis_document(BASIS)),
            previous=tuple(documents[:index]),
        )
        logged = [event for event in events if event.position <= one.position]
        verdict = verify_document(replace(claim), logged)
        assert isinstance(verdict, Done), verdict
