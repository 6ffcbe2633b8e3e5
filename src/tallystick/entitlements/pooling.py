"""
What several contracts of one account grant together: each was paid for, so limits add.

    acme-pro    50 users          acme-pro    sso off       acme-pro    support silver
    acme-west   20 users          acme-west   sso on        acme-west   support gold
                70 users                      sso on                    support silver

Contracts are taken in the order of their keys: the first that grants a feature decides what cannot
be added up (the word of a value, what becomes of overage).
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import reduce

from tallystick.entitlements.resolve import Entitled, raised_overage
from tallystick.kernel import EXACT


def pooled(parts: Iterable[Entitled]) -> Entitled:
    """
    Return what contracts grant of one feature together.

    No limit wins; what one contract takes away is not taken from another.  The overage of the first
    holds, its hard limit raised by what the others add.  Rates add, and so do their bursts.

    Args:
        parts: what each grants of the feature, in the order of their keys; at least one.
    """
    found = list(parts)
    granted = [one for one in found if one.enabled]
    return reduce(_together, granted or found[:1])


def _together(first: Entitled, second: Entitled) -> Entitled:
    sources = (*first.sources, *second.sources)
    if not first.feature.kind.is_limited:
        return replace(first, sources=sources)
    if first.limit is None or second.limit is None:
        return replace(first, limit=None, overage=None, burst=None, sources=sources)
    burst = None
    if first.burst is not None or second.burst is not None:
        burst = EXACT.add(_burst(first), _burst(second))
    return replace(
        first,
        limit=EXACT.add(first.limit, second.limit),
        overage=raised_overage(first.overage, second.limit),
        burst=burst,
        sources=sources,
    )


def _burst(entitled: Entitled) -> Decimal:
    """Return how much may come at once of a rate that has a limit."""
    return entitled.burst if entitled.burst is not None else entitled.limit or Decimal(0)
