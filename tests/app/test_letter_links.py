"""Letters that can be declined by their own link, without a key."""

import base64
from dataclasses import replace
from decimal import Decimal

import pytest

from tallystick.app.quotas import Enforced
from tallystick.app.usage_alerts import CounterWatch, LetterLinks, LinkUse, decline_by_link
from tallystick.catalog import FeatureKind
from tallystick.kernel import AccountKey, Done
from tallystick.quotas import Limit, Reason
from tests.app.test_escalation import DESK, LEAD, LIVE, OWNER, RULE, Office, open_office
from tests.databases import Database

PUBLIC = "https://bills.example.com"
LINKS = LetterLinks(root=lambda: bytes(16), public_url=PUBLIC)
OTHERS = replace(LINKS, root=lambda: bytes(15) + b"\1")


def token_of(office: Office, to: str) -> str:
    """Return the token of the last letter to an address, which its headers and its text have."""
    mail = [mail for mail in office.arrivals.mails if str(mail["To"]) == to][-1]
    url = dict(mail.raw_items())["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines()[-1].endswith(f": {url}")
    assert url.startswith(f"{PUBLIC}/letters?token=")
    return str(url.partition("=")[2])


def follow(office: Office, token: str) -> bool:
    """Follow a link as a mail program does; tell whether something was declined."""
    link = LINKS.read(token)
    assert link is not None
    told = decline_by_link(
        LinkUse(link=link), LINKS, units=office.database.unit, clock=office.clock
    )
    return isinstance(told, Done)


def audited(office: Office) -> list[str]:
    """Return the rows that the audit has of letters."""
    with office.database.connection("postgres") as connection:
        rows = connection.execute("SELECT audit::text FROM audit")
        return [row[0] for row in rows if "DeclineLetters" in row[0]]


def test_a_link_declines_once_for_its_address(database: Database) -> None:
    """Followed twice it stands once, in the audit too; others are written to as before."""
    with open_office(database, links=LINKS) as office:
        office.pass_threshold()
        assert office.later() == [DESK, OWNER]
        token = token_of(office, DESK)
        assert follow(office, token)
        assert follow(office, token)
        (record,) = audited(office)
        assert (",letter," in record, DESK in record) == (True, False)
        assert office.later(seconds=30 * 60) == [LEAD]
        assert follow(office, token_of(office, LEAD))
        assert office.later(hours=2) == []


def test_a_contact_declines_by_its_own_link(database: Database) -> None:
    """The link of an account is of its contact; one that nobody writes to any more does nothing."""
    with open_office(database, links=LINKS) as office:
        office.pass_threshold()
        office.later()
        token = token_of(office, OWNER)
        with office.database.unit(LIVE) as uow:
            acme = uow.accounts.load_account(AccountKey("acme"))
            assert acme is not None
            moved = replace(acme, contact=replace(acme.contact, email="new@acme.example"))
            uow.accounts.save_accounts([moved])
            uow.commit()
        assert not follow(office, token)
        with office.database.unit(LIVE) as uow:
            uow.accounts.save_accounts([acme])
            uow.commit()
        assert follow(office, token)
        with office.database.unit(LIVE) as uow:
            assert uow.usage_alerts.declined.among([OWNER, DESK]) == {OWNER}


def test_the_link_speaks_the_language_of_its_letter(database: Database) -> None:
    """The last line and the page behind it."""
    with open_office(database, links=LINKS) as office:
        office.declare(replace(RULE, language="ar"))
        office.pass_threshold()
        office.later()
        told = {to: LINKS.read(token_of(office, to)) for to in (DESK, OWNER)}
        assert {to: link.language for to, link in told.items() if link} == {DESK: "ar", OWNER: "en"}


def test_that_use_is_refused_cannot_be_declined(database: Database) -> None:
    """A letter that tells of the service itself has no link; without an address none has."""
    limit = Limit(
        holder=AccountKey("acme"), feature="calls", kind=FeatureKind.METERED, most=Decimal(5)
    )
    with open_office(database, links=LINKS) as office:
        enforced = Enforced(limit=limit, account="acme", reason=Reason.LIMIT_REACHED)
        with office.database.unit(LIVE) as uow:
            CounterWatch().enforced([enforced], at=office.clock.now(), uow=uow)
            uow.commit()
        assert office.later() == [OWNER]
        assert office.arrivals.mails[-1]["List-Unsubscribe"] is None
        assert PUBLIC not in office.arrivals.mails[-1].as_string()


def test_without_a_public_address_no_letter_has_a_link(database: Database) -> None:
    """As it was before there were links."""
    with open_office(database) as office:
        office.pass_threshold()
        assert office.later() == [DESK, OWNER]
        assert {mail["List-Unsubscribe"] for mail in office.arrivals.mails} == {None}


def made(address: str = OWNER) -> str:
    """Return the token of a link."""
    url = LINKS.url(address, workspace="live", account="acme", language="de")
    return url.partition("=")[2]


def test_a_link_names_nobody() -> None:
    """No address is in it, nor a digest that could be made without the installation's secret."""
    content = base64.urlsafe_b64decode(made() + "==")
    assert b"@" not in content
    assert OWNER.encode() not in content
    link = LINKS.read(made())
    assert link is not None
    assert LINKS.names(link, OWNER.upper())
    assert not LINKS.names(link, DESK)
    assert not OTHERS.names(link, OWNER)
    assert made() == made(OWNER.upper())


@pytest.mark.parametrize("place", range(0, len(made()), 7))
def test_a_changed_link_is_none(place: int) -> None:
    """Whichever sign of it is another one."""
    token = made()
    other = "A" if token[place] != "A" else "B"
    assert LINKS.read(token[:place] + other + token[place + 1 :]) is None


def test_what_others_made_is_no_link() -> None:
    """Nor what is no token at all, or the token of another purpose."""
    strange = OTHERS.url(OWNER, workspace="live", account="acme", language="de")
    wrong = ["", "A", "ä", "=" * 4, "A" * 2_000, made()[:-1], made() + "AAAA", "A B"]
    assert [LINKS.read(each) for each in (strange.partition("=")[2], *wrong)] == [None] * 9
