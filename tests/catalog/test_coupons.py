"""Coupons in catalog documents: what is refused, and what may change later."""

import pytest

from tallystick.catalog import Catalog, Documents, plan_catalog
from tallystick.kernel import Done, Refused, instant
from tests.catalogs import catalog

SMALL = catalog()
NOW = instant("2026-06-01T00:00:00Z")
SPRING = {"key": "spring", "percent": "10", "duration": "forever"}
WELCOME = {"key": "welcome", "amount": "50", "currency": "EUR", "duration": "once"}
GIVEN = {"key": "g", "coupon": "spring", "account": "acme", "at": "2026-01-01T00:00:00Z"}


def planned(stored: Catalog, **lists: list[object]) -> list[str | None]:
    """Return the paths of the problems of documents."""
    outcome = plan_catalog(Documents(lists=lists), stored=stored, at=NOW)
    return [p.field for p in outcome.problems] if isinstance(outcome, Refused) else []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": "0"}, "percent"),
        ({"percent": "101"}, "percent"),
        ({"percent": "ten"}, "percent"),
        ({"amount": "5"}, "percent"),
        ({"currency": "EUR"}, "currency"),
        ({"duration": "repeating"}, "periods"),
        ({"periods": 3}, "periods"),
        ({"duration": "always"}, "duration"),
        ({"prices": ["a b"]}, "prices[0]"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_coupon_that_contradicts_itself_is_refused(
    changes: dict[str, object], field: str
) -> None:
    """Each mistake is said at its field."""
    assert f"coupons[0].{field}" in planned(Catalog(), coupons=[SPRING | changes])


def test_an_amount_has_a_currency_and_its_places() -> None:
    """Half a cent cannot be taken off, nor five of nothing."""
    assert planned(Catalog(), coupons=[WELCOME]) == []
    assert planned(Catalog(), coupons=[WELCOME | {"amount": "0.005"}]) == ["coupons[0].amount"]
    assert planned(Catalog(), coupons=[WELCOME | {"currency": "XXXX"}]) == ["coupons[0].currency"]


def test_a_grant_names_a_coupon_and_one_who_gets_it() -> None:
    """Unknown names, nobody and two at once are refused; until lies after at."""
    stored = SMALL
    assert planned(stored, coupons=[SPRING], coupon_grants=[GIVEN]) == []
    for changes, field in (
        ({"coupon": "sprong"}, "coupon"),
        ({"account": "nobody"}, "account"),
        ({"account": None}, "subscription"),
        ({"subscription": "s"}, "subscription"),
        ({"until": "2026-01-01T00:00:00Z"}, "until"),
    ):
        found = planned(stored, coupons=[SPRING], coupon_grants=[GIVEN | changes])
        assert f"coupon_grants[0].{field}" in found


def test_an_amount_that_is_used_up_is_given_to_a_contract() -> None:
    """An account may have several contracts, whose documents know no order."""
    given = {**GIVEN, "coupon": "welcome"}
    found = planned(SMALL, coupons=[WELCOME], coupon_grants=[given])
    assert found == ["coupon_grants[0].account"]


def test_what_was_given_does_not_change_but_may_end() -> None:
    """Name and end may change; everything that documents were made with may not."""
    lists = {"coupons": [SPRING], "coupon_grants": [GIVEN]}
    outcome = plan_catalog(Documents(lists=lists), stored=SMALL, at=NOW)
    assert isinstance(outcome, Done)
    stands = outcome.value.stores
    ended = {"until": "2026-07-01T00:00:00Z"}
    assert planned(stands, coupons=[SPRING | {"name": "Spring"}]) == []
    assert planned(stands, coupons=[SPRING | {"percent": "20"}]) == ["coupons[0].percent"]
    moved = {"at": "2026-02-01T00:00:00Z"}
    stored = Catalog(
        coupons=stands.coupons, coupon_grants=stands.coupon_grants, accounts=SMALL.accounts
    )
    assert planned(stored, coupon_grants=[GIVEN | ended]) == []
    assert planned(stored, coupon_grants=[GIVEN | moved]) == ["coupon_grants[0].at"]
