"""Whether quantities may be made into money now: what was read is what the log says."""

from tallystick.app.segments import Agreement
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Problem

UNDER_REPAIR = "projection_under_repair"


def unprovable(uow: UnitOfWork, agreement: Agreement, position: int) -> Problem | None:
    """
    Return why nothing may be billed up to a position, None if nothing stands against it.

    Problems:
        projection_differs: the last comparison with the log left differences.
        Those of the agreement.
    """
    if uow.reconciliations.answering():
        message = (
            "the projection differs from the log (see `tallystick reconcile`); bills wait until "
            "`tallystick reconcile --repair`, or a comparison of all days without a difference"
        )
        return Problem(code="projection_differs", message=message)
    return agreement.problem(position)


def repaired_since(agreement: Agreement, repairs: int) -> Problem | None:
    """
    Return why what was read must not be billed, None if it may.

    Args:
        agreement: counts repairs.
        repairs: what it said before anything was read.

    Problems:
        projection_under_repair: rows were taken out and loaded again meanwhile.
    """
    if agreement.repairs() == repairs:
        return None
    message = "the projection is or was repaired meanwhile; bill again when that is done"
    return Problem(code=UNDER_REPAIR, message=message)
