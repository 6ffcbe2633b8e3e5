"""A stream of NATS JetStream."""

from tallystick.integrations.nats.collecting import collect_nats
from tallystick.integrations.nats.sequences import Sequences, matches

__all__ = ["Sequences", "collect_nats", "matches"]
