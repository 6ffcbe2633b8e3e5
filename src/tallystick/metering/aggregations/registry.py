"""The registry of aggregations, and the question whether their quantities add."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from tallystick.kernel import EXACT, Misuse
from tallystick.metering.aggregations.avg import AVG
from tallystick.metering.aggregations.count import COUNT
from tallystick.metering.aggregations.counter import COUNTER
from tallystick.metering.aggregations.formula import FORMULA
from tallystick.metering.aggregations.latest import LATEST
from tallystick.metering.aggregations.max import MAX
from tallystick.metering.aggregations.min import MIN
from tallystick.metering.aggregations.peak import PEAK
from tallystick.metering.aggregations.percentile import PERCENTILE
from tallystick.metering.aggregations.rule import FoldRule
from tallystick.metering.aggregations.sum import SUM
from tallystick.metering.aggregations.time_weighted import TIME_WEIGHTED
from tallystick.metering.aggregations.unique import UNIQUE
from tallystick.metering.fold import Fold, exact_sum
from tallystick.metering.meter import Aggregation, Meter

RULES: Mapping[Aggregation, FoldRule] = MappingProxyType(
    {
        Aggregation.COUNT: COUNT,
        Aggregation.SUM: SUM,
        Aggregation.MAX: MAX,
        Aggregation.MIN: MIN,
        Aggregation.LATEST: LATEST,
        Aggregation.UNIQUE: UNIQUE,
        Aggregation.AVG: AVG,
        Aggregation.TIME_WEIGHTED: TIME_WEIGHTED,
        Aggregation.COUNTER: COUNTER,
        Aggregation.PERCENTILE: PERCENTILE,
        Aggregation.PEAK: PEAK,
        Aggregation.FORMULA: FORMULA,
    }
)


def add_folds(parts: Iterable[Fold], meter: Meter) -> Fold:
    """
    Return the fold of a whole from the folds of its disjoint parts.

    ``gaps`` of the result counts a gap once for each part it touches.

    Raises:
        Misuse: the meter's aggregation does not add, or there is no part.
    """
    if not RULES[meter.aggregation].adds:
        raise Misuse(
            f"quantities of {meter.aggregation.value} do not add; ask for the whole window instead"
        )
    folds = list(parts)
    if not folds:
        raise Misuse("there is no part to add")
    return Fold(
        numerator=exact_sum(part.numerator for part in folds),
        denominator=folds[0].denominator,
        events=sum(part.events for part in folds),
        unmeterable=sum(part.unmeterable for part in folds),
        gap_seconds=exact_sum(part.gap_seconds for part in folds),
        gaps=sum(part.gaps for part in folds),
    )


def remaining_fold(whole: Fold, parts: Iterable[Fold], meter: Meter) -> Fold:
    """
    Return what is left of a whole when some of its disjoint parts are taken out.

    Raises:
        Misuse: the meter's aggregation does not add.
    """
    taken = [part for part in parts if not part.is_empty]
    if not taken:
        return whole
    added = add_folds(taken, meter)
    return Fold(
        numerator=EXACT.subtract(whole.numerator, added.numerator),
        denominator=whole.denominator,
        events=whole.events - added.events,
        unmeterable=whole.unmeterable - added.unmeterable,
        gap_seconds=EXACT.subtract(whole.gap_seconds, added.gap_seconds),
        gaps=whole.gaps - added.gaps,
    )
