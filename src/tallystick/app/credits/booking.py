"""
What the journal says of credit: owed once it was sold, earned as it is used or lapses.

    100.00 EUR are sold for cash      cash:bank +100.00     prepaid_credit:acme -100.00
    30.00 are used for disk           prepaid_credit:acme +30.00     revenue:disk -30.00
    the rest expires                  prepaid_credit:acme +70.00     breakage:acme -70.00

Promotional credit moves nothing: where it is a discount the document's revenue is less. What was
booked is kept for each grant, and what is booked next is the difference to what the facts say now
(`outgone`); so a use recorded late takes back what was booked as lapsed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.ledger.books import held_books
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import Booking, BookingKind, CreditHistory, GrantKey, outgone, standing
from tallystick.kernel import AccountKey, EntryId, Money, check, derived_id
from tallystick.ledger import AccountKind, Entry, Posting, balanced, chart_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """
    What is to be booked of a grant.

    Attributes:
        account: whose credit.
        kind: sold raises what is owed, used and lapsed lower it.
        money: by how much; may be negative where something is taken back.
        against: the chart account on the other side.
        source: what caused it, as ``credit:use-7``.
    """

    account: AccountKey
    grant: GrantKey
    kind: BookingKind
    money: Money
    against: str
    legal_entity: str
    source: str
    effective_at: datetime


def book(uow: UnitOfWork, booked: Booked) -> EntryId:
    """
    Post the entry of what happened to a grant, and note it; the account's credit is held.

    Raises:
        InvariantBroken: the legal entity is gone.
    """
    entities = uow.catalog.load_definitions().legal_entities
    check(booked.legal_entity in entities, f"there is no legal entity {booked.legal_entity}")
    number = uow.credits.hold(booked.account)
    books = held_books(uow, entities[booked.legal_entity])
    owed = booked.money if booked.kind is not BookingKind.SOLD else -booked.money
    entry = balanced(
        Entry(
            id=EntryId(derived_id("entry", "credit", booked.account, str(number))),
            books=books.key,
            effective_at=booked.effective_at,
            posted_in=books.posting_month(booked.effective_at),
            source=booked.source,
            postings=(
                Posting(account=chart_name(AccountKind.PREPAID_CREDIT, booked.account), money=owed),
                Posting(account=booked.against, money=-owed),
            ),
        )
    )
    uow.journal.post(entry)
    note = Booking(grant=booked.grant, entry=entry.id, kind=booked.kind, minor=booked.money.minor)
    uow.credits.book(note)
    return entry.id


def book_uses(
    uow: UnitOfWork, account: AccountKey, *, against: str, source: str, at: datetime
) -> list[EntryId]:
    """
    Book what was used and is not booked yet, against one chart account; return the entries.

    Called behind the storing of each movement, so that the difference is that movement's.
    """
    history = uow.credits.load(account)
    gone = {key: each.used for key, each in outgone(history, at).items()}
    return [
        book(uow, replace(booked, against=against, source=source, effective_at=at))
        for booked in _differences(uow, history, gone, kind=BookingKind.USED)
    ]


def book_lapses(uow: UnitOfWork, account: AccountKey, *, now: datetime) -> list[EntryId]:
    """
    Book what has expired or is void by now and is not booked yet; return the entries.

    An entry counts from the instant at which the grant last lost something.
    """
    if not lapsed(uow, account, now=now):
        return []
    uow.credits.hold(account)
    return [book(uow, one) for one in lapsed(uow, account, now=now)]


def lapsed(uow: UnitOfWork, account: AccountKey, *, now: datetime) -> list[Booked]:
    """Return what is to be booked as lapsed by now."""
    history = uow.credits.load(account)
    lost_at: dict[GrantKey, datetime] = {}
    for one in standing(history, now):
        for lapse in one.lapses:
            lost_at[lapse.lot.grant] = max(lapse.at, lost_at.get(lapse.lot.grant, lapse.at))
    gone = {key: each.lapsed for key, each in outgone(history, now).items()}
    return [
        replace(booked, effective_at=lost_at.get(booked.grant, now))
        for booked in _differences(uow, history, gone, kind=BookingKind.LAPSED)
    ]


def _differences(
    uow: UnitOfWork,
    history: CreditHistory,
    gone: Mapping[GrantKey, Money],
    *,
    kind: BookingKind,
) -> Iterator[Booked]:
    """Yield what the facts say went out of each paid grant beyond what is booked."""
    for grant in history.grants:
        whole = gone.get(grant.key)
        if whole is None:
            continue
        done = uow.credits.booked(grant.account).get((grant.key, kind), 0)
        if whole.minor != done:
            yield Booked(
                account=grant.account,
                grant=grant.key,
                kind=kind,
                money=Money(minor=whole.minor - done, currency=whole.currency),
                against=chart_name(AccountKind.BREAKAGE, grant.account),
                legal_entity=grant.legal_entity,
                source=f"credit:{grant.key}",
                effective_at=grant.effective_at,
            )
