"""Samples that Prometheus servers write, and those that they could not write."""

from tallystick.integrations.prometheus.arrival import ARRIVED, covered_seconds
from tallystick.integrations.prometheus.pulling import collect_prometheus
from tallystick.integrations.prometheus.samples import received_samples
from tallystick.integrations.prometheus.snappy import unpack_snappy

__all__ = ["ARRIVED", "collect_prometheus", "covered_seconds", "received_samples", "unpack_snappy"]
