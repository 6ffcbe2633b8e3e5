"""A watch that somebody declared, and how it is told of."""

from dataclasses import dataclass

from tallystick.thresholds.quiet import QuietHours
from tallystick.thresholds.threshold import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    What is watched by name.

    Attributes:
        key: by which it is known, and its states are kept; empty: the rule of whoever declares
            none.
        watch: what is watched, with its thresholds.
        quiet: when what is not critical waits; None: never.
    """

    key: str
    watch: Watch
    quiet: QuietHours | None = None
