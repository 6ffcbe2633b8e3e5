"""Lists drafts beside the last period, those first that differ most from it."""

from fractions import Fraction

from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.ports import DraftInReview
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused

DRAFTS_MAX = 10_000


def review_drafts(
    caller: Caller, *, uow: UnitOfWork, limit: int = DRAFTS_MAX
) -> Outcome[list[DraftInReview]]:
    """
    Return drafts, outliers first: by how much of the last total they differ from it.

    Those without a document before them stand behind, by id.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        found = uow.invoices.reviewed(limit=min(limit, DRAFTS_MAX))
    return Done(sorted(found, key=_by_change, reverse=True))


def _by_change(draft: DraftInReview) -> Fraction:
    return Fraction(-1) if draft.change is None else abs(draft.change)
