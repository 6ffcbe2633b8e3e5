"""What this process works on that is told before its answer: billing runs."""

from tallystick.api.running.under_way import RunsUnderWay, RunUnderWay

__all__ = ["RunUnderWay", "RunsUnderWay"]
