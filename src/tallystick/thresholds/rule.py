"""A watch that somebody declared, and how it is told of."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tallystick.thresholds.quiet import QuietHours
from tallystick.thresholds.threshold import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    Who is told next of what nobody has acknowledged.

    Attributes:
        after: since the first message left.
        recipients: addresses for e-mail; empty: webhooks alone are told.
    """

    after: timedelta
    recipients: tuple[str, ...] = ()


class GroupBy(StrEnum):
    """Whose alerts are told together: those of an account, or all of the rule."""

    ACCOUNT = "account"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    What is told together: what comes within a time of the first of it.

    Attributes:
        within: how long after the first one, more than nothing.
        by: whose alerts belong together.
    """

    within: timedelta
    by: GroupBy = GroupBy.ACCOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    What is watched by name.

    Attributes:
        key: by which it is known, and its states are kept; empty: the rule of whoever declares
            none.
        watch: what is watched, with its thresholds.
        quiet: when what is not critical waits; None: never.
        recipients: addresses for e-mail, beside the account's own contact.
        steps: who is told next while nobody acknowledges it, in order of time.
        language: of letters to recipients and those of steps, by ISO 639-1; empty: English.
        group: what of it is told together, but for what is critical; None: each by itself.
    """

    key: str
    watch: Watch
    quiet: QuietHours | None = None
    recipients: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    group: Group | None = None
    language: str = ""
