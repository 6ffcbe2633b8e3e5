"""
What is watched, and at which values somebody is told.

    80 %, 90 %, 100 %     of a limit, as it stands when the value is read
    500                   absolute, in the unit of what is watched
    projected 100 %       what the value is expected to be at the end of the period
    every 1,000           again with each further 1,000, above the highest that does not recur

Usage, spend and budgets rise: a threshold belongs to what is beyond it, 800 of 1,000 is 80 %.
Credit falls: it passes 500 when it is below.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tallystick.kernel import Problem, plain

THRESHOLDS_MAX = 20
AMOUNT_MAX = Decimal(10) ** 20
PERCENT_MAX = Decimal(100_000)


class Watched(StrEnum):
    """What a value is of; all but credit rise.  An anomaly has no value, and no thresholds."""

    USAGE = "usage"
    SPEND = "spend"
    CREDIT = "credit"
    BUDGET = "budget"
    ANOMALY = "anomaly"

    @property
    def falls(self) -> bool:
        """Tell whether a threshold is passed downwards."""
        return self is Watched.CREDIT


class Basis(StrEnum):
    """What the number of a threshold means."""

    ABSOLUTE = "absolute"
    PERCENT = "percent"
    PROJECTED = "projected"

    @property
    def is_relative(self) -> bool:
        """Tell whether it is a percentage of the limit."""
        return self is not Basis.ABSOLUTE


class Severity(StrEnum):
    """How urgent a crossing is; a critical one does not wait for the end of quiet hours."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return its place from the least urgent, 0, on."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """
    A value at which somebody is told.

    Attributes:
        amount: in the unit of what is watched, or in percent of the limit.
        basis: which of both, and whether the value or what it is expected to be is compared.
        recurring: whether each further such amount tells again; not for what falls or is projected.
        rearm_by: how far back the value must come, in the unit of ``amount``, for the threshold to
            tell again within the period; None: not before the next period.  What has no periods
            tells again as soon as the value is back.
        severity: of its crossings.
    """

    amount: Decimal
    basis: Basis = Basis.PERCENT
    recurring: bool = False
    rearm_by: Decimal | None = None
    severity: Severity = Severity.WARNING

    @property
    def name(self) -> str:
        """
        Return what tells it from others of its watch; a changed amount is another threshold.

        Example:
            >>> Threshold(amount=Decimal("80.0")).name
            '80 %'
            >>> Threshold(amount=Decimal(1000), basis=Basis.ABSOLUTE, recurring=True).name
            'every 1000'
        """
        sign = " %" if self.basis.is_relative else ""
        ahead = "projected " if self.basis is Basis.PROJECTED else ""
        return f"{ahead}{'every ' if self.recurring else ''}{plain(self.amount)}{sign}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched, and the thresholds that it has, each by another name."""

    watched: Watched
    thresholds: tuple[Threshold, ...]


def default_watch(watched: Watched) -> Watch:
    """
    Return the watch of whoever declares no thresholds: 80, 90 and 100 % used, and 100 % expected.

    Of credit that is 20, 10 and 0 % left.

    Example:
        >>> [one.name for one in default_watch(Watched.CREDIT).thresholds]
        ['20 %', '10 %', '0 %', 'projected 0 %']
    """
    first, second, last = (20, 10, 0) if watched.falls else (80, 90, 100)
    return Watch(
        watched=watched,
        thresholds=(
            Threshold(amount=Decimal(first)),
            Threshold(amount=Decimal(second)),
            Threshold(amount=Decimal(last), severity=Severity.CRITICAL),
            Threshold(amount=Decimal(last), basis=Basis.PROJECTED, severity=Severity.INFO),
        ),
    )


def watch_problems(watch: Watch) -> tuple[Problem, ...]:
    """
    Return all that is wrong with a watch as somebody declares it; nothing if it may be used.

    Problems:
        no_thresholds, too_many_thresholds: 1 to 20 of them; of anomalies none.
        bad_amount: above 0, up to 10^20 or 100,000 %; credit may also be told of at 0.
        bad_rearm: less than nothing, or not below the amount where values rise.
        repeated_threshold: two of one name.
        cannot_recur: what falls, or is projected.

    Example:
        >>> twice = (Threshold(amount=Decimal(80)), Threshold(amount=Decimal("80.0")))
        >>> [one.message for one in watch_problems(Watch(watched=Watched.USAGE, thresholds=twice))]
        ["'80 %' is declared twice; keep one"]
    """
    return tuple(_problems(watch))


def _problems(watch: Watch) -> Iterator[Problem]:
    count = len(watch.thresholds)
    if watch.watched is Watched.ANOMALY:
        if count:
            message = "an anomaly passes no thresholds; leave them out"
            yield Problem(code="too_many_thresholds", message=message, field="thresholds")
        return
    if count == 0:
        yield Problem(
            code="no_thresholds", message="declare at least one threshold", field="thresholds"
        )
    if count > THRESHOLDS_MAX:
        message = f"{count} thresholds, {THRESHOLDS_MAX} at most"
        yield Problem(code="too_many_thresholds", message=message, field="thresholds")
    seen: set[str] = set()
    for place, one in enumerate(watch.thresholds):
        for code, message in _faults(one, watch.watched, seen):
            yield Problem(code=code, message=message, field=f"thresholds[{place}]")
        seen.add(_name(one))


def _faults(one: Threshold, watched: Watched, seen: Iterable[str]) -> Iterator[tuple[str, str]]:
    most = PERCENT_MAX if one.basis.is_relative else AMOUNT_MAX
    least_is_fine = watched.falls and not one.recurring
    if not one.amount.is_finite() or not (
        0 < one.amount <= most or (least_is_fine and one.amount == 0)
    ):
        yield "bad_amount", f"an amount is above 0 and at most {plain(most)}, not {one.amount}"
        return
    if one.rearm_by is not None and not _fits(one.rearm_by, None if watched.falls else one.amount):
        yield "bad_rearm", "rearm_by is 0 or more, and below the amount where values rise"
    if one.recurring and (watched.falls or one.basis is Basis.PROJECTED):
        yield "cannot_recur", f"{one.name!r} cannot recur here; list each threshold by itself"
    if one.name in seen:
        yield "repeated_threshold", f"{one.name!r} is declared twice; keep one"


def _fits(rearm_by: Decimal, most: Decimal | None) -> bool:
    return rearm_by.is_finite() and rearm_by >= 0 and (most is None or rearm_by < most)


def _name(one: Threshold) -> str:
    return one.name if one.amount.is_finite() else ""
