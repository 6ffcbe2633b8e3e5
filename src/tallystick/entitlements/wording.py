"""What becomes of use beyond a limit, for people."""

from collections.abc import Iterator

from tallystick.catalog import Grace, Overage, OverageAction, Throttle
from tallystick.kernel import plain


def overage_text(overage: Overage | None) -> str:
    """
    Return what becomes of use beyond a limit; empty where it is blocked and nothing more is said.

    Example:
        >>> from decimal import Decimal
        >>> from tallystick.catalog import RateUnit
        >>> slow = Throttle(limit=Decimal(50), per=RateUnit.MINUTE)
        >>> overage_text(Overage(action=OverageAction.THROTTLE, throttle=slow, offer=True))
        'then 50 each minute, with an offer to upgrade'
        >>> grace = Grace(days=7, percent=Decimal(10))
        >>> overage_text(Overage(action=OverageAction.BLOCK, operation="uploads", grace=grace))
        'then uploads are blocked, after a grace of 7 days or 10% of the limit'
    """
    if overage is None or overage == Overage(action=OverageAction.BLOCK):
        return ""
    return ", ".join(("then " + _action(overage), *_terms(overage)))


def _action(overage: Overage) -> str:
    match overage.action:
        case OverageAction.THROTTLE if overage.throttle is not None:
            return _throttle(overage.throttle)
        case OverageAction.CHARGE:
            return "charged"
        case OverageAction.AUTO_UPGRADE:
            return f"upgraded to {overage.upgrade_to}"
        case OverageAction.NOTIFY:
            return "only told"
        case _:
            return f"{overage.operation} are blocked" if overage.operation else "blocked"


def _throttle(throttle: Throttle) -> str:
    burst = "" if throttle.burst is None else f" ({plain(throttle.burst)} at once)"
    return f"{plain(throttle.limit)} each {throttle.per.value}{burst}"


def _terms(overage: Overage) -> Iterator[str]:
    if grace := " or ".join(_bounds(overage.grace)):
        yield f"after a grace of {grace}"
    if overage.hard_limit is not None:
        yield f"never beyond {plain(overage.hard_limit)}"
    if overage.offer:
        yield f"with an offer to upgrade{f' to {overage.upgrade_to}' if overage.upgrade_to else ''}"
    if not overage.notify:
        yield "without notice"


def _bounds(grace: Grace) -> Iterator[str]:
    if grace.days is not None:
        yield "1 day" if grace.days == 1 else f"{grace.days} days"
    if grace.percent is not None:
        yield f"{plain(grace.percent)}% of the limit"
    if grace.units is not None:
        yield f"{plain(grace.units)} more"
