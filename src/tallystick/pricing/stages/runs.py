"""
Least duration and granularity of each run of a level: what a start is billed for at least.

    at least 60 seconds          a machine that ran for 45 seconds counts 60
    steps of 3,600 seconds       1 second -> an hour,  3,601 seconds -> two
    both, two runs               30 s and 40 s -> 60 s and 60 s

What is added counts at the level that the run had at its end.  A run is rounded once, in the period
in which it ends, by all that it lasted; the part of one that goes on is billed as it is.

    from 23:59:30 to 00:00:15, at least 60 seconds     30 s before midnight, 15 + 15 s after it
    from 23:30 to 00:10, steps of 3,600 seconds        1,800 s before it, 600 + 1,200 s after it

For what a run lasted before the period it is looked back as far as the least duration and a step.
One that began before that has lasted long enough; its steps are counted from the period's start.

Source: the project's semantics, "Meters" (minimum duration and granularity belong to the price).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tallystick.kernel import EXACT, Problem, plain
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import Run
from tallystick.pricing.validity import negative_problems, require

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EachRun:
    """
    How each run of a level is rounded.

    Attributes:
        minimum_seconds: how long a run counts at least, 0 for no bound.
        step_seconds: a run counts whole steps of so much, each started one; 0 for as it is.
    """

    minimum_seconds: Decimal = _NOTHING
    step_seconds: Decimal = _NOTHING

    @property
    def look_back_seconds(self) -> Decimal:
        """Return how long before a period a run is looked for that goes on into it."""
        return max(self.minimum_seconds, self.step_seconds)

    def __post_init__(self) -> None:
        """Refuse negative durations, and a stage that does nothing."""
        problems = [
            *negative_problems("minimum_seconds", self.minimum_seconds),
            *negative_problems("step_seconds", self.step_seconds),
        ]
        if not self.minimum_seconds and not self.step_seconds:
            message = "give minimum_seconds, step_seconds or both"
            problems.append(Problem(code="missing", message=message, field="minimum_seconds"))
        require(problems)


def lengthen_runs(each: EachRun, runs: Iterable[Run]) -> tuple[Decimal, tuple[Step, ...]]:
    """
    Return what is added to the quantity, and a step for each way in which runs were lengthened.

    Args:
        each: how.
        runs: of one period and group.

    Rounding: none but the last of 76 digits where the price's unit does not divide the seconds.

    Example:
        >>> runs = [Run(seconds=Decimal(45), per_second=Fraction(1))] * 2
        >>> added, (step,) = lengthen_runs(EachRun(minimum_seconds=Decimal(60)), runs)
        >>> added, step.label
        (Decimal('30'), 'runs raised to at least 60 seconds: 2')
    """
    raised = list(_raised(each, runs))
    at_least = [(added, run) for added, _, run in raised if added]
    in_steps = [(added, run) for _, added, run in raised if added]
    steps = (
        *_told(f"runs raised to at least {plain(each.minimum_seconds)} seconds", at_least),
        *_told(f"runs rounded up to steps of {plain(each.step_seconds)} seconds", in_steps),
    )
    return _quantity(at_least + in_steps), steps


def _raised(each: EachRun, runs: Iterable[Run]) -> Iterator[tuple[Decimal, Decimal, Run]]:
    """Yield each run with the seconds that its least duration adds, and those of its last step."""
    for run in runs:
        before = _NOTHING if run.begins else run.before
        seconds, least, last = EXACT.add(run.seconds, before or _NOTHING), _NOTHING, _NOTHING
        if run.ends and seconds:
            if before is not None and seconds < each.minimum_seconds:
                least = EXACT.subtract(each.minimum_seconds, seconds)
                seconds = each.minimum_seconds
            if each.step_seconds and (begun := EXACT.remainder(seconds, each.step_seconds)):
                last = EXACT.subtract(each.step_seconds, begun)
        yield least, last, run


def _told(label: str, added: list[tuple[Decimal, Run]]) -> tuple[Step, ...]:
    if not added:
        return ()
    text = f"{label}: {len(added)}"
    quantity = _quantity(added)
    return (Step(label=text, quantity=quantity, unit_price=None, flat=_NOTHING, amount=_NOTHING),)


def _quantity(added: list[tuple[Decimal, Run]]) -> Decimal:
    exact = sum((Fraction(seconds) * run.per_second for seconds, run in added), Fraction(0))
    return EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))
