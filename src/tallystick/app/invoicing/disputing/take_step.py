"""Adds evidence to a dispute, or opens a resolved one again."""

from dataclasses import dataclass, replace

from tallystick.app.carrying_out import Decided, Effect, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.disputing.show_disputes import kept_by_id, loaded
from tallystick.app.invoicing.notes import reason_problem
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import Dispute, DisputeEntry, DisputeStep, refused_step
from tallystick.kernel import Misuse, Outcome, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep:
    """Bring evidence forward, or reopen: what is said is the ``text``."""

    dispute: str
    step: DisputeStep
    text: str


def take_step(
    command: TakeStep, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Dispute]:
    """
    Record evidence or a reopening.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_reason: no text, or one that cannot be printed.
        unknown_dispute: there is none of this id.
        dispute_resolved, dispute_open: see `refused_step`.

    Raises:
        Misuse: another step; those have use cases of their own.
    """
    if command.step not in {DisputeStep.EVIDENCE, DisputeStep.REOPENED}:
        raise Misuse(f"a dispute is not {command.step} by this")
    problem = missing_scope(caller, "billing") or reason_problem(command.text)
    if problem is not None:
        return Refused((problem,))
    now = clock.now()

    def decide() -> Decided[Dispute]:
        found = loaded(uow, command.dispute)
        if isinstance(found, Refused):
            return found
        problem = refused_step(found.value, command.step)
        if problem is not None:
            return Refused((problem,))
        entry = DisputeEntry(step=command.step, at=now, by=caller.actor, text=command.text)
        uow.disputes.append(found.value, entry)
        subject = f"invoice:{found.value.invoice}"
        details = {"dispute": command.dispute, "step": command.step.value}
        return Effect(
            answer=replace(found.value, entries=(*found.value.entries, entry)),
            subject=subject,
            at=now,
            details=details,
        )

    return carried_out(command, decide, caller=caller, uow=uow, kept=kept_by_id(uow))
