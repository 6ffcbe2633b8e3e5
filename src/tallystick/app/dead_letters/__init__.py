"""Rejected events, kept as they were sent."""

from tallystick.app.dead_letters.ports import DeadLetter, DeadLetters, RejectedEvent

__all__ = ["DeadLetter", "DeadLetters", "RejectedEvent"]
