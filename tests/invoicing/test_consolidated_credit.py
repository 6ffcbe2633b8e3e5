"""Credit on consolidated documents: covered as a whole, by whose it is, kept, and brought back."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tallystick.accounts import Account
from tallystick.credits import CreditHistory, Grant, balance, by_account, joined
from tallystick.invoicing import (
    Basis,
    Billed,
    Disposition,
    DocumentType,
    Drafted,
    Invoice,
    VoidOrder,
    asked_at,
    credit_movements,
    knows_credit,
)
from tallystick.kernel import AccountKey, PriceKey, SubscriptionKey
from tests.invoicing.contract import day, fee, plan, subscribed
from tests.invoicing.crediting import USD, grant
from tests.invoicing.test_consolidated import CORP, PENNIES, Payer
from tests.invoicing.test_taxed import FACTS

JANUARY_1, FEBRUARY_1, MARCH_1, APRIL_1 = (day(f"2026-{month:02}-01") for month in (1, 2, 3, 4))


def contract(name: str, amount: str, *, arrears: bool = True) -> Basis:
    """Return a contract of one monthly fee, named like the contract, of an account below corp."""
    basis = subscribed(plan("flat", fee(amount, key=name, arrears=arrears)), JANUARY_1).basis
    return replace(
        basis,
        payer=CORP.key,
        buyer=CORP,
        subscription=replace(
            basis.subscription, key=SubscriptionKey(name), account=AccountKey(f"team-{name}")
        ),
        tax=FACTS,
    )


def of(account: str, *grants: Grant) -> CreditHistory:
    """Return the credit of an account."""
    return CreditHistory(grants=tuple(replace(one, account=AccountKey(account)) for one in grants))


@dataclass(kw_only=True)
class Crediting(Payer):
    """A payer whose accounts hold credit; what its documents take of it is recorded."""

    held: dict[str, CreditHistory] = field(default_factory=dict)
    asks: bool = False

    def bill(self, through: datetime) -> list[Invoice]:
        """Issue what is due with the credit that is known, and see that nothing more is due."""
        self.know(through)
        made = [self.issue(one, through.date()) for one in self.gathered(through).documents]
        assert self.gathered(through).documents == ()
        return made

    def know(self, at: datetime) -> None:
        """Let each contract know the credit of its account and of its payer's."""
        for place, basis in enumerate(self.bases):
            path = (basis.subscription.account, self.account.key)
            known = [self.held[one] for one in path if one in self.held]
            credit = joined(known) if known else None
            knowing = replace(basis, credits=credit)
            self.bases[place] = asked_at(knowing, at) if self.asks else knowing

    def issue(self, one: Drafted, on: date) -> Invoice:
        """Issue a draft, verify it, and record what it takes and brings back."""
        before = self.billed
        document = super().issue(one, on)
        self.record(Drafted(invoice=document, basis=one.basis), before)
        return document

    def record(self, one: Drafted, billed: tuple[Billed, ...]) -> None:
        """Record what an issued document takes of each account's credit, and brings back."""
        if not knows_credit(one.basis):
            return
        grants = [grant for history in self.held.values() for grant in history.grants]
        for movement in credit_movements(one.invoice, one.basis, billed=billed):
            for account, own in by_account(movement, grants).items():
                self.held[account] = self.held[account].moved(own)

    def left(self, account: str, at: datetime) -> str:
        """Return what an account's credit comes to at an instant."""
        return f"{balance(self.held[account], at, USD):f}"


def payer(*bases: Basis, account: Account = CORP, **held: CreditHistory) -> Crediting:
    """Return a payer with contracts and the credit of accounts, ``_`` for the hyphen."""
    credit = {name.replace("_", "-"): history for name, history in held.items()}
    return Crediting(account=account, bases=list(bases), held=credit)


def nets(documents: list[Invoice]) -> list[list[str]]:
    """Return of each document what its lines come to."""
    return [[f"{line.key.price} {line.money.decimal}" for line in one.lines] for one in documents]


def test_lines_of_all_sections_are_lowered_before_the_tax_of_the_whole() -> None:
    """Twice 10.01 less 15.00 is 5.02; its tax is settle(5.02 x 0.19) = 0.95."""
    corp = payer(contract("web", "10.01"), contract("mail", "10.01"), corp=of("corp", grant("15")))
    (january,) = made = corp.bill(FEBRUARY_1)
    assert nets(made) == [["mail 0.00", "web 5.02"]]
    assert (str(january.tax.decimal), str(january.total.decimal)) == ("0.95", "5.97")
    assert corp.left("corp", FEBRUARY_1) == "0.00"


def test_a_grant_of_one_section_makes_room_for_the_others() -> None:
    """What serves all goes over to mail, as another one serves web alone: both are covered."""
    own = grant("10.00", "web", key="own")
    corp = payer(
        contract("web", "10.00"),
        contract("mail", "10.00"),
        corp=of("corp", grant("10.00", key="any"), own),
    )
    assert nets(corp.bill(FEBRUARY_1)) == [["mail 0.00", "web 0.00"]]


def test_an_account_below_the_payer_uses_its_own() -> None:
    """A grant of team-web lowers its section alone; the payer's serves both."""
    corp = payer(
        contract("web", "10.00"),
        contract("mail", "10.00"),
        team_web=of("team-web", grant("25.00", key="own", until="2026-06-01")),
        corp=of("corp", grant("3.00", key="all")),
    )
    assert nets(corp.bill(FEBRUARY_1)) == [["mail 7.00", "web 0.00"]]
    assert (corp.left("team-web", FEBRUARY_1), corp.left("corp", FEBRUARY_1)) == ("15.00", "0.00")
    assert nets(corp.bill(MARCH_1)) == [["mail 10.00", "web 0.00"]]
    assert corp.left("team-web", MARCH_1) == "5.00"


