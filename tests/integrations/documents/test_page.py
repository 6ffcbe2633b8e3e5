"""The texts of a document: every language, the money of the stored document, nothing lost."""

import re
from dataclasses import fields, replace
from decimal import Decimal

import pytest

from tallystick.accounts import Contact
from tallystick.catalog import LANGUAGES
from tallystick.integrations.documents.einvoice.lines import parts_of
from tallystick.integrations.documents.formats import formats_for
from tallystick.integrations.documents.page import page_of
from tallystick.integrations.documents.page.labels import step_label
from tallystick.integrations.documents.usage_detail import usage_detail
from tallystick.integrations.documents.view import StepView, language_of, view_of
from tallystick.integrations.documents.words import WORDS, Words
from tallystick.kernel import Misuse
from tests.integrations.documents.papers import (
    BUYER,
    CONVERTED,
    ISSUER,
    PARTIES,
    TAX_BASES,
    TAXED,
    credit_note_of,
    draft_of,
    invoice_of,
    ordered_note_of,
    paid_before,
    view,
    void_note_of,
)
from tests.invoicing.world import BASIS, call

SEAL = "sha256:0123"
PLACE = re.compile(r"\{\w+\}")


def test_languages_are_complete() -> None:
    """Each language that a catalog may name has every word, with the same places to fill in."""
    assert set(WORDS) == set(LANGUAGES)
    for field in fields(Words):
        texts = {language: getattr(words, field.name) for language, words in WORDS.items()}
        if isinstance(texts["en"], str):
            assert all(texts.values()), field.name
            assert len({tuple(sorted(PLACE.findall(text))) for text in texts.values()}) == 1
    assert {tuple(words.exemptions) for words in WORDS.values()} == {tuple(WORDS["en"].exemptions)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_and_sum_is_told(language: str) -> None:
    """Lines in their order with their money, and the total, in the writing of each language."""
    page = page_of(view(), language=language, seal=SEAL)
    assert [line.item for line in page.lines] == ["base", "cpu", "calls", "calls"]
    digits = [re.sub(r"[^0-9]", "", line.amount) for line in page.lines]
    assert digits == ["1000", "131", "150", "100"]
    assert re.sub(r"[^0-9]", "", page.sums[-1].amount) == "1381"
    assert page.title == WORDS[language].invoice


def test_steps_are_told_in_words() -> None:
    """What a line is made of stands below it, in the document's language and the payer's format."""
    cpu = page_of(view(), language="de", seal=SEAL).lines[1]
    assert cpu.quantity == "31,200278 Stunden"
    assert [(step.label, step.terms, step.amount) for step in cpu.steps] == [
        ("Inklusive", "1 Stunde", "0,00"),
        ("Stufe 1: bis 10", "10 \u00d7 0,05", "0,50"),
        ("Stufe 2: über 10", "20,200278 \u00d7 0,04", "0,808011"),
    ]


def test_how_much_of_a_fee_was_taken_is_told() -> None:
    """Seats have a quantity beside their price, in part of a period too; a flat fee has none."""
    shown = view()
    units = StepView(
        label="units",
        quantity=Decimal(5),
        unit_price=Decimal("7.35"),
        flat=Decimal(0),
        amount=Decimal("36.75"),
    )
    share = StepView(
        label="6/7 of the period",
        quantity=None,
        unit_price=None,
        flat=Decimal(0),
        amount=Decimal("-5.25"),
    )
    base = shown.lines[0]
    seats = replace(base, quantity=Decimal(5), steps=(units,))
    lines = (base, seats, replace(seats, steps=(units, share)), replace(seats, steps=()))
    told = page_of(replace(shown, lines=lines), language="en", seal=SEAL).lines
    assert [(line.quantity, line.unit_price) for line in told] == [
        ("", ""),
        ("5", "7,35"),
        ("5", ""),
        ("5", ""),
    ]


def test_a_conversion_is_told() -> None:
    """Steps are in the price's currency; below them the rate, its source and day, and the sum."""
    base, cpu, *_ = page_of(view(basis=CONVERTED), language="en", seal=SEAL).lines
    told = [(step.label, step.terms, step.amount) for step in base.steps]
    assert told == [
        ("Flat fee", "", "10,00"),
        ("Converted at the rate of ecb of 30 January 2026", "10,00 USD \u00d7 0,8971", "8,971"),
    ]
    assert base.unit_price == ""
    assert cpu.steps[-1].amount == "1,173417"


def test_packages_are_told_even_where_one_holds_one() -> None:
    """One call in a started package of ten is not a call at the package's price."""
    one_call = invoice_of((call(2, "2026-01-20T00:00:00Z"),))
    told = page_of(view(one_call), language="en", seal=SEAL).lines[2]
    assert (told.quantity, told.unit_price) == ("1 call", "")
    assert [step.label for step in told.steps] == ["Started packages of 10"]
    (part,) = parts_of(view(one_call).lines[2])
    assert (part.label, part.code) == ("started packages of 10", "C62")


def test_steps_around_a_price_are_worded() -> None:
    """Discounts, bounds and commitments are worded too; a name and an unknown step stay."""
    german = formats_for("de", "DE")
    for label, said in {
        "discount of 10 %": "Rabatt von 10\u00a0%",
        "Summer sale of 7.5 %": "Summer sale von 7,5\u00a0%",
        "markup of 3 %": "Aufschlag von 3\u00a0%",
        "up to the minimum of 100": "Aufschlag bis zum Mindestbetrag von 100",
        "above the commitment of 1000": "Über der Zusage von 1.000",
        "17/31 of the period": "17/31 des Zeitraums",
        "tier 1: all": "Stufe 1: alles",
        "tier 1: up to 50, packages of 10": "Stufe 1: bis 50, Angefangene Pakete zu 10",
        "something new": "something new",
    }.items():
        assert step_label(label, words=WORDS["de"], formats=german) == said


def test_taxes_are_told() -> None:
    """Net, each tax with its rate and base, then the total; without tax the total alone."""
    page = page_of(view(basis=TAXED), language="de", seal=SEAL)
    assert [(each.label, each.amount) for each in page.sums] == [
        ("Netto", "13,81\u00a0$"),
        ("Umsatzsteuer 19\u00a0% auf 13,81\u00a0$", "2,62\u00a0$"),
        ("Rechnungsbetrag", "16,43\u00a0$"),
    ]
    assert [each.label for each in page_of(view(), language="de", seal=SEAL).sums] == [
        "Rechnungsbetrag"
    ]
    two = page_of(view(basis=TAX_BASES["two rates"]), language="en", seal=SEAL)
    assert len(two.sums) == 4


def test_what_is_not_taxed_says_why() -> None:
    """The reason of the rule stands on the page."""
    page = page_of(view(basis=TAX_BASES["reverse charge"]), language="en", seal=SEAL)
    assert page.notes == ("Reverse charge",)


def test_credit_notes_give_back() -> None:
    """A credit note shows what it gives back as positive, names its original, asks for nothing."""
    note = page_of(view(credit_note_of()), language="en", seal=SEAL)
    assert (note.title, note.sums[-1].label) == ("Credit note", "Total credited")
    assert note.lines[0].amount == "0,80\u00a0US$"
    assert note.notes == ("Corrects invoice INV-2026-000001 of 1 February 2026.",)
    assert note.payment == ()
    assert note.lines[0].steps[-1].label == "charged before"


def test_ordered_notes_say_why() -> None:
    """A void names what it voids, a credit its kind, both their reason."""
    goodwill = page_of(view(ordered_note_of()), language="en", seal=SEAL)
    assert goodwill.notes == (
        "Corrects invoice INV-2026-000001 of 1 February 2026.",
        "Goodwill credit. Reason: an outage",
    )
    assert sum(line.amount != "" for line in goodwill.lines) == len(goodwill.lines)
    void = page_of(view(void_note_of()), language="de", seal=SEAL)
    assert void.notes == (
        "Storniert die Rechnung INV-2026-000001 vom 1. Februar 2026.",
        "Storno. Grund: address",
    )
    assert [line.steps for line in void.lines] == [()] * len(void.lines)


def test_drafts_say_so() -> None:
    """A draft has no number, says that it is none, and tells nobody where to pay."""
    page = page_of(view(draft_of()), language="en", seal=SEAL)
    assert page.is_draft
    assert page.draft_notice
    assert page.facts[0] == ("Number", "Draft")
    assert page.payment == ()
    assert not page_of(view(), language="en", seal=SEAL).draft_notice


def test_payment_names_the_account() -> None:
    """An invoice says where to pay to, and under which number."""
    payment = dict(page_of(view(), language="en", seal=SEAL).payment)
    assert payment["IBAN"] == "DE89 3704 0044 0532 0130 00"
    assert payment["Payment reference"] == "INV-2026-000001"


def test_language_of_the_payer_comes_first() -> None:
    """The payer's language, then the issuer's, then none."""
    french = replace(ISSUER, contact=replace(ISSUER.contact, language="fr"))
    japanese = replace(BUYER, contact=Contact(language="ja"))
    assert language_of(PARTIES) == ""
    assert language_of(replace(PARTIES, issuer=french)) == "fr"
    assert language_of(replace(PARTIES, issuer=french, buyer=japanese)) == "ja"


def test_no_page_without_parties() -> None:
    """Nothing is made up about parties that a basis does not know."""
    with pytest.raises(Misuse):
        view_of(invoice_of(), BASIS)


def test_detail_of_a_converted_line() -> None:
    """Both amounts, both currencies, the rate, its day and its source; else these are empty."""
    plain_rows = [line.split(",") for line in usage_detail(view()).splitlines()]
    assert plain_rows[1][-5:] == [""] * 5
    rows = [line.split(",") for line in usage_detail(view(basis=CONVERTED)).splitlines()]
    assert rows[0][-6:] == [
        "currency", "charged", "charged_currency", "exchange_rate", "rate_day", "rate_source",
    ]  # fmt: skip
    assert rows[1][-6:] == ["EUR", "10", "USD", "0.8971", "2026-01-30", "ecb"]


def test_detail_has_a_row_for_each_step() -> None:
    """The figures of every step, exact and unformatted; sums of money equal the total."""
    rows = [line.split(",") for line in usage_detail(view()).splitlines()]
    assert len(rows) == 1 + 1 + 3 + 1 + 1
    tiers = [row for row in rows if row[1] == "cpu"]
    label, quantity, price, flat = tiers[2][9:13]
    assert (label, price, flat) == ("tier 2: above 10", "0.04", "0")
    assert quantity.startswith("20.2002777777777777777")
    assert {row[rows[0].index("money")] for row in tiers} == {"1.31"}


def test_what_was_paid_before_stands_below_the_total() -> None:
    """The total, what was paid of it, and what is left; nothing is asked for where nothing is."""
    whole = invoice_of()
    part = page_of(view(paid_before(whole, 500)), language="en", seal=SEAL)
    assert [(one.label, one.amount) for one in part.sums[-3:]] == [
        ("Total", "13,81\xa0US$"),
        ("Paid before", "-5,00\xa0US$"),
        ("Left to pay", "8,81\xa0US$"),
    ]
    assert part.payment
    assert not page_of(
        view(paid_before(whole, whole.total.minor)), language="en", seal=SEAL
    ).payment
