"""Asks, decided one after the other on a desk, in one transaction."""

from tallystick.app.quotas.answering.answer import answer
from tallystick.app.quotas.answering.answer_asks import answer_asks

__all__ = ["answer", "answer_asks"]
