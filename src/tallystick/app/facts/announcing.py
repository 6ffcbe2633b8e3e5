"""A fact as a message of the outbox, put in the transaction of what brings it about."""

from datetime import datetime

import msgspec

from tallystick.app.facts.published import Published, fact_name
from tallystick.app.outbox import Message
from tallystick.kernel import WorkspaceId


def fact_message(
    fact: Published, *, workspace: WorkspaceId, id: str, at: datetime, trace_id: str = ""
) -> Message:
    """
    Return the message that publishes a fact.

    Args:
        fact: what to tell; its name is the topic.
        workspace: in which it came about.
        id: follows from what the fact tells, so that it is told once.
        at: when it came about.
        trace_id: of the request that caused it.
    """
    return Message(
        workspace=workspace,
        id=id,
        topic=fact_name(type(fact)),
        payload=msgspec.to_builtins(fact),
        due_at=at,
        trace_id=trace_id,
    )
