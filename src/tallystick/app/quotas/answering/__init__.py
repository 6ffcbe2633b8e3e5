"""Asks, decided one after the other on a desk."""

from tallystick.app.quotas.answering.answer import answer

__all__ = ["answer"]
