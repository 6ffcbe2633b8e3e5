"""The business rules asked before a number is taken say what the official schematron says."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import cast

import pytest

from tallystick.integrations.documents.einvoice import terms_of
from tallystick.integrations.documents.einvoice.business_rules import broken_rules
from tallystick.integrations.documents.einvoice.terms import Terms
from tallystick.integrations.documents.einvoice.xml import Syntax, unchecked
from tallystick.kernel import Refused
from tests.integrations.documents.papers import TAX_BASES, invoice_of, view
from tests.integrations.documents.rules import UBL, judged

Change = Callable[[Terms], None]


def taxed_terms(basis_name: str = "taxed") -> Terms:
    """Return the terms of a sound document under a kind of tax."""
    basis = TAX_BASES[basis_name]
    return terms_of(view(invoice_of(basis=basis), basis=basis), language="en", seal="sha256:01")


def at(name: str, place: int | None, term: str, value: object) -> Change:
    """Return a change of one term: of the document's, or of a group's, or of one in a list."""

    def change(terms: Terms) -> None:
        group = terms[name] if place is None else cast(list[Terms], terms[name])[place]
        cast(Terms, group)[term] = value

    return change


def top(term: str, value: object) -> Change:
    """Return a change of a term of the document."""

    def change(terms: Terms) -> None:
        terms[term] = value

    return change


def without_numbers(terms: Terms) -> None:
    """Take the seller's tax numbers away."""
    cast(Terms, terms["BG-4"]).pop("vat_identifier")


FAULTS: dict[str, tuple[str, Change]] = {
    "BR-06": ("taxed", at("BG-4", None, "name", "")),
    "BR-07": ("taxed", at("BG-7", None, "name", "")),
    "BR-09": ("taxed", at("BG-4", None, "country_code", "")),
    "BR-11": ("taxed", at("BG-7", None, "country_code", "")),
    "BR-25": ("taxed", at("BG-25", 0, "BT-153", "")),
    "BR-27": ("taxed", at("BG-25", 0, "BT-146", "-1")),
    "BR-29": ("taxed", top("BT-74", date(2025, 1, 1))),
    "BR-30": ("taxed", at("BG-25", 0, "BT-135", date(2025, 1, 1))),
    "BR-CO-09": ("taxed", at("BG-4", None, "vat_identifier", "1234")),
    "BR-CO-10": ("taxed", top("BT-106", "99.00")),
    "BR-CO-13": ("taxed", top("BT-109", "99.00")),
    "BR-CO-14": ("taxed", top("BT-110", "99.00")),
    "BR-CO-15": ("taxed", top("BT-112", "99.00")),
    "BR-CO-16": ("taxed", top("BT-115", "99.00")),
    "BR-CO-17": ("taxed", at("BG-23", 0, "BT-119", "40")),
    "BR-DEC": ("taxed", at("BG-23", 0, "BT-116", "13.812")),
    "BR-S-02": ("taxed", without_numbers),
    "BR-AE-02": ("reverse charge", at("BG-7", None, "vat_identifier", "")),
    "BR-S-01": ("taxed", at("BG-25", 0, "BT-151", "E")),
    "BR-S-08": ("taxed", at("BG-25", 0, "BT-131", "99.00")),
    "BR-E-09": ("exempt", at("BG-23", 0, "BT-117", "1.00")),
    "BR-E-10": ("exempt", at("BG-23", 0, "BT-120", "")),
    "BR-IC-12": ("supply in the union", top("BG-13", {})),
}


def planted(name: str) -> Terms:
    """Return the terms of a document with one fault."""
    basis_name, change = FAULTS[name]
    terms = deepcopy(taxed_terms(basis_name))
    change(terms)
    return terms


@pytest.mark.parametrize("name", TAX_BASES)
def test_a_sound_document_breaks_no_rule(name: str) -> None:
    """Whatever the kind of tax, a document as it is made is sound."""
    assert list(broken_rules(taxed_terms(name))) == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(name: str) -> None:
    """Each fault is refused, by the name of the rule that it breaks."""
    found = [problem.message for problem in broken_rules(planted(name))]
    assert any(name in message for message in found), found


def test_the_official_rules_find_the_same_faults(tmp_path: Path) -> None:
    """What is refused here is refused by the schema, or by the schematron."""
    made = {name: unchecked(planted(name), Syntax.UBL) for name in FAULTS}
    written = {name: xml.value for name, xml in made.items() if not isinstance(xml, Refused)}
    sound = unchecked(taxed_terms(), Syntax.UBL)
    assert not isinstance(sound, Refused)
    *verdicts, good = judged(UBL, *written.values(), sound.value, folder=tmp_path)
    assert good.broken == {}
    silent = [name for name, verdict in zip(written, verdicts, strict=True) if not verdict.broken]
    assert silent == []
    assert len(written) > len(FAULTS) // 2
