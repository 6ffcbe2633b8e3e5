"""Rejected events, kept as they were sent."""

from tallystick.app.dead_letters.expire_letters import (
    BATCH,
    SETTLED_KEPT,
    WAITING_KEPT,
    expire_letters,
)
from tallystick.app.dead_letters.ports import (
    ANY_LETTER,
    DeadLetter,
    DeadLetters,
    LetterFilter,
    LetterPlace,
    LetterRetention,
    LetterState,
    RejectedEvent,
    WaitingLetters,
)

__all__ = [
    "ANY_LETTER",
    "BATCH",
    "SETTLED_KEPT",
    "WAITING_KEPT",
    "DeadLetter",
    "DeadLetters",
    "LetterFilter",
    "LetterPlace",
    "LetterRetention",
    "LetterState",
    "RejectedEvent",
    "WaitingLetters",
    "expire_letters",
]
