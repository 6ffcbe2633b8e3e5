"""Use cases of a review: drafts beside the last period, approved in bulk or rejected."""

from tallystick.app.invoicing.reviewing.approve_drafts import (
    ApprovalReport,
    ApprovedDraft,
    ApproveDrafts,
    approve_drafts,
)
from tallystick.app.invoicing.reviewing.reject_draft import RejectDraft, reject_draft
from tallystick.app.invoicing.reviewing.review_drafts import review_drafts

__all__ = [
    "ApprovalReport",
    "ApproveDrafts",
    "ApprovedDraft",
    "RejectDraft",
    "approve_drafts",
    "reject_draft",
    "review_drafts",
]
