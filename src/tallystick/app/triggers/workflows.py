"""
The workflows that triggers start, each made of commands that exist anyway.

Commands are sent under idempotency keys that follow from the trigger's identity: started twice, or
begun and broken off, each has one effect.  What ends a workflow is done in the transaction that
keeps its outcome.
"""

from tallystick.app.triggers.asked import (
    AnomalyDetected,
    BillingCycleStarted,
    PaymentFailure,
    PlanRequested,
    Said,
    ThresholdApproaching,
)
from tallystick.app.triggers.billing import bill_cycle
from tallystick.app.triggers.changing_plans import change_plan
from tallystick.app.triggers.evaluating import evaluate_usage
from tallystick.app.triggers.failed_payment import note_failure
from tallystick.app.triggers.investigating import investigate
from tallystick.app.triggers.started import Ended, Started
from tallystick.kernel import Outcome


def run_workflow(started: Started, asked: Said) -> Outcome[Ended]:
    """
    Run the workflow of a trigger up to its end, which the caller stores.

    Problems:
        Those of the commands that it is made of.
    """
    match asked:
        case ThresholdApproaching():
            return evaluate_usage(started, asked)
        case BillingCycleStarted():
            return bill_cycle(started, asked)
        case PlanRequested():
            return change_plan(started, asked)
        case AnomalyDetected():
            return investigate(started, asked)
        case PaymentFailure():
            return note_failure(started, asked)