def test_one_line_takes_of_two_accounts_and_brings_back_in_the_reverse_order() -> None:
    """10.00: 4.00 of the team's, 6.00 of the payer's; 3.23 remain, so 6.00 and 0.77 come back."""
    corp = payer(
        contract("web", "10.00", arrears=False),
        contract("mail", "10.00", arrears=False),
        team_web=of("team-web", grant("4.00", key="own", until="2026-06-01")),
        corp=of("corp", grant("6.00", "web", key="all")),
    )
    assert nets(corp.bill(JANUARY_1)) == [["mail 10.00", "web 0.00"]]
    web = corp.bases[0]
    corp.bases[0] = replace(web, subscription=replace(web.subscription, end=day("2026-01-11")))
    later = corp.bill(day("2026-01-11"))
    assert nets(later) == [["web 0.00"]]
    assert (corp.left("team-web", FEBRUARY_1), corp.left("corp", FEBRUARY_1)) == ("0.77", "6.00")


def test_what_waits_takes_nothing_yet() -> None:
    """Of 3.00 a month less 2.00 once, 1.00 and 4.00 wait; 7.00 are issued, taxes included."""
    held = of("corp", grant("2.00"))
    corp = payer(contract("web", "3.00"), account=PENNIES, corp=held)
    corp.account = replace(corp.account, consolidated=())
    assert corp.bill(FEBRUARY_1) == []
    assert corp.left("corp", FEBRUARY_1) == "2.00"
    assert corp.bill(MARCH_1) == []
    (document,) = corp.bill(APRIL_1)
    assert (str(document.net.decimal), str(document.total.decimal)) == ("7.00", "8.33")
    assert len(document.sections) == 3
    assert corp.left("corp", APRIL_1) == "0.00"


def test_documents_of_one_run_know_what_those_before_them_take() -> None:
    """January takes 20.00 of 25.00, February finds 5.00; in one run and in two alike."""
    for runs in ((MARCH_1,), (FEBRUARY_1, MARCH_1)):
        corp = payer(
            contract("web", "10.00"), contract("mail", "10.00"), corp=of("corp", grant("25.00"))
        )
        made = [document for through in runs for document in corp.bill(through)]
        assert nets(made) == [["mail 0.00", "web 0.00"], ["mail 5.00", "web 10.00"]]


def test_a_void_brings_all_of_it_back_and_billing_anew_takes_it_again() -> None:
    """The document in its place comes to the same, from the same credit."""
    corp = payer(
        contract("web", "10.00"),
        contract("mail", "10.00"),
        team_mail=of("team-mail", grant("4.00", key="own")),
        corp=of("corp", grant("9.00", key="all")),
    )
    (january,) = corp.bill(FEBRUARY_1)
    assert str(january.net.decimal) == "7.00"
    order = VoidOrder(document=january.id, disposition=Disposition.REBILL, reason="address")
    corp.note(order, date(2026, 2, 1))
    assert (corp.left("team-mail", FEBRUARY_1), corp.left("corp", FEBRUARY_1)) == ("4.00", "9.00")
    (anew,) = corp.bill(FEBRUARY_1)
    assert anew.total == january.total
    assert (corp.left("team-mail", FEBRUARY_1), corp.left("corp", FEBRUARY_1)) == ("0.00", "0.00")


def test_credit_that_no_history_gives_is_found() -> None:
    """Lines that take something else than the basis gives do not verify."""
    corp = payer(contract("web", "10.00"), contract("mail", "10.00"), corp=of("corp", grant("15")))
    corp.know(FEBRUARY_1)
    (draft,) = corp.gathered(FEBRUARY_1).documents
    bare = payer(contract("web", "10.00"), contract("mail", "10.00"))
    (other,) = bare.gathered(FEBRUARY_1).documents
    forged = replace(draft.invoice, lines=other.invoice.lines)
    found = corp.problems(forged, draft.basis)
    assert any("rating its quantity gives" in one for one in found), found
    assert corp.problems(draft.invoice, draft.basis) == []


def test_alone_it_is_the_document_that_one_contract_gets() -> None:
    """A payer with one contract gets what it would get without consolidating, taxes and all."""
    together = payer(contract("web", "10.00"), corp=of("corp", grant("4.00")))
    usual = payer(
        contract("web", "10.00"),
        account=replace(CORP, consolidated=()),
        corp=of("corp", grant("4.00")),
    )
    assert together.bill(FEBRUARY_1) == usual.bill(FEBRUARY_1)
    assert together.documents[0].invoice.document_type is DocumentType.INVOICE
    assert together.documents[0].invoice.lines[0].key.price == PriceKey("web")


def test_a_grant_behind_the_service_pays_all_sections() -> None:
    """Given on February 2, 15.00 pay January's 20.00, issued on February 3, as far as they go."""
    held = of("corp", grant("15", since="2026-02-02"))
    corp = payer(contract("web", "10.00"), contract("mail", "10.00"), corp=held)
    corp.asks = True
    assert nets(corp.bill(day("2026-02-03"))) == [["mail 0.00", "web 5.00"]]
    assert corp.left("corp", day("2026-02-02")) == "15"
    assert corp.left("corp", day("2026-02-03")) == "0.00"
