"""How far billing runs are: told while they last, to their own workspace, and no longer."""

import pytest

from tallystick.api.running import RunsUnderWay, RunUnderWay
from tallystick.app.invoicing import BillingProgress
from tallystick.kernel import AccountKey, WorkspaceId
from tests.clock import NEW_YEAR

ONE, OTHER = WorkspaceId("one"), WorkspaceId("other")


def shown(done: int) -> BillingProgress:
    """Return the progress behind so many of three accounts."""
    return BillingProgress(
        account=AccountKey("acme"), accounts_done=done, accounts=3, issued=2 * done, parked=0
    )


def test_a_run_is_shown_while_it_lasts() -> None:
    """From its beginning, after each account, and not behind its end."""
    runs = RunsUnderWay()
    with runs.run(ONE, at=NEW_YEAR) as tell:
        assert runs.of(ONE) == [RunUnderWay(started_at=NEW_YEAR)]
        tell(shown(1))
        tell(shown(2))
        (run,) = runs.of(ONE)
        assert (run.accounts_done, run.accounts, run.issued) == (2, 3, 4)
        assert runs.of(OTHER) == []
        with runs.run(ONE, at=NEW_YEAR):
            assert [one.accounts_done for one in runs.of(ONE)] == [2, 0]
    assert runs.of(ONE) == []


def test_a_run_that_breaks_is_gone() -> None:
    """Whatever ends a run takes it off the list."""
    runs = RunsUnderWay()
    with pytest.raises(RuntimeError):  # noqa: SIM117 - the run is what breaks
        with runs.run(ONE, at=NEW_YEAR):
            raise RuntimeError
    assert runs.of(ONE) == []
