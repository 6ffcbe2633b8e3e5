"""Contracts whose payer changes: ahead, dated back, to another zone, tax or consolidation."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tallystick.accounts import Account, PayerChange, Taxpayer
from tallystick.app.invoicing import (
    DraftDocuments,
    OrderLine,
    PreviewInvoice,
    draft_documents,
    order_line,
    preview_invoice,
)
from tallystick.catalog import Catalog, Coupon, CouponDuration, CouponGrant, ManualKind
from tallystick.invoicing import DocumentType, Invoice
from tallystick.kernel import AccountKey, Done, SubscriptionKey, instant
from tallystick.tax import TaxIdCheck, TaxIdState
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing, new_billing
from tests.app.invoicing.test_consolidated_billing import SINCE_JANUARY, issued, void
from tests.app.invoicing.test_taxed_billing import FRENCH, HOME, REVERSE, declare
from tests.clickhouse import UsageStore
from tests.databases import Database
from tests.invoicing.world import CONTRACT, cpu

APRIL_2 = instant("2026-04-02T00:00:00Z")
MAY_2 = instant("2026-05-02T00:00:00Z")
CORP, GLOBE = AccountKey("corp"), AccountKey("globe")
HOURS = [
    cpu(1, "2026-01-10T00:00:00Z", "43200"),
    cpu(2, "2026-02-10T00:00:00Z", "43200"),
    cpu(3, "2026-03-10T00:00:00Z", "43200"),
]


@pytest.fixture
def billing(database: Database, usage_store: UsageStore) -> Billing:
    """Lend a workspace where corp pays for acme, and globe might."""
    lent = new_billing(database, usage_store)
    declare(lent, HOME, REVERSE)
    corp = Account(key=CORP, name="Corp", zone="UTC", currency="USD", invoiced=True, country="DE")
    save(lent, corp, replace(corp, key=GLOBE, name="Globe"))
    change(lent, parent=CORP, invoiced=False)
    lent.record(HOURS)
    return lent


def save(billing: Billing, *accounts: Account) -> None:
    """Store accounts."""
    with billing.unit() as uow:
        uow.accounts.save_accounts(accounts)
        uow.commit()


def change(billing: Billing, **fields: object) -> None:
    """Say something else of the subscriber."""
    with billing.unit() as uow:
        account = uow.accounts.load_account(AccountKey("acme"))
        assert account is not None
        uow.accounts.save_accounts([replace(account, **fields)])  # type: ignore[arg-type] # fields by name
        uow.commit()


def moved(billing: Billing, *at: tuple[str, AccountKey]) -> None:
    """Declare below whom the subscriber stands from instants on."""
    moves = tuple(PayerChange(at=instant(since), parent=payer) for since, payer in at)
    change(billing, payer_changes=moves)


def told(documents: list[Invoice]) -> list[tuple[str, str, str, str]]:
    """Return of each document who gets it, why, since when, and its net."""
    return [
        (
            one.account,
            "note" if one.document_type is DocumentType.CREDIT_NOTE else one.purpose.value,
            f"{one.period.start:%m-%d}",
            str(one.net.decimal),
        )
        for one in documents
    ]


def receivable(billing: Billing, *payers: AccountKey) -> dict[str, int]:
    """Return what each payer owes."""
    found: dict[str, int] = dict.fromkeys(payers, 0)
    with billing.unit() as uow:
        for entry in uow.journal.page(after=None, limit=100):
            for posting in entry.entry.postings:
                for payer in payers:
                    if posting.account == f"receivable:{payer}":
                        found[payer] += posting.money.minor
    return found


def test_a_change_ahead_takes_effect_at_the_next_boundary(billing: Billing) -> None:
    """February's usage is the old payer's, its fee too; March's fee is the new one's first."""
    moved(billing, ("2026-02-10T00:00:00Z", GLOBE))
    first = issued(billing, FEBRUARY_2)
    assert told(first) == [
        ("corp", "opening", "01-01", "10.00"),
        ("corp", "period", "01-01", "10.54"),
    ]
    assert told(issued(billing, MARCH_2)) == [
        ("corp", "period", "02-01", "0.54"),
        ("globe", "opening", "03-01", "10.00"),
    ]
    assert told(issued(billing, APRIL_2)) == [("globe", "period", "03-01", "10.54")]


def test_a_change_dated_back_credits_one_and_bills_the_other(billing: Billing) -> None:
    """What was billed from the boundary on is given back on its documents, and billed anew."""
    issued(billing, FEBRUARY_2)
    issued(billing, MARCH_2)
    issued(billing, APRIL_2)
    before = receivable(billing, CORP, GLOBE)
    moved(billing, ("2026-01-20T00:00:00Z", GLOBE))
    corrected = issued(billing, APRIL_2)
    assert told(corrected) == [
        ("corp", "note", "01-01", "-10.00"),
        ("corp", "note", "02-01", "-10.54"),
        ("corp", "note", "03-01", "-10.54"),
        ("globe", "opening", "02-01", "10.00"),
        ("globe", "period", "02-01", "10.54"),
        ("globe", "period", "03-01", "10.54"),
    ]
    after = receivable(billing, CORP, GLOBE)
    assert sum(after.values()) == sum(before.values())
    assert after[GLOBE] == 1190 + 1254 + 1254
    assert told(issued(billing, MAY_2)) == [("globe", "period", "04-01", "10.00")]


def test_late_usage_goes_to_whoever_paid_then(billing: Billing) -> None:
    """An hour more of January is the old payer's, though he left; one of March the new one's."""
    moved(billing, ("2026-02-10T00:00:00Z", GLOBE))
    for through in (FEBRUARY_2, MARCH_2, APRIL_2):
        issued(billing, through)
    billing.record([cpu(4, "2026-01-11T00:00:00Z", "3600"), cpu(5, "2026-03-11T00:00:00Z", "3600")])
    assert told(issued(billing, APRIL_2)) == [("corp", "correction", "02-01", "0.04")]
    assert told(issued(billing, MAY_2)) == [("globe", "period", "04-01", "10.04")]


def test_what_was_taken_back_by_a_change_is_billed_to_the_first_again(billing: Billing) -> None:
    """A move that should never have been is replaced at its instant: all stands as before it."""
    for through in (FEBRUARY_2, MARCH_2):
        issued(billing, through)
    before = receivable(billing, CORP, GLOBE)
    moved(billing, ("2026-01-20T00:00:00Z", GLOBE))
    issued(billing, MARCH_2)
    moved(billing, ("2026-01-20T00:00:00Z", GLOBE), ("2026-01-20T00:00:00Z", CORP))
    issued(billing, MARCH_2)
    issued(billing, APRIL_2)
    after = receivable(billing, CORP, GLOBE)
    assert after[GLOBE] == before[GLOBE] == 0
    assert after[CORP] == before[CORP] + 1254


def test_a_payer_who_comes_back(billing: Billing) -> None:
    """There and back: each boundary has one payer, and each a document that opens it."""
    moved(billing, ("2026-01-20T00:00:00Z", GLOBE), ("2026-02-20T00:00:00Z", CORP))
    assert told(issued(billing, APRIL_2)) == [
        ("corp", "opening", "01-01", "10.00"),
        ("corp", "period", "01-01", "0.54"),
        ("corp", "opening", "03-01", "10.00"),
        ("corp", "period", "03-01", "10.54"),
        ("globe", "opening", "02-01", "10.00"),
        ("globe", "period", "02-01", "0.54"),
    ]


def test_an_interval_that_another_takes_is_credited_at_once(billing: Billing) -> None:
    """Who pays before and after it has no document due, and gets his money back all the same."""
    for through in (FEBRUARY_2, MARCH_2, APRIL_2):
        issued(billing, through)
    moved(billing, ("2026-01-20T00:00:00Z", GLOBE), ("2026-02-20T00:00:00Z", CORP))
    assert told(issued(billing, APRIL_2)) == [
        ("corp", "note", "01-01", "-10.00"),
        ("corp", "note", "02-01", "-0.54"),
        ("globe", "opening", "02-01", "10.00"),
        ("globe", "period", "02-01", "0.54"),
    ]


def test_the_bridging_period_counts_by_the_second(billing: Billing) -> None:
    """A payer in Tokyo: March begins by UTC and ends by Tokyo, nine hours shorter, for less."""
    with billing.unit() as uow:
        globe = uow.accounts.load_account(GLOBE)
    assert globe is not None
    save(billing, replace(globe, zone="Asia/Tokyo"))
    moved(billing, ("2026-02-10T00:00:00Z", GLOBE))
    *_, opening = issued(billing, MARCH_2)
    assert told([opening]) == [("globe", "opening", "03-01", "9.88")]  # 10 x 735/744 hours
    (march,) = issued(billing, APRIL_2)
    assert f"{march.period}" == "[2026-03-01T00:00:00.000000Z, 2026-03-31T15:00:00.000000Z)"
    assert told([march]) == [("globe", "period", "03-01", "10.54")]


def test_each_payer_bears_the_taxes_of_its_own_rules(billing: Billing) -> None:
    """Dated back to a business in France: the German note gives back 19 %, the French pays none."""
    issued(billing, FEBRUARY_2)
    with billing.unit() as uow:
        globe = uow.accounts.load_account(GLOBE)
        assert globe is not None
        uow.tax_ids.add(
            TaxIdCheck(
                tax_id=FRENCH, state=TaxIdState.VALID, checked_at=FEBRUARY_2, source="vies",
                reference="W1",
            )
        )  # fmt: skip
        french = Taxpayer(tax_id=FRENCH, business=True)
        uow.accounts.save_accounts([replace(globe, country="FR", tax=french)])
        uow.commit()
    moved(billing, ("2026-01-20T00:00:00Z", GLOBE))
    note, opening = issued(billing, FEBRUARY_2)
    assert (str(note.net.decimal), str(note.tax.decimal)) == ("-10.00", "-1.90")
    assert (str(opening.net.decimal), str(opening.tax.decimal)) == ("10.00", "0.00")


def test_what_was_charged_before_keeps_its_tax_point(billing: Billing) -> None:
    """A fee that was charged at 19 % bears 19 % when another pays it after the rate has changed."""
    issued(billing, FEBRUARY_2)
    changed_on = FEBRUARY_2.date() + timedelta(days=20)
    old = replace(HOME, valid_until=changed_on)
    new = replace(HOME, key="new", rate=Decimal(16), valid_from=changed_on)
    declare(billing, old, new)
    moved(billing, ("2026-01-20T00:00:00Z", GLOBE))
    made = issued(billing, MARCH_2)
    fees = {
        (one.account, line.key.period.start.month): line.taxes[0].applied.rate
        for one in made
        for line in one.lines
        if line.key.price == "base"
    }
    assert fees == {("corp", 2): 19, ("globe", 2): 19, ("globe", 3): 16}


def test_a_consolidated_payer_loses_a_section(billing: Billing) -> None:
    """The old payer's document of both contracts is credited for one; the new one gets its own."""
    second = AccountKey("acme-2")
    with billing.unit() as uow:
        acme = uow.accounts.load_account(AccountKey("acme"))
        corp = uow.accounts.load_account(CORP)
        assert acme is not None
        assert corp is not None
        uow.accounts.save_accounts(
            [replace(acme, key=second), replace(corp, consolidated=SINCE_JANUARY)]
        )
        contract = replace(CONTRACT, key=SubscriptionKey("acme-2-compute"), account=second)
        uow.subscriptions.save_subscriptions([contract])
        uow.commit()
    both = issued(billing, MARCH_2)
    assert [len(one.sections) for one in both] == [2, 2, 2]
    moved(billing, ("2026-02-20T00:00:00Z", GLOBE))
    note, opening = issued(billing, MARCH_2)
    assert (note.account, note.reference and note.reference.number) == (CORP, both[2].number)
    assert told([note, opening]) == [
        ("corp", "note", "02-01", "-10.00"),
        ("globe", "opening", "03-01", "10.00"),
    ]
    assert {line.key.subscription for line in note.lines} == {CONTRACT.key}
    assert told(issued(billing, APRIL_2)) == [
        ("corp", "period", "03-01", "10.00"),
        ("globe", "period", "03-01", "10.54"),
    ]


