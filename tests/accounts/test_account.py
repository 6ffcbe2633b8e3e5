"""The account tree: who stands above whom, and who pays."""

from dataclasses import replace

import pytest

from tallystick.accounts import DEPTH_MAX, Account, ancestors_of, payer_of
from tallystick.kernel import AccountKey, InvariantBroken


def tree(*parents: str | None, payers: set[int]) -> dict[AccountKey, Account]:
    """Return accounts 0, 1, 2... with the given parents."""
    plain = Account(key=AccountKey(""), name="", zone="UTC", currency="EUR", invoiced=False)
    accounts = (
        replace(
            plain,
            key=AccountKey(str(number)),
            parent=None if parent is None else AccountKey(parent),
            invoiced=number in payers,
        )
        for number, parent in enumerate(parents)
    )
    return {account.key: account for account in accounts}


def test_payer_is_the_nearest_at_or_above() -> None:
    """The account itself pays if it is invoiced, else the nearest above that is."""
    accounts = tree(None, "0", "1", "2", payers={0, 2})
    payers = {key: payer_of(key, accounts) for key in accounts}
    assert {key: payer and payer.key for key, payer in payers.items()} == {
        "0": "0",
        "1": "0",
        "2": "2",
        "3": "2",
    }


def test_nobody_pays() -> None:
    """Where no account up to the root is invoiced there is no payer."""
    assert payer_of(AccountKey("1"), tree(None, "0", payers=set())) is None


def test_ancestors_begin_with_the_account() -> None:
    """The account comes first, the root last."""
    accounts = tree(None, "0", "1", payers=set())
    assert [each.key for each in ancestors_of(AccountKey("2"), accounts)] == ["2", "1", "0"]


def test_a_circle_is_found() -> None:
    """Accounts that stand above each other are a defect, not an endless walk."""
    with pytest.raises(InvariantBroken, match="circle"):
        ancestors_of(AccountKey("0"), tree("1", "0", payers=set()))


def test_depth_is_bounded() -> None:
    """A chain of the greatest depth is walked, one more is refused."""
    chain = tree(None, *(str(number) for number in range(DEPTH_MAX)), payers={0})
    assert len(ancestors_of(AccountKey(str(DEPTH_MAX - 1)), chain)) == DEPTH_MAX
    with pytest.raises(InvariantBroken, match="levels"):
        ancestors_of(AccountKey(str(DEPTH_MAX)), chain)


def test_unknown_accounts_are_a_defect() -> None:
    """An account that is not there has no payer to ask for."""
    with pytest.raises(InvariantBroken, match="not known"):
        payer_of(AccountKey("x"), {})
