"""
Accounts: who consumes and who pays.

An account is a customer, a tenant, a department, a project.  Accounts form a tree through
``parent``.  The **payer** of an account is the nearest one at or above it that receives invoices.
The payer's zone decides where the local days and the boundaries of billing periods lie; a move to
another zone is a dated fact (`ZoneChange`), and so is one to another payer (`PayerChange`), never
an edit.

    corp (invoiced) <- team <- project        payer of project: corp
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tallystick.accounts.contact import Contact
from tallystick.accounts.gathering import Consolidation, LeastInvoice
from tallystick.accounts.taxpayer import Taxpayer
from tallystick.kernel import AccountKey, check

DEPTH_MAX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChange:
    """From the first boundary after ``at`` the account lives in ``zone`` (an IANA name)."""

    zone: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerChange:
    """
    From ``at`` on the account stands below ``parent`` (None: below nobody), and is ``invoiced``.

    Billing follows at the first boundary of each contract at or after it. Of two at one instant the
    later one in the list counts, so that one may be taken back by another.
    """

    at: datetime
    parent: AccountKey | None = None
    invoiced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """
    A party that consumes or pays.

    ``currency`` is an ISO 4217 code; ``country`` is ISO 3166-1 alpha-2, or empty; ``contact`` is
    what documents say beside the name, ``tax`` what taxes ask of a payer.  ``payment_days`` is how
    long it has to pay; None: as long as the issuer gives everybody.  ``consolidated`` says when its
    contracts are billed together, in order of time, ``least_invoice`` what is too little to be
    invoiced; None: as the issuer says.  ``parent`` and ``invoiced`` hold up to the first of
    ``payer_changes``.
    """

    key: AccountKey
    name: str
    parent: AccountKey | None = None
    zone: str
    currency: str
    invoiced: bool
    country: str = ""
    contact: Contact = field(default_factory=Contact)
    zone_changes: tuple[ZoneChange, ...] = ()
    tax: Taxpayer = field(default_factory=Taxpayer)
    payment_days: int | None = None
    consolidated: tuple[Consolidation, ...] = ()
    least_invoice: LeastInvoice | None = None
    payer_changes: tuple[PayerChange, ...] = ()


def zone_at(account: Account, at: datetime) -> str:
    """
    Give the zone that is declared for an instant: that of the last change at or before it.

    When a change reaches billing is decided by periods, not here.

    >>> from datetime import UTC
    >>> moved = ZoneChange(zone="Asia/Tokyo", at=datetime(2026, 2, 1, tzinfo=UTC))
    >>> acme = Account(key="acme", name="Acme", zone="UTC", currency="EUR", invoiced=True,
    ...                zone_changes=(moved,))
    >>> zone_at(acme, datetime(2026, 1, 31, tzinfo=UTC)), zone_at(acme, moved.at)
    ('UTC', 'Asia/Tokyo')
    """
    zones = [change.zone for change in account.zone_changes if change.at <= at]
    return zones[-1] if zones else account.zone


def place_at(account: Account, at: datetime | None) -> PayerChange | None:
    """Give the change that says where an account stands at an instant; None: as it was declared."""
    past = [one for one in account.payer_changes if at is not None and one.at <= at]
    return past[-1] if past else None


def parent_at(account: Account, at: datetime | None) -> AccountKey | None:
    """Give what an account stands below at an instant; None: before all changes."""
    place = place_at(account, at)
    return account.parent if place is None else place.parent


def is_invoiced_at(account: Account, at: datetime | None) -> bool:
    """Tell whether an account receives invoices at an instant; None: before all changes."""
    place = place_at(account, at)
    return account.invoiced if place is None else place.invoiced


def ancestors_of(
    key: AccountKey, accounts: Mapping[AccountKey, Account], *, at: datetime | None = None
) -> tuple[Account, ...]:
    """
    Give the account itself and what stands above it, nearest first.

    Args:
        key: a key of ``accounts``.
        accounts: all accounts by key; every parent must be among them.
        at: the instant; None: before all changes.

    Raises:
        InvariantBroken: an account is missing, or the tree has a circle or more than
            ``DEPTH_MAX`` levels.

    >>> from dataclasses import replace
    >>> corp = Account(key="corp", name="C", zone="UTC", currency="EUR", invoiced=True)
    >>> team = replace(corp, key="team", parent="corp", invoiced=False)
    >>> [account.key for account in ancestors_of(team.key, {"team": team, "corp": corp})]
    ['team', 'corp']
    """
    chain: list[Account] = []
    above: AccountKey | None = key
    while above is not None:
        check(above in accounts, f"account {above!r} is not known")
        check(
            len(chain) < DEPTH_MAX,
            f"accounts above {key!r} form a circle or more than {DEPTH_MAX} levels",
        )
        chain.append(accounts[above])
        above = parent_at(accounts[above], at)
    return tuple(chain)


def payer_of(
    key: AccountKey, accounts: Mapping[AccountKey, Account], *, at: datetime | None = None
) -> Account | None:
    """
    Give the nearest account at or above ``key`` that receives invoices, or None where nobody does.

    Args:
        key: as for `ancestors_of`.
        accounts: the same.
        at: the instant; None: before all changes.

    Raises:
        InvariantBroken: as `ancestors_of`.

    >>> from dataclasses import replace
    >>> corp = Account(key="corp", name="C", zone="UTC", currency="EUR", invoiced=True)
    >>> team = replace(corp, key="team", parent="corp", invoiced=False)
    >>> payer_of(team.key, {"team": team, "corp": corp}).key
    'corp'
    """
    chain = ancestors_of(key, accounts, at=at)
    return next((account for account in chain if is_invoiced_at(account, at)), None)
