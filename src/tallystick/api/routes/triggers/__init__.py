"""Routes of triggers, and how events that start something are read."""

from tallystick.api.routes.triggers.events import doors_of, read_sent, results_of
from tallystick.api.routes.triggers.starting import triggers_router
from tallystick.api.routes.triggers.wire import TriggersAnswer

__all__ = ["TriggersAnswer", "doors_of", "read_sent", "results_of", "triggers_router"]
