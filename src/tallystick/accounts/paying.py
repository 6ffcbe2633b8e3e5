"""
Who pays for an account, and in which zone, as it was declared over time.

    team below corp                           corp pays
    from March 10 on below globe              globe pays

When a change reaches billing is decided by the periods of a contract: at its first boundary at or
after the change.  Nothing here knows of contracts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tallystick.accounts.account import (
    Account,
    ZoneChange,
    payer_of,
    zone_at,
)
from tallystick.kernel import AccountKey, check


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidBy:
    """Who pays since an instant (None: from the beginning), up to the next one; None: nobody."""

    payer: AccountKey | None
    since: datetime | None = None


def accounts_above(key: AccountKey, accounts: Mapping[AccountKey, Account]) -> tuple[Account, ...]:
    """Give an account and all that ever stand above it, up to those always invoiced."""
    found: dict[AccountKey, Account] = {}
    waiting: list[AccountKey | None] = [key]
    while waiting:
        above = waiting.pop()
        if above is None or above in found:
            continue
        check(above in accounts, f"account {above!r} is not known")
        account = found[above] = accounts[above]
        if not (account.invoiced and all(one.invoiced for one in account.payer_changes)):
            waiting += [account.parent, *(one.parent for one in account.payer_changes)]
    return tuple(found.values())


def payers_of(key: AccountKey, accounts: Mapping[AccountKey, Account]) -> tuple[PaidBy, ...]:
    """
    Give who pays for an account, in order of time; neighbours differ.

    Args:
        key: a key of ``accounts``.
        accounts: by key; all that ever stand above it must be among them.

    Raises:
        InvariantBroken: as `ancestors_of`.

    >>> from dataclasses import replace
    >>> from datetime import UTC
    >>> from tallystick.accounts import PayerChange
    >>> corp = Account(key="corp", name="C", zone="UTC", currency="EUR", invoiced=True)
    >>> globe = replace(corp, key="globe", zone="Asia/Tokyo")
    >>> moved = PayerChange(at=datetime(2026, 3, 10, tzinfo=UTC), parent="globe")
    >>> team = replace(corp, key="team", parent="corp", invoiced=False, payer_changes=(moved,))
    >>> accounts = {one.key: one for one in (corp, globe, team)}
    >>> [(one.payer, one.since and f"{one.since:%m-%d}") for one in payers_of("team", accounts)]
    [('corp', None), ('globe', '03-10')]
    """
    above = accounts_above(key, accounts)
    found = [PaidBy(payer=_key(payer_of(key, accounts)))]
    for at in sorted({one.at for account in above for one in account.payer_changes}):
        payer = _key(payer_of(key, accounts, at=at))
        if payer != found[-1].payer:
            found.append(PaidBy(payer=payer, since=at))
    return tuple(found)


def zones_of_payers(
    payers: Sequence[PaidBy], accounts: Mapping[AccountKey, Account]
) -> tuple[str, tuple[ZoneChange, ...]]:
    """
    Give the zone of whoever pays, before all changes and with each change.

    >>> from datetime import UTC
    >>> corp = Account(key="corp", name="C", zone="UTC", currency="EUR", invoiced=True)
    >>> home = Account(key="home", name="H", zone="Asia/Tokyo", currency="EUR", invoiced=True)
    >>> since = datetime(2026, 3, 10, tzinfo=UTC)
    >>> zone, (change,) = zones_of_payers(
    ...     [PaidBy(payer="corp"), PaidBy(payer="home", since=since)], {"corp": corp, "home": home})
    >>> zone, change.zone, change.at == since
    ('UTC', 'Asia/Tokyo', True)
    """
    known = [one for one in payers if one.payer is not None]
    own = [accounts[one.payer] for one in known if one.payer is not None]
    ends = [*(one.since for one in known[1:]), None]
    zones: list[ZoneChange] = []
    for paid, account, end in zip(known, own, ends, strict=True):
        since = paid.since
        if since is not None:
            zones.append(ZoneChange(zone=zone_at(account, since), at=since))
        zones += [
            one
            for one in account.zone_changes
            if (since is None or one.at > since) and (end is None or one.at < end)
        ]
    return own[0].zone, tuple(zones)


def is_ever_invoiced(account: Account) -> bool:
    """Tell whether an account receives invoices at any time."""
    return account.invoiced or any(one.invoiced for one in account.payer_changes)


def _key(payer: Account | None) -> AccountKey | None:
    return None if payer is None else payer.key