def test_a_coupon_of_the_contract_is_used_up_over_its_payers(billing: Billing) -> None:
    """Of 15.00 the old payer had 10.54; the new one gets the 4.46 that are left, and no more."""
    give(billing, "15.00", subscription=CONTRACT.key)
    moved(billing, ("2026-02-10T00:00:00Z", GLOBE))
    assert told(issued(billing, MARCH_2)) == [
        ("corp", "opening", "01-01", "0.00"),
        ("corp", "period", "01-01", "5.54"),
        ("corp", "period", "02-01", "0.54"),
        ("globe", "opening", "03-01", "10.00"),
    ]


def test_a_coupon_of_a_payer_lowers_what_it_pays_alone(billing: Billing) -> None:
    """Corp's 15.00 are corp's: what it does not use up is not globe's."""
    give(billing, "25.00", account=CORP)
    moved(billing, ("2026-01-20T00:00:00Z", GLOBE))
    assert told(issued(billing, MARCH_2)) == [
        ("corp", "opening", "01-01", "0.00"),
        ("corp", "period", "01-01", "0.00"),
        ("globe", "opening", "02-01", "10.00"),
        ("globe", "period", "02-01", "10.54"),
    ]


def give(billing: Billing, amount: str, **to: str) -> None:
    """Give a coupon of an amount that is used up."""
    coupon = Coupon(
        key="spring", amount=Decimal(amount), currency="USD", duration=CouponDuration.ONCE
    )
    grant = CouponGrant(
        key="g",
        coupon="spring",
        at=instant("2025-12-01T00:00:00Z"),
        **to,  # type: ignore[arg-type] # fields by name
    )
    with billing.unit() as uow:
        uow.catalog.save_definitions(
            Catalog(coupons={"spring": coupon}, coupon_grants={"g": grant})
        )
        uow.commit()


