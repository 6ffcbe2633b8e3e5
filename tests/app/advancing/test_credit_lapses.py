"""The clock of a test workspace stops where credit expires, and books it there."""

from datetime import timedelta

from tallystick.app.advancing import AdvanceClock, advance_clock
from tallystick.app.credits import GrantCredit, grant_credit
from tallystick.credits import GrantOrder
from tallystick.kernel import Done
from tests.app.invoicing.billing import MARCH_2, Billing
from tests.clock import NEW_YEAR

ORDER = GrantOrder(
    account="acme",
    amount="100.00",
    currency="USD",
    kind="paid",
    treatment="prepaid_taxed",
    expires_at="2026-01-20T12:00:00Z",
)


def test_credit_lapses_on_the_way(trial: Billing) -> None:
    """What expires on January 20 is earned then, once, whatever the clock goes to."""
    given = grant_credit(
        GrantCredit(order=ORDER),
        caller=trial.caller,
        uow=trial.unit(),
        clock=trial.sources.clock,
    )
    assert isinstance(given, Done), given
    for _ in range(2):
        advanced = advance_clock(
            AdvanceClock(to=MARCH_2),
            caller=trial.caller,
            units=trial.unit,
            sources=trial.sources,
        )
        assert isinstance(advanced, Done), advanced
    with trial.unit() as uow:
        entries = uow.journal.page(after=None, limit=100)
    lapsed = [
        posted.entry
        for posted in entries
        if any(leg.account == "breakage:acme" for leg in posted.entry.postings)
    ]
    assert [entry.effective_at for entry in lapsed] == [NEW_YEAR + timedelta(days=19, hours=12)]
