"""Drafts: what a document holds, what late facts change, and what nothing may change."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tallystick.invoicing import (
    Basis,
    DocumentType,
    Purpose,
    as_billed,
    document_of,
    questions,
    replayed_items,
)
from tallystick.kernel import MeterKey, Period, PriceKey, Refused, SubjectSpan, instant
from tallystick.metering import Aggregation, Dimension, Event, Meter
from tallystick.pricing import GraduatedPrice, Price, Tier, UnitPrice
from tests.invoicing import world
from tests.invoicing.world import (
    BASIS,
    FEBRUARY,
    JANUARY,
    MARCH,
    Asked,
    amounts,
    call,
    cpu,
    draft,
    drafted,
    issue,
    the_invoice,
)

# 12 hours of CPU: 1 allowed, 10 at 0.05, 1 at 0.04; 11 calls: two started packages.
CPU_12H = cpu(1, "2026-01-10T00:00:00Z", "43200")
CALLS_11 = [call(position, "2026-01-20T00:00:00Z") for position in range(2, 13)]
USED = [CPU_12H, *CALLS_11]
MACHINES = Meter(
    key=MeterKey("vm"),
    event_type="vm",
    aggregation=Aggregation.TIME_WEIGHTED,
    value="running",
    unit="vm",
    dimensions=(Dimension(name="size", path="size"),),
)
BY_SIZE = Price(
    key=PriceKey("vm"),
    model=UnitPrice(unit_price=Decimal("0.01")),
    meter=MACHINES.key,
    unit="vm.hour",
    currency="USD",
    group_by=("size",),
)
LEVELS = replace(BASIS, plan=replace(world.PLAN, prices=(BY_SIZE,)), meters=(MACHINES,))


def machine(position: int, at: str, *, running: int) -> Event:
    """Return how many machines of size s run from an instant on."""
    data = f'{{"running":{running},"size":"s"}}'
    return world.event(position, at, data=data, type="vm", subject="vm-1")


def test_period_document() -> None:
    """A period's document holds its usage in arrears and the next period's fee in advance."""
    invoice = the_invoice(drafted(USED))
    assert amounts(invoice) == {"base": "10.00", "cpu": "0.54", "calls (region eu)": "1.00"}
    assert str(invoice.total) == "11.54 USD"
    assert [line.key.period for line in invoice.lines] == [FEBRUARY, JANUARY, JANUARY]
    assert invoice.lines[1].exact.value == Decimal("0.54")


def test_opening_document() -> None:
    """The opening document holds fees in advance for the first period, and no usage."""
    invoice = the_invoice(drafted(USED, Asked(purpose=Purpose.OPENING)))
    assert [(line.description, line.key.period) for line in invoice.lines] == [("base", JANUARY)]


def test_zero_usage_is_shown() -> None:
    """A price without usage has a line of zero, a grouped one under an empty value."""
    invoice = the_invoice(drafted([]))
    assert amounts(invoice) == {"base": "10.00", "cpu": "0.00", "calls (region (none))": "0.00"}


def test_ended_contract_pays_nothing_in_advance() -> None:
    """The last period of an ended subscription is followed by no fee."""
    ended = world.with_contract(end=JANUARY.end)
    assert "base" not in amounts(the_invoice(drafted(USED, Asked(basis=ended))))


def test_part_of_a_period() -> None:
    """A fee and an allowance for 22 of 31 days are 22/31 of the whole."""
    late = world.with_contract(start=instant("2026-01-10T00:00:00Z"))
    period = replace(JANUARY, start=late.subscription.start)
    opening = the_invoice(drafted([], Asked(basis=late, period=period, purpose=Purpose.OPENING)))
    assert amounts(opening) == {"base": "7.10"}  # 10.00 x 22/31 = 7.0967...
    usage = the_invoice(drafted(USED, Asked(basis=late, period=period)))
    # 12 - 22/31 hours: 10 at 0.05, the rest at 0.04.
    assert str(usage.lines[1].exact.value).startswith("0.551612903225806451")


def test_late_event_is_an_adjustment_line() -> None:
    """What a late event adds stands on the next document, as the whole minus what was settled."""
    first = issue(the_invoice(drafted(USED, Asked(position=12))), "INV-1")
    late = [*USED, cpu(13, "2026-01-31T00:00:00Z", "3600")]
    found = drafted(late, Asked(period=FEBRUARY, position=13, billed=as_billed([first])))
    assert found.credit_notes == ()
    invoice = the_invoice(found)
    assert amounts(invoice)["cpu, corrected"] == "0.04"
    line = invoice.lines[-1]
    assert (str(line.settled_before), line.exact.value) == ("0.54 USD", Decimal("0.58"))


def test_late_event_that_takes_away_is_a_credit_note() -> None:
    """What a late fact takes away is credited, with a reference to the document that charged it."""
    first = issue(the_invoice(drafted(USED, Asked(position=12))), "INV-1")
    late = [*USED, cpu(13, "2026-01-31T00:00:00Z", "-7200")]
    found = drafted(late, Asked(period=FEBRUARY, position=13, billed=as_billed([first])))
    (note,) = found.credit_notes
    assert note.document_type is DocumentType.CREDIT_NOTE
    assert note.reference is not None
    assert note.reference.number == "INV-1"
    assert (amounts(note), note.period) == ({"cpu, corrected": "-0.09"}, JANUARY)
    assert "cpu, corrected" not in amounts(the_invoice(found))


def test_corrections_of_corrections_add_up() -> None:
    """Three corrections of a third of a cent settle the whole each time, never the difference."""
    events = [cpu(1, "2026-01-10T00:00:00Z", "3600")]  # what is allowed
    history = [issue(the_invoice(drafted(events, Asked(position=1))), "1")]
    made = []
    for position in (2, 3, 4):
        events.append(cpu(position, "2026-01-11T00:00:00Z", "240"))  # 1/15 h x 0.05 = 0.00333
        asked = Asked(purpose=Purpose.CORRECTION, position=position, billed=as_billed(history))
        found = drafted(events, asked).invoice
        made.append(None if found is None else str(found.total))
        history += [] if found is None else [issue(found, str(position))]
    assert made == [None, "0.01 USD", None]


def test_difference_without_a_fact_is_a_defect() -> None:
    """A closed key that changes though nothing was recorded since is refused, and not billed."""
    first = issue(the_invoice(drafted(USED, Asked(position=12))), "INV-1")
    outcome = draft(CALLS_11, Asked(period=FEBRUARY, position=50, billed=as_billed([first])))
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "unexplained_difference"


def test_found_owner_explains_a_difference() -> None:
    """A resource that found its owner later makes old events count: a new fact without an event."""
    before = replace(world.BASIS, spans=(SubjectSpan(subject="acme", start=None, end=None),))
    first = issue(the_invoice(drafted(USED, Asked(position=12, basis=before))), "INV-1")
    found = drafted(USED, Asked(period=FEBRUARY, position=12, billed=as_billed([first])))
    assert amounts(the_invoice(found))["cpu, corrected"] == "0.54"


def test_no_new_facts_no_difference() -> None:
    """Replaying closed periods without new facts changes nothing."""
    first = issue(the_invoice(drafted(USED, Asked(position=12))), "INV-1")
    found = drafted(USED, Asked(period=FEBRUARY, position=60, billed=as_billed([first])))
    assert found.credit_notes == ()
    assert amounts(the_invoice(found)) == {
        "base": "10.00",
        "cpu": "0.00",
        "calls (region (none))": "0.00",
    }


def test_correction_without_a_next_period() -> None:
    """An ended subscription's late usage has a document of its own, counted by revision."""
    ended = world.with_contract(end=JANUARY.end)
    first = issue(the_invoice(drafted(USED, Asked(position=12, basis=ended))), "INV-1")
    late = [*USED, cpu(13, "2026-01-31T00:00:00Z", "3600")]
    asked = Asked(position=13, basis=ended, purpose=Purpose.CORRECTION)
    second = the_invoice(drafted(late, replace(asked, billed=as_billed([first]))))
    assert (second.revision, amounts(second)) == (1, {"cpu, corrected": "0.04"})
    assert second.document_type is DocumentType.INVOICE
    history = as_billed([first, issue(second, "INV-2")])
    assert drafted(late, replace(asked, billed=history)).documents == ()


