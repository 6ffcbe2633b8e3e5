"""Disputes: what a payer objects to, and what came of it."""

from tallystick.invoicing.disputes.dispute import (
    Dispute,
    DisputeEntry,
    DisputeState,
    DisputeStep,
    refused_step,
)

__all__ = ["Dispute", "DisputeEntry", "DisputeState", "DisputeStep", "refused_step"]
