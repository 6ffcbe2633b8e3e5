"""The bridge to a tax engine: what is asked, what is taken, and what is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest

from tallystick.integrations.tax_engine import HttpTaxEngine
from tallystick.kernel import Done, Refused
from tallystick.tax import Buyer, Seller, TaxQuestion
from tests.client.scripted_server import Answer, scripted_server

AT = datetime(2026, 3, 1, tzinfo=UTC)
QUESTION = TaxQuestion(
    seller=Seller(country="US", registrations=()),
    buyer=Buyer(country="US", region="CA"),
    address=None,
    products=("", "software"),
    since=date(2025, 1, 1),
    until=date(2026, 4, 1),
)
RULES = b"""{"engine": "acme-tax", "reference": "q-17", "rules": [
  {"key": "state", "tax": "CA", "country": "US", "region": "CA", "rate": 7.25,
   "valid_from": "2025-01-01"},
  {"key": "county", "tax": "LA", "country": "US", "region": "CA", "rate": "2.25",
   "valid_from": "2025-01-01"}]}"""


def test_rules_are_taken() -> None:
    """Rules are read as those of a catalog, fractions exactly, with the engine's reference."""
    with scripted_server(Answer(status=200, body=RULES)) as peer:
        found = HttpTaxEngine(url=peer.url, key="k").rules_for(QUESTION, at=AT)
    assert isinstance(found, Done), found
    answer = found.value
    assert (answer.engine, answer.reference, answer.answered_at) == ("acme-tax", "q-17", AT)
    assert {rule.tax: rule.rate for rule in answer.rules} == {
        "CA": Decimal("7.25"), "LA": Decimal("2.25"),
    }  # fmt: skip
    ((method, _, headers, body),) = peer.requests
    asked = msgspec.json.decode(body)
    assert (method, headers["authorization"]) == ("POST", "Bearer k")
    assert (asked["buyer"]["region"], asked["products"]) == ("CA", ["", "software"])
    assert (asked["since"], asked["until"]) == ("2025-01-01", "2026-04-01")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500),
        Answer(status=0),
        Answer(status=200, body=b"<html>"),
        Answer(status=200, body=b"{}"),
        Answer(status=200, body=b'{"rules": [{"key": "x", "rate": "7"}]}'),
        Answer(status=200, body=b" " * 1_100_000),
    ],
)
def test_what_cannot_be_read(answer: Answer) -> None:
    """An engine that fails, or answers anything but rules, gives none."""
    with scripted_server(answer) as peer:
        found = HttpTaxEngine(url=peer.url).rules_for(QUESTION, at=AT)
    assert isinstance(found, Refused)
    assert found.problems[0].code == "tax_engine_unavailable"


def test_no_engine() -> None:
    """Without an address there is no engine."""
    found = HttpTaxEngine().rules_for(QUESTION, at=AT)
    assert isinstance(found, Refused)
    assert found.problems[0].code == "no_tax_engine"