def test_an_order_goes_to_who_pays_when_its_service_begins(billing: Billing) -> None:
    """One for January stands on the old payer's document, one for March on the new one's; once."""
    moved(billing, ("2026-02-10T00:00:00Z", GLOBE))
    issued(billing, FEBRUARY_2)
    order(billing, "setup", "2026-02-01T00:00:00Z")
    order(billing, "visit", "2026-03-01T00:00:00Z")
    february, opening = issued(billing, MARCH_2)
    assert [line.key.price for line in february.lines][-1] == "one_off setup"
    assert [line.key.price for line in opening.lines][-1] == "one_off visit"
    order(billing, "late", "2026-02-02T00:00:00Z")
    (march,) = issued(billing, APRIL_2)
    assert (march.account, march.lines[-1].key.price) == (GLOBE, "one_off late")


def order(billing: Billing, code: str, start: str) -> None:
    """Order a line of 5.00 by hand."""
    command = OrderLine(
        subscription=CONTRACT.key,
        kind=ManualKind.ONE_OFF,
        code=code,
        description=code,
        unit_price="5.00",
        start=instant(start),
        end=instant(start) + timedelta(days=1),
        reason="asked for",
    )
    outcome = order_line(command, caller=billing.caller, uow=billing.unit(), clock=billing.clock)
    assert isinstance(outcome, Done), outcome


