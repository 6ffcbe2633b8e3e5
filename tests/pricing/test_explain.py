"""A charge explained, compared with files that a person has read."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.kernel import Done
from tallystick.pricing import (
    Charge,
    document_from_charge,
    plain_usage,
    rate_document,
    text_from_charge,
    usage_from_document,
)

GOLDEN = Path(__file__).parent / "golden"
USAGE = {"meter": "m", "currency": "USD"}
CASES: dict[str, tuple[dict[str, object], str | dict[str, object]]] = {
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
    "stairstep": (
        {
            "key": "seats",
            "model": "stairstep",
            "unit": "seat",
            "tiers": [{"up_to": "10", "flat": "100"}, {"flat": "400"}],
        },
        "10.5",
    ),
    "percentage": (
        {
            "key": "cards",
            "model": "percentage",
            "percent": "1.3",
            "fixed": "2",
            "free_transactions": "3",
            "free_amount": "250",
            "transaction_minimum": "4",
            "transaction_maximum": "7",
        },
        {"transactions": ["50", "100", "250", "400"]},
    ),
    "matrix": (
        {
            "key": "vm",
            "model": "matrix",
            "unit": "hour",
            "group_by": ["region", "size"],
            "cells": [{"where": {"region": "eu", "size": "large"}, "unit_price": "0.3"}],
            "default_price": "0.1",
        },
        {"quantity": "10", "group": {"region": "eu", "size": "large"}},
    ),
    "time_of_use": (
        {
            "key": "power",
            "model": "time_of_use",
            "unit": "hour",
            "allowance": "1",
            "bands": [
                {"name": "peak", "unit_price": "0.30", "begin": "08:00", "end": "20:00"},
                {"name": "night", "unit_price": "0.10", "begin": "22:00", "end": "06:00"},
            ],
            "otherwise": "0.20",
        },
        {"parts": {"peak": "4", "otherwise": "2", "night": "3"}},
    ),
    "dynamic": (
        {
            "key": "spot",
            "model": "dynamic",
            "unit": "hour",
            "factor": "1.1",
            "series": [
                {"at": "2026-01-01T10:00:00Z", "unit_price": "0.031"},
                {"at": "2026-01-01T11:00:00Z", "unit_price": "0.045"},
            ],
        },
        {"parts": {"2026-01-01T10:00:00.000000Z": 2, "2026-01-01T11:00:00.000000Z": "1"}},
    ),
    "committed": (
        {
            "key": "cores",
            "model": "committed",
            "unit": "hour",
            "commitment": "100",
            "unit_price": "0.05",
            "overage_price": "0.08",
        },
        "130",
    ),
    "cost_plus": ({"key": "resold", "model": "cost_plus", "markup_percent": "15"}, "200"),
    "formula": (
        {
            "key": "calls",
            "model": "formula",
            "unit": "call",
            "group_by": ["tier"],
            "formula": 'if dimension.tier == "gold" then quantity * 0.02 else max(5, quantity)',
        },
        {"quantity": "1000", "group": {"tier": "gold"}},
    ),
    "everything": (
        {
            "key": "cpu",
            "model": "graduated",
            "unit": "hour",
            "rounding": {"step": "1", "mode": "up"},
            "allowance": "10",
            "discounts": [
                {"percent": "10"},
                {"name": "spring", "amount": "1"},
                {"usage": "5"},
                {"name": "by amount", "tiers": [{"up_to": "2", "percent": "0"}, {"percent": "50"}]},
            ],
            "minimum": "3",
            "tiers": [{"up_to": "100", "unit_price": "0.05"}, {"unit_price": "0.04", "flat": "2"}],
        },
        "114.2",
    ),
    "below_zero": ({"key": "seats", "model": "unit", "unit": "seat", "unit_price": "5"}, "-3"),
}


def charge(name: str) -> Charge:
    """Rate one of the cases."""
    document, used = CASES[name]
    usage = plain_usage(used) if isinstance(used, str) else usage_from_document(used)
    outcome = rate_document(USAGE | document, usage)
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
