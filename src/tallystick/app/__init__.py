"""Use cases, the ports they need, the unit of work and the clock."""

from tallystick.app.answered_commands import Answered, AnsweredCommands
from tallystick.app.clock import Clock, SystemClock
from tallystick.app.command import (
    Caller,
    command_name,
    input_digest,
    missing_scope,
    remember,
    remembered,
)
from tallystick.app.unit_of_work import RunnerUnitOfWork, Transaction, UnitOfWork

__all__ = [
    "Answered",
    "AnsweredCommands",
    "Caller",
    "Clock",
    "RunnerUnitOfWork",
    "SystemClock",
    "Transaction",
    "UnitOfWork",
    "command_name",
    "input_digest",
    "missing_scope",
    "remember",
    "remembered",
]
