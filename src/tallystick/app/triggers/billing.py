"""`billing_cycle_started`: count what was used, and prepare or issue what is due."""

from tallystick.app.invoicing import RunBilling, run_billing
from tallystick.app.triggers.asked import BillingCycleStarted
from tallystick.app.triggers.started import Ended, Started
from tallystick.kernel import AccountKey, Done, Outcome, Refused, instant_text, refuse


def bill_cycle(started: Started, asked: BillingCycleStarted) -> Outcome[Ended]:
    """
    Bill what is due: drafts stay in grace or wait for a review where payers or plans say so.

    Problems:
        unknown_account: there is no such tenant.
        Those of `run_billing`.
    """
    account = None if asked.tenant_id is None else AccountKey(asked.tenant_id)
    if account is not None:
        with started.unit() as uow:
            if uow.accounts.load_account(account) is None:
                return refuse("unknown_account", f"there is no account {account}", "tenantId")
    outcome = run_billing(
        RunBilling(account=account),
        caller=started.sender("bill"),
        units=started.doors.units,
        sources=started.doors.billing,
    )
    if isinstance(outcome, Refused):
        return outcome
    report = outcome.value
    parked = [{"account": payer, "problem": each.message} for payer, each in report.parked]
    told = {
        "through": instant_text(report.through),
        "position": report.position,
        "accounts": report.accounts,
        "issued": list(report.issued),
        "held": report.held,
        "waiting": report.waiting,
        "parked": parked,
    }
    return Done(Ended(told=told))
