"""Which contracts a budget over a tree is of: those of whoever stands below the account then."""

from typing import Any

from tallystick.app.readings.tree import contracts_of_tree
from tallystick.catalog import Documents
from tallystick.kernel import AccountKey, instant
from tests.api.test_quotas import catalog
from tests.app.test_apply_catalog import applied
from tests.databases import Database

STARTED = {"lab": "2026-04-01T00:00:00Z"}
ENDED = {"old": "2026-02-01T00:00:00Z"}
MOVE = [{"at": "2026-03-10T00:00:00Z", "parent": "globe"}]
BACK = [{"at": "2026-03-10T00:00:00Z", "parent": "corp"}]
ACCOUNTS: dict[str, dict[str, Any]] = {
    "corp": {},
    "globe": {},
    "team": {"parent": "corp", "invoiced": False},
    "lab": {"parent": "team"},
    "old": {"parent": "corp"},
    "shop": {"parent": "corp", "payer_changes": MOVE},
    "till": {"parent": "shop"},
    "store": {"parent": "globe", "payer_changes": BACK},
    "shelf": {"parent": "store"},
}


def standing(database: Database, top: str, at: str, **rest: int) -> list[str]:
    """Return whose contracts are within a tree at an instant."""
    with database.unit() as uow:
        found = contracts_of_tree(AccountKey(top), at=instant(at), uow=uow, **rest)
    return [one.account for one in found]


def test_a_tree_is_of_who_stands_in_it(database: Database) -> None:
    """Whoever moved counts where he stands, with all below him; contracts run, or do not count."""
    documents: Any = catalog()
    (acme,), (contract,) = documents["accounts"], documents["subscriptions"]
    documents["accounts"] = [acme | {"key": key} | said for key, said in ACCOUNTS.items()]
    documents["subscriptions"] = [
        contract
        | {"key": f"{key}-pro", "account": key, "start": STARTED.get(key, contract["start"])}
        | ({"end": ENDED[key]} if key in ENDED else {})
        for key in ACCOUNTS
    ]
    applied(database, Documents(lists=documents))
    before, after = "2026-03-01T00:00:00Z", "2026-04-02T00:00:00Z"
    assert standing(database, "corp", "2026-01-10T00:00:00Z") == [
        "corp",
        "old",
        "shop",
        "team",
        "till",
    ]
    assert standing(database, "corp", before) == ["corp", "shop", "team", "till"]
    assert standing(database, "globe", before) == ["globe", "shelf", "store"]
    assert standing(database, "corp", after) == ["corp", "lab", "shelf", "store", "team"]
    assert standing(database, "globe", after) == ["globe", "shop", "till"]
    assert standing(database, "lab", after) == ["lab"]
    assert standing(database, "globe", after, most=3) == ["globe", "shop", "till"]
    assert standing(database, "globe", after, most=2) == []