def test_corrections_of_a_period_whose_end_moved() -> None:
    """Corrections before and after a cancellation entered late are counted on, not anew."""
    first = issue(the_invoice(drafted(USED, Asked(position=12))), "INV-1")
    end = instant("2026-01-25T00:00:00Z")
    asked = Asked(
        basis=world.with_contract(end=end),
        period=Period(start=JANUARY.start, end=end),
        purpose=Purpose.CORRECTION,
        position=12,
        billed=as_billed([first]),
    )
    documents = drafted(USED, asked).documents
    assert [(one.period.end, one.revision) for one in documents] == [(end, 1), (JANUARY.end, 2)]
    history = as_billed([first, *(issue(one, one.id) for one in documents)])
    late = [*USED, cpu(13, "2026-01-11T00:00:00Z", "3600")]
    third = the_invoice(drafted(late, replace(asked, position=13, billed=history)))
    assert third.revision == 3
    assert len({one.id for one in (*documents, third)}) == 3


def test_owner_corrected_twice_without_an_event() -> None:
    """An owner's end entered wrongly, billed, and taken back is explained each time."""

    def owned(end: str | None) -> Basis:
        span = SubjectSpan(subject="vm-1", start=None, end=None if end is None else instant(end))
        return replace(BASIS, spans=(span,))

    first = issue(the_invoice(drafted([CPU_12H], Asked(position=1, basis=owned(None)))), "INV-1")
    asked = Asked(period=FEBRUARY, position=1, basis=owned("2026-01-05T00:00:00Z"))
    second = drafted([CPU_12H], replace(asked, billed=as_billed([first])))
    assert amounts(second.credit_notes[0]) == {"cpu, corrected": "-0.54"}
    history = as_billed([first, *(issue(one, one.id) for one in second.documents)])
    again = Asked(period=MARCH, position=1, basis=owned(None), billed=history)
    assert amounts(the_invoice(drafted([CPU_12H], again)))["cpu, corrected"] == "0.54"


