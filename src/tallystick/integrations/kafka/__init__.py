"""Topics of a Kafka cluster."""

from tallystick.integrations.kafka.collecting import collect_kafka
from tallystick.integrations.kafka.track import Track

__all__ = ["Track", "collect_kafka"]
