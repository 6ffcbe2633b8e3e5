"""A charge explained, compared with files that a person has read."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.kernel import Done
from tallystick.pricing import Charge, document_from_charge, rate_document, text_from_charge

GOLDEN = Path(__file__).parent / "golden"
USAGE = {"meter": "m", "currency": "USD"}
CASES: dict[str, tuple[dict[str, object], str]] = {
    "graduated": (
        {
            "key": "cpu",
            "model": "graduated",
            "unit": "hour",
            "allowance": "1",
            "tiers": [
                {"up_to": "100", "unit_price": "0.05"},
                {"up_to": "1000", "unit_price": "0.0425", "flat": "2"},
                {"unit_price": "0.04"},
            ],
        },
        "1234.5678",
    ),
    "volume": (
        {
            "key": "calls",
            "model": "volume",
            "unit": "request",
            "currency": "JPY",
            "tiers": [{"up_to": "1000", "unit_price": "0.5"}, {"unit_price": "0.333"}],
        },
        "1001",
    ),
    "package": (
        {
            "key": "mail",
            "model": "package",
            "unit": "message",
            "package_size": "1000",
            "package_price": "0.50",
        },
        "12001",
    ),
    "unit": ({"key": "egress", "model": "unit", "unit": "GB", "unit_price": "0.09"}, "2.74728274"),
    "flat": ({"key": "base", "model": "flat", "amount": "10.00", "meter": None}, "1"),
    "below_zero": ({"key": "seats", "model": "unit", "unit": "seat", "unit_price": "5"}, "-3"),
}


def charge(name: str) -> Charge:
    """Rate one of the cases."""
    document, quantity = CASES[name]
    outcome = rate_document(USAGE | document, quantity)
    assert isinstance(outcome, Done), outcome
    return outcome.value


@pytest.mark.parametrize("name", CASES)
def test_the_text_is_the_one_that_was_read(name: str) -> None:
    """Each step stands with its numbers, points below each other, only the last row rounded."""
    assert text_from_charge(charge(name)) + "\n" == (GOLDEN / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", CASES)
def test_the_document_is_the_one_that_was_read(name: str) -> None:
    """Programs get the same numbers as plain text."""
    document = json.loads(json.dumps(document_from_charge(charge(name))))
    assert document == json.loads((GOLDEN / f"{name}.json").read_text())


@pytest.mark.parametrize("name", CASES)
def test_the_steps_shown_add_up(name: str) -> None:
    """Whoever adds the amounts shown gets the exact amount shown."""
    document = json.loads(json.dumps(document_from_charge(charge(name))))
    amounts = [Decimal(step["amount"]) for step in document["steps"]]
    assert sum(amounts) == Decimal(document["exact"])