def test_a_void_is_billed_anew_to_its_own_payer(billing: Billing) -> None:
    """What the old payer's document held is his again, though another one pays by now."""
    moved(billing, ("2026-02-10T00:00:00Z", GLOBE))
    *_, february, _ = issued(billing, MARCH_2)
    anew = void(billing, february.id, regenerate=True)
    assert told(list(anew.anew)) == [("corp", "period", "02-01", "0.54")]
    assert told(issued(billing, APRIL_2)) == [("globe", "period", "03-01", "10.54")]


def test_a_preview_is_of_who_pays_for_the_period(billing: Billing) -> None:
    """In February it is the old payer's, with no fee for March; in March the new one's."""
    moved(billing, ("2026-02-10T00:00:00Z", GLOBE))
    assert look(billing, "2026-02-20T00:00:00Z") == [("corp", "period", "02-01", "0.54")]
    assert look(billing, "2026-03-20T00:00:00Z") == [("globe", "period", "03-01", "10.54")]


def look(billing: Billing, at: str) -> list[tuple[str, str, str, str]]:
    """Return what a preview at an instant shows."""
    outcome = preview_invoice(
        PreviewInvoice(account=AccountKey("acme"), at=instant(at)),
        caller=billing.caller,
        uow=billing.unit(),
        sources=billing.sources,
    )
    assert isinstance(outcome, Done), outcome
    return told([one.invoice for one in outcome.value])


def test_drafts_of_both_payers_stand_side_by_side(billing: Billing) -> None:
    """Drafting a contract for review drafts for each payer, and a second time the same."""
    moved(billing, ("2026-01-20T00:00:00Z", GLOBE))
    command = DraftDocuments(subscription=CONTRACT.key, through=FEBRUARY_2)
    both = [
        draft_documents(command, caller=billing.caller, uow=billing.unit(), sources=billing.sources)
        for _ in range(2)
    ]
    assert both[0] == both[1]
    assert isinstance(both[0], Done), both[0]
    drafts = [billing.document(one).invoice for one in both[0].value]
    assert [one.account for one in drafts] == ["corp", "corp", "globe"]
