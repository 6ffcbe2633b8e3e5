"""Changes of payer in a catalog: what may be declared, what stays, and numbers of two entities."""

from typing import Any

import pytest

from tallystick.accounts import Account
from tallystick.catalog import (
    Catalog,
    Documents,
    catalog_documents,
    catalog_from_documents,
    plan_catalog,
)
from tallystick.kernel import AccountKey, Done, Outcome, Refused, instant
from tests.catalogs import documents, lists

NOW = instant("2026-06-01T00:00:00Z")
MARCH, APRIL, JULY = (f"2026-{month:02}-01T00:00:00.000000Z" for month in (3, 4, 7))
GLOBE = {
    "key": "globe", "name": "Globe", "zone": "UTC", "currency": "EUR", "invoiced": True,
}  # fmt: skip


def stored(**moved: object) -> Catalog:
    """Return the catalog with a second payer, the subscriber changed in some fields."""
    known = lists()
    known["accounts"] = [known["accounts"][0] | moved, *known["accounts"][1:], GLOBE]
    outcome = catalog_from_documents(documents(known))
    assert isinstance(outcome, Done), outcome
    return outcome.value


def applied(changes: Any, upon: Catalog, *, key: str = "acme") -> Outcome[Account]:  # noqa: ANN401 - what files say
    """Apply an account's changes of payer; None: a document that does not speak of them."""
    account = next(one for one in [*lists()["accounts"], GLOBE] if one["key"] == key)
    said = {} if changes is None else {"payer_changes": changes}
    wanted = Documents(lists={"accounts": [account | said]})
    outcome = plan_catalog(wanted, stored=upon, at=NOW)
    if isinstance(outcome, Refused):
        return outcome
    return Done(outcome.value.stores.accounts.get(AccountKey(key), upon.accounts[AccountKey(key)]))


def told(outcome: Outcome[Account]) -> list[tuple[str, str]]:
    """Return field and message of what is refused."""
    assert isinstance(outcome, Refused), outcome
    return [(one.field, one.message) for one in outcome.problems]


MOVE = {"at": MARCH, "parent": "globe"}


def test_a_change_may_lie_before_now_and_comes_back_as_it_was_written() -> None:
    """It is applied, exported, and applied again without a difference."""
    outcome = applied([MOVE], stored())
    assert isinstance(outcome, Done), outcome
    (change,) = outcome.value.payer_changes
    assert (change.at, change.parent, change.invoiced) == (instant(MARCH), "globe", False)
    written = catalog_documents(Catalog(accounts={outcome.value.key: outcome.value}))
    assert written.lists["accounts"][0]["payer_changes"] == [MOVE]  # type: ignore[index] # a list of mappings


def test_what_a_file_does_not_speak_of_stays() -> None:
    """A file from before the change leaves it; one that says there is none is refused."""
    upon = stored(payer_changes=[MOVE])
    assert applied(None, upon) == Done(upon.accounts[AccountKey("acme")])
    ((field, message),) = told(applied([], upon))
    assert field == "accounts[0].payer_changes"
    assert message.startswith('account "acme" is billed; its change of payer of 2026-03-01')


def test_what_lies_ahead_may_still_go_and_what_is_past_be_replaced() -> None:
    """A change of July goes; that of March stays, and another one of the same instant counts."""
    ahead = {"at": JULY, "parent": "globe"}
    upon = stored(payer_changes=[MOVE, ahead])
    back = {"at": MARCH, "invoiced": True}
    outcome = applied([MOVE, back], upon)
    assert isinstance(outcome, Done), outcome
    assert len(outcome.value.payer_changes) == 2
    assert told(applied([back, MOVE], stored(payer_changes=[MOVE, back])))


REFUSED: dict[str, tuple[object, str, str]] = {
    "nobody": ([{"at": MARCH}], "accounts[0].payer_changes[0].parent", "say who pays"),
    "unknown": (
        [{"at": MARCH, "parent": "glob"}],
        "accounts[0].payer_changes[0].parent",
        'unknown account "glob"; did you mean "globe"?',
    ),
    "itself": (
        [{"at": MARCH, "parent": "acme-dev"}],
        "accounts[0].payer_changes",
        "from 2026-03-01T00:00:00.000000Z on accounts stand in a circle",
    ),
    "backwards": (
        [MOVE | {"at": APRIL}, MOVE],
        "accounts[0].payer_changes[1].at",
        '"at" must not lie before that of the entry before',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(case: str) -> None:
    """A change names who pays from then on, in order of time, and nobody is above himself."""
    changes, field, message = REFUSED[case]
    ((where, why),) = told(applied(changes, stored()))
    assert where == field
    assert why.startswith(message)


def test_each_contract_has_a_payer_at_each_time() -> None:
    """Who no longer is invoiced, below nobody who is, leaves contracts that nobody pays for."""
    below = {"at": APRIL, "parent": "globe"}
    upon = stored(payer_changes=[below])
    ((field, message),) = told(applied([{"at": JULY, "parent": "acme-dev"}], upon, key="globe"))
    assert field == "accounts[0].payer_changes"
    assert "circle" in message
    other = stored()
    dollars = GLOBE | {"key": "dollars", "currency": "USD"}
    plain = plan_catalog(Documents(lists={"accounts": [dollars]}), stored=other, at=NOW)
    assert isinstance(plain, Done)
    both = Catalog(
        **{name: getattr(other, name) for name in other.__slots__ if name != "accounts"},
        accounts={**other.accounts, **plain.value.stores.accounts},
    )
    ((field, message),) = told(applied([{"at": MARCH, "parent": "dollars"}], both))
    assert message == (
        'subscription "acme-pro" is billed in EUR, but from 2026-03-01T00:00:00.000000Z on payer '
        '"dollars" pays in USD'
    )


@pytest.mark.parametrize("prefix", ["inv", "INV", "INV-CN"])
def test_numbers_of_two_entities_begin_apart(prefix: str) -> None:
    """A second entity whose numbers look like the first one's is refused."""
    known = lists()
    first = known["legal_entities"][0] | {"series_prefix": "INV"}
    second = known["legal_entities"][0] | {"key": "second", "series_prefix": prefix}
    outcome = plan_catalog(
        Documents(lists={"legal_entities": [first, second]}), stored=Catalog(), at=NOW
    )
    assert isinstance(outcome, Refused), outcome
    assert {one.code for one in outcome.problems} == {"prefix_taken"}
    assert outcome.problems[-1].field == "legal_entities[1].series_prefix"


def test_prefixes_that_stood_alike_may_stay() -> None:
    """Entities that were declared before this was looked for may be applied again."""
    known = lists()
    both = [
        known["legal_entities"][0] | {"key": key, "name": key, "series_prefix": "INV"}
        for key in ("one", "two")
    ]
    outcome = catalog_from_documents(Documents(lists={"legal_entities": both}))
    assert isinstance(outcome, Done), outcome
    renamed = [both[0] | {"name": "Another"}, both[1]]
    again = plan_catalog(Documents(lists={"legal_entities": renamed}), stored=outcome.value, at=NOW)
    assert isinstance(again, Done), again