def test_credit_note_refers_to_the_document_that_charged() -> None:
    """What an adjustment charged is credited to its document, not to the first one's zero."""
    first = issue(the_invoice(drafted([], Asked(position=0))), "INV-1")
    asked = Asked(period=FEBRUARY, position=1, billed=as_billed([first]))
    second = issue(the_invoice(drafted([CPU_12H], asked)), "INV-2")
    assert amounts(second)["cpu, corrected"] == "0.54"
    less = [CPU_12H, cpu(2, "2026-01-10T00:00:00Z", "-3600")]
    asked = Asked(period=MARCH, position=2, billed=as_billed([first, second]))
    (note,) = drafted(less, asked).credit_notes
    assert note.reference is not None
    assert (note.reference.number, note.period) == ("INV-2", FEBRUARY)
    assert amounts(note) == {"cpu, corrected": "-0.04"}


def test_end_ahead_explains_nothing() -> None:
    """A contract's end that lies ahead does not explain that a closed period lost its usage."""
    first = issue(the_invoice(drafted([CPU_12H], Asked(position=1))), "INV-1")
    ending = world.with_contract(end=instant("2026-12-01T00:00:00Z"))
    asked = Asked(period=FEBRUARY, position=1, billed=as_billed([first]), basis=ending)
    outcome = draft([], asked)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "unexplained_difference"


def test_end_taken_back_after_the_last_document() -> None:
    """The fee in advance that a last document left out is charged once the contract goes on."""
    ended = world.with_contract(end=instant("2026-01-15T00:00:00Z"))
    last = Period(start=JANUARY.start, end=instant("2026-01-15T00:00:00Z"))
    first = issue(the_invoice(drafted([], Asked(position=0, basis=ended, period=last))), "INV-1")
    assert "base" not in amounts(first)
    goes_on = Asked(period=FEBRUARY, position=0, billed=as_billed([first]))
    fees = [line for line in the_invoice(drafted([], goes_on)).lines if line.key.price == "base"]
    assert [line.key.period for line in fees] == [MARCH, FEBRUARY]


