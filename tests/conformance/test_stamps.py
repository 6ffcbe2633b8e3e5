"""What is known of limits is dropped where an account changes what they read, and only there."""

from dataclasses import replace

from tallystick.accounts import Account
from tallystick.entitlements import Restriction, RestrictionSource
from tallystick.kernel import AccountKey, instant
from tests.databases import Database

NOW = instant("2026-03-05T00:00:00Z")
ONE = Account(key=AccountKey("one"), name="One", zone="UTC", currency="EUR", invoiced=True)


def _stamps(database: Database) -> tuple[int, int]:
    """Return the stamp of all accounts, and that of the first one."""
    with database.unit() as uow:
        found = uow.quotas.stamps(["", "one"])
    return found.get("", 0), found.get("one", 0)


def _saved(database: Database, *accounts: Account) -> tuple[int, int]:
    """Store accounts and return the stamps then."""
    with database.unit() as uow:
        uow.accounts.save_accounts(accounts)
        uow.commit()
    return _stamps(database)


def test_a_new_account_leaves_what_is_known_of_others(database: Database) -> None:
    """Who signs up is resolved alone, and so is an account that only gets another name."""
    before = _saved(database, ONE)
    assert _saved(database, replace(ONE, key=AccountKey("two"))) == before
    assert _saved(database, replace(ONE, name="One more")) == before


def test_an_account_that_is_placed_anew_concerns_all(database: Database) -> None:
    """One below another adds to what that one counts, and a zone moves the window."""
    everybody, own = _saved(database, ONE)
    below = replace(ONE, key=AccountKey("below"), parent=ONE.key)
    assert _saved(database, below) == (everybody + 1, own)
    assert _saved(database, replace(ONE, zone="Europe/Berlin")) == (everybody + 2, own)


def test_what_is_granted_below_concerns_those_above(database: Database) -> None:
    """Up to the payer: who is granted something of its own leaves the pool that it shared."""
    team = replace(ONE, key=AccountKey("team"), parent=ONE.key, invoiced=False)
    payer = replace(ONE, key=AccountKey("payer"), parent=ONE.key)
    everybody, own = _saved(database, ONE, team, payer)
    for account, stamped in (("payer", own), ("team", own + 1)):
        with database.unit() as uow:
            uow.entitlements.add_restriction(
                Restriction(
                    id=f"r-{account}",
                    account=AccountKey(account),
                    reason="trial",
                    source=RestrictionSource.MANUAL,
                    start=NOW,
                ),
                by="test",
                at=NOW,
            )
            uow.commit()
        assert _stamps(database) == (everybody, stamped)
