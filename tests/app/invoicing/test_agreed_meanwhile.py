"""What is agreed on a contract while a catalog is applied: one waits for the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tallystick.app.subscriptions import (
    AgreeChange,
    When,
    WithdrawChange,
    agree_change,
    withdraw_change,
)
from tallystick.kernel import Outcome
from tests.app.invoicing.billing import Billing, is_waiting
from tests.invoicing.world import CONTRACT
from tests.waiting import wait_until


def _end(billing: Billing) -> Outcome[object]:
    command = AgreeChange(subscription=CONTRACT.key, change={}, when=When.NOW)
    return agree_change(command, caller=billing.caller, uow=billing.unit(), sources=billing.sources)


def _withdraw(billing: Billing) -> Outcome[object]:
    command = WithdrawChange(subscription=CONTRACT.key, id="change_x")
    return withdraw_change(command, caller=billing.caller, uow=billing.unit(), clock=billing.clock)


@pytest.mark.parametrize("agreed", [_end, _withdraw])
def test_an_agreement_waits_for_an_application(
    billing: Billing, agreed: Callable[[Billing], Outcome[object]]
) -> None:
    """A file that was compared with the contract before an end would write the end away."""
    with ThreadPoolExecutor(1) as pool, billing.unit() as applying:
        applying.catalog.lock()
        meanwhile = pool.submit(agreed, billing)
        wait_until(
            lambda: is_waiting(billing) or meanwhile.done(),
            seconds_max=30,
            waiting_for="the agreement to wait",
        )
        assert not meanwhile.done()
        applying.commit()
        meanwhile.result(30)


def test_agreements_do_not_wait_for_each_other(billing: Billing) -> None:
    """Only the catalog's change keeps others waiting; contracts are changed side by side."""
    with billing.unit() as one, ThreadPoolExecutor(1) as pool:
        one.catalog.hold()
        pool.submit(_end, billing).result(30)
