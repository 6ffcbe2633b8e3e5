"""Checks of tax numbers: asked, kept as facts, audited once."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from tallystick.accounts import Account, Taxpayer
from tallystick.app import Caller
from tallystick.app.tax import CheckTaxId, check_tax_id, show_tax_id
from tallystick.kernel import AccountKey, Done, Outcome, Refused
from tallystick.tax import TaxIdCheck, TaxIdState
from tests.clock import HandClock
from tests.databases import WORKSPACE, Database

ACME = AccountKey("acme")
BILLING = Caller(workspace=WORKSPACE, actor="key:1", scopes=frozenset({"billing", "read"}))
FRENCH = Taxpayer(business=True, tax_id="FR 40 303 265 045")


@dataclass(slots=True)
class ListedRegister:
    """A register that knows some numbers; counts how often it is asked."""

    valid: frozenset[str]
    asked: list[str] = field(default_factory=list)

    def ask(self, tax_id: str, *, at: datetime) -> TaxIdCheck:
        """Answer from the list."""
        self.asked.append(tax_id)
        state = TaxIdState.VALID if tax_id in self.valid else TaxIdState.INVALID
        return TaxIdCheck(tax_id=tax_id, state=state, checked_at=at, source="list")


ASK = CheckTaxId(account=ACME)
REGISTER = ListedRegister(frozenset({"FR40303265045"}))


def declare(database: Database, *, country: str, tax: Taxpayer) -> None:
    """Store the account."""
    account = Account(
        key=ACME, name="Acme", zone="UTC", currency="EUR", invoiced=True, country=country, tax=tax
    )
    with database.unit() as uow:
        uow.accounts.save_accounts([account])
        uow.commit()


def check(
    database: Database, command: CheckTaxId = ASK, caller: Caller = BILLING
) -> Outcome[TaxIdCheck]:
    """Check the account's number."""
    return check_tax_id(
        command, caller=caller, uow=database.unit(), register=REGISTER, clock=HandClock()
    )


def test_an_answer_is_kept_and_audited(database: Database) -> None:
    """What the register said stands, and was written into the audit."""
    declare(database, country="FR", tax=FRENCH)
    made = check(database)
    assert isinstance(made, Done)
    assert (made.value.tax_id, made.value.state) == ("FR40303265045", TaxIdState.VALID)
    assert show_tax_id(BILLING, ACME, uow=database.unit()) == made
    with database.unit() as uow:
        assert uow.audit.waiting() == 1


def test_sent_again_it_is_answered_from_memory(database: Database) -> None:
    """The same command under one key has one effect."""
    declare(database, country="FR", tax=FRENCH)
    keyed = replace(BILLING, idempotency_key="k")
    assert check(database, caller=keyed) == check(database, caller=keyed)
    with database.unit() as uow:
        assert uow.audit.waiting() == 1


def test_a_country_without_a_register(database: Database) -> None:
    """A British number is well-formed, and no register here knows it: unavailable, nobody asked."""
    declare(database, country="GB", tax=Taxpayer(business=True, tax_id="GB980780684"))
    before = len(REGISTER.asked)
    made = check(database)
    assert isinstance(made, Done)
    assert made.value.state is TaxIdState.UNAVAILABLE
    assert len(REGISTER.asked) == before


def test_what_a_person_found_out(database: Database) -> None:
    """A person may say what was found elsewhere, with a reference."""
    declare(database, country="GB", tax=Taxpayer(business=True, tax_id="GB980780684"))
    command = CheckTaxId(account=ACME, state=TaxIdState.VALID, reference="letter 7")
    made = check(database, command)
    assert isinstance(made, Done)
    assert (made.value.source, made.value.reference) == ("manual", "letter 7")


@pytest.mark.parametrize(
    ("caller", "country", "tax", "code"),
    [
        (replace(BILLING, scopes=frozenset({"read"})), "FR", FRENCH, "forbidden"),
        (BILLING, "FR", Taxpayer(), "no_tax_id"),
        (BILLING, "DE", FRENCH, "no_tax_id"),
    ],
)
def test_what_cannot_be_checked(
    database: Database, caller: Caller, country: str, tax: Taxpayer, code: str
) -> None:
    """Without the scope, without a number, or with one of another country nothing is asked."""
    declare(database, country=country, tax=tax)
    made = check(database, caller=caller)
    assert isinstance(made, Refused)
    assert made.problems[0].code == code


def test_an_unknown_account(database: Database) -> None:
    """An account that is not there, or not for the caller to see, is unknown."""
    made = check(database)
    assert isinstance(made, Refused)
    assert made.problems[0].code == "unknown_account"
    declare(database, country="FR", tax=FRENCH)
    other = replace(BILLING, account=AccountKey("other"))
    shown = show_tax_id(other, ACME, uow=database.unit())
    assert isinstance(shown, Refused)
    assert shown.problems[0].code == "unknown_account"
