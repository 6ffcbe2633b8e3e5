"""
What `/metrics` tells a Prometheus: HTTP durations, ingest outcomes, positions and lag.

Each application has its own registry, so that two of them in one process do not share counters.
Route templates label the durations, never paths, and a method nobody defined is `other`, so that
the number of series stays bounded whoever calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from tallystick.api.problems import HttpProblem
from tallystick.api.source_series import SourceSeries
from tallystick.app.pipeline import Condition

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
RUN_OUTCOMES = ("done", "refused", "failed")
TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The series of one application."""

    def __init__(self) -> None:
        """Register every series, so that each is present from the first scrape."""
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "tallystick_http_request_seconds",
            "Time to answer a request.",
            ("method", "route", "status"),
            buckets=SECONDS_BUCKETS,
            registry=self.registry,
        )
        self._durations: dict[tuple[str, str, int], Histogram] = {}
        self.events = Counter(
            "tallystick_ingest_events", "Events by outcome.", ("outcome",), registry=self.registry
        )
        for outcome in ("accepted", "duplicate", "conflict", "rejected"):
            self.events.labels(outcome)
        self.log_position = self._gauge("log_position", "Position of the last durable event.")
        self.projection_position = self._gauge(
            "projection_position", "Last position that queries see."
        )
        self.rolled_up_position = self._gauge(
            "rolled_up_position", "Last position that was looked at to roll up whole blocks."
        )
        self.lag_events = self._gauge(
            "projection_lag_events", "Durable events that queries do not see yet."
        )
        self.lag_seconds = self._gauge(
            "projection_lag_seconds", "Age of the oldest event queries do not see yet."
        )
        self.queue_depth = self._gauge("ingest_queue_depth", "Batches waiting for the log.")
        self.dead_letters = self._gauge("dead_letters_waiting", "Refused events nobody has mended.")
        self.sources = SourceSeries()
        self.registry.register(self.sources)
        self.reconcile_differences = self._gauge(
            "reconcile_differences", "Differences from the log that the last whole comparison left."
        )
        self.reconcile_finished = self._gauge(
            "reconcile_finished_timestamp_seconds", "When that comparison ended; 0 for never."
        )
        self.reconcile_seconds = self._gauge("reconcile_seconds", "How long it took.")
        self.alerts = Gauge(
            "tallystick_alerts_open",
            "Alerts that stand, of all workspaces.",
            ("condition",),
            registry=self.registry,
        )
        self.tell_alerts({})
        self.parked = self._gauge(
            "accounts_parked", "Accounts not billed until a defect is mended."
        )
        self.billing_runs = Counter(
            "tallystick_billing_runs",
            "Billing runs by outcome.",
            ("outcome",),
            registry=self.registry,
        )
        for outcome in RUN_OUTCOMES:
            self.billing_runs.labels(outcome)
        self.billing_finished = self._gauge(
            "billing_finished_timestamp_seconds", "When a billing run last ended; 0 for never."
        )
        self.streams = self._gauge("usage_streams_open", "Streams of usage that are open.")

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"tallystick_{name}", text, registry=self.registry)

    def tell_alerts(self, standing: Mapping[str, int]) -> None:
        """Set how many alerts of each condition stand."""
        for condition in Condition:
            self.alerts.labels(condition.value).set(standing.get(condition.value, 0))

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record one answered request."""
        known = method if method in METHODS else "other"
        series = self._durations.get((known, route, status))
        if series is None:
            series = self.requests.labels(known, route, str(status))
            self._durations[known, route, status] = series
        series.observe(seconds)

    def count_events(self, *, accepted: int, duplicate: int, conflict: int, rejected: int) -> None:
        """Record the outcome of one batch."""
        for outcome, count in (
            ("accepted", accepted),
            ("duplicate", duplicate),
            ("conflict", conflict),
            ("rejected", rejected),
        ):
            if count:
                self.events.labels(outcome).inc(count)

    @contextmanager
    def billing_run(self) -> Iterator[None]:
        """Record how a billing run ends; one that is refused or breaks bills nobody behind it."""
        outcome = "failed"
        try:
            yield
            outcome = "done"
        except HttpProblem:
            outcome = "refused"
            raise
        finally:
            self.billing_runs.labels(outcome).inc()
            self.billing_finished.set_to_current_time()

    def text(self) -> bytes:
        """Return the exposition text."""
        return generate_latest(self.registry)
