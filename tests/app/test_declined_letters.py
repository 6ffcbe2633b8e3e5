"""Who declines letters on usage gets none, but for those that use is refused."""

from decimal import Decimal

from tallystick.app.command import Caller
from tallystick.app.quotas import Enforced
from tallystick.app.usage_alerts import CounterWatch, DeclineLetters, decline_letters
from tallystick.catalog import FeatureKind
from tallystick.kernel import AccountKey, Done
from tallystick.quotas import Limit, Reason
from tests.app.test_escalation import DESK, LEAD, LIVE, OWNER, Office, open_office
from tests.databases import Database


def decline(office: Office, address: str, *, again: bool = False, scope: str = "quota") -> bool:
    """Decline letters, or take them again; tell whether that was done."""
    caller = Caller(workspace=LIVE, actor="test", scopes=frozenset({scope}))
    command = DeclineLetters(address=address, again=again)
    outcome = decline_letters(
        command, caller=caller, uow=office.database.unit(LIVE), clock=office.clock
    )
    return isinstance(outcome, Done)


def test_who_declines_is_not_written_to(database: Database) -> None:
    """Neither of the alert nor of a next step, however the address is written; others are."""
    with open_office(database) as office:
        assert decline(office, DESK.upper())
        office.pass_threshold()
        assert office.later() == [OWNER]
        assert office.later(seconds=30 * 60) == [LEAD]


def test_letters_come_again_once_they_are_taken_back(database: Database) -> None:
    """Taken back twice is not found; a wrong address and a key without the scope are refused."""
    with open_office(database) as office:
        assert decline(office, DESK)
        assert decline(office, DESK)
        assert decline(office, DESK, again=True)
        assert not decline(office, DESK, again=True)
        assert not decline(office, "desk")
        assert not decline(office, DESK, scope="read")
        office.pass_threshold()
        assert office.later() == [DESK, OWNER]


def test_that_use_is_refused_is_written_to_everybody(database: Database) -> None:
    """An account that declined is told all the same that its limit refuses."""
    limit = Limit(
        holder=AccountKey("acme"), feature="calls", kind=FeatureKind.METERED, most=Decimal(5)
    )
    with open_office(database) as office:
        assert decline(office, OWNER)
        enforced = Enforced(limit=limit, account="acme", reason=Reason.LIMIT_REACHED)
        with office.database.unit(LIVE) as uow:
            CounterWatch().enforced([enforced], at=office.clock.now(), uow=uow)
            uow.commit()
        assert office.later() == [OWNER]
