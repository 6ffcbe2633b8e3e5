"""Samples that Prometheus servers write."""

from tallystick.integrations.prometheus.samples import received_samples
from tallystick.integrations.prometheus.snappy import unpack_snappy

__all__ = ["received_samples", "unpack_snappy"]