def test_group_that_moves() -> None:
    """Usage that moves to another group is credited there and charged here."""
    first = issue(the_invoice(drafted(CALLS_11, Asked(position=12))), "INV-1")
    moved = [*CALLS_11, call(13, "2026-01-21T00:00:00Z", region="us")]
    found = drafted(moved, Asked(period=FEBRUARY, position=13, billed=as_billed([first])))
    assert amounts(the_invoice(found))["calls (region us), corrected"] == "0.50"


def test_group_whose_level_fell_before_the_period() -> None:
    """A stop told late takes its group out of the next period too, where nothing is left of it."""
    started = machine(1, "2026-01-10T00:00:00Z", running=1)
    january = issue(the_invoice(drafted([started], Asked(basis=LEVELS, position=1))), "INV-1")
    asked = Asked(basis=LEVELS, period=FEBRUARY, position=1, billed=as_billed([january]))
    february = issue(the_invoice(drafted([started], asked)), "INV-2")
    assert amounts(february) == {"vm (size s)": "6.72"}
    stopped = [started, machine(2, "2026-01-20T00:00:00Z", running=0)]
    history = as_billed([january, february])
    asked = Asked(basis=LEVELS, period=MARCH, position=2, billed=history)
    notes = drafted(stopped, asked).credit_notes
    assert [(note.period, str(note.total)) for note in notes] == [
        (JANUARY, "-2.88 USD"),
        (FEBRUARY, "-6.72 USD"),
    ]
    lost = draft([], replace(asked, position=1))
    assert isinstance(lost, Refused)
    assert {problem.code for problem in lost.problems} == {"unexplained_difference"}


def test_fee_of_no_usage_goes_with_the_first_late_group() -> None:
    """The fee that stood for no usage at all is credited once a late event names a group."""
    tier = Tier(up_to=None, unit_price=Decimal("0.1"), flat=Decimal(5))
    fee = replace(world.CALLS_PRICE, model=GraduatedPrice(tiers=(tier,), flat_at_zero=True))
    basis = replace(BASIS, plan=replace(world.PLAN, prices=(fee,)))
    first = issue(the_invoice(drafted([], Asked(basis=basis, position=0))), "INV-1")
    assert amounts(first) == {"calls (region (none))": "5.00"}
    asked = Asked(basis=basis, period=FEBRUARY, position=1, billed=as_billed([first]))
    found = drafted([call(1, "2026-01-20T00:00:00Z")], asked)
    assert amounts(the_invoice(found))["calls (region eu), corrected"] == "5.10"
    assert amounts(found.credit_notes[0]) == {"calls (region (none)), corrected": "-5.00"}


def test_ids_follow_from_the_facts() -> None:
    """Two drafts of the same facts are the same bytes; another period is another id."""
    one, other = the_invoice(drafted(USED)), the_invoice(drafted(USED[::-1]))
    assert document_of(one) == document_of(other)
    assert the_invoice(drafted(USED, Asked(period=MARCH))).id != one.id


def test_preview_measures_up_to_now() -> None:
    """A preview measures only up to now, without evidence, and cannot be issued."""
    items = replayed_items(BASIS, period=JANUARY, purpose=Purpose.PERIOD, billed=())
    asked = questions(BASIS, items, position=1, preview_at=JANUARY.start + timedelta(days=3))
    assert {question.query.windows[0].end.day for question in asked} == {4}
    assert {question.query.evidence for question in asked} == {False}


@pytest.mark.parametrize("position", [12, 99])
def test_lines_carry_the_position(position: int) -> None:
    """Each line says up to which position facts were known."""
    invoice = the_invoice(drafted(USED, Asked(position=position)))
    assert {line.position for line in invoice.lines} == {position}
