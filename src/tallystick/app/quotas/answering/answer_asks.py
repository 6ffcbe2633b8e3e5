"""The use case behind every question for a quota: a batch of asks, answered in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from tallystick.app.quotas.answering.answer import answer
from tallystick.app.quotas.asks import Decision, Traced
from tallystick.app.quotas.desk import Desk, Desks
from tallystick.app.quotas.watching import WATCHED
from tallystick.app.unit_of_work import UnitOfWork


def answer_asks(
    asks: Sequence[Traced], *, at: datetime, uow: UnitOfWork, desks: Desks
) -> list[Decision]:
    """
    Return the decisions on asks of one workspace, in their order; all take effect, or none.

    Each sees what those before it took. Uses become events in the same transaction.

    Raises:
        EngineUnavailable: a store is away; nothing took effect.
    """
    with uow:
        desk = Desk([traced.ask for traced in asks], at=at, uow=uow, desks=desks)
        decisions = [_decided(traced, desk) for traced in asks]
        desk.store()
        uow.commit()
    return decisions


def _decided(traced: Traced, desk: Desk) -> Decision:
    desk.trace_id = traced.trace_id
    made = answer(traced.ask, desk)
    if made.reason in WATCHED:
        desk.tell(made)
    return made
