"""
What a contract includes and takes, before and after a change, as far as plans say it.

    pro: 1,000 calls included, 5 seats      team: 5,000 calls included, no seats

    calls  included   1000 -> 5000
    seats  taken         5 -> nothing

A price with a meter says how much of it is included in a whole period; one without says how much
the contract takes.  What may be used beyond that is not a plan's to say.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.catalog import Subscription
from tallystick.kernel import MeterKey, PriceKey, instant_text
from tallystick.subscriptions.timeline import AgreedPrice, Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementChange:
    """
    What becomes of what a price includes, or of how much of it is taken.

    ``before`` and ``after`` are in the price's unit for a whole period; None: no such price.
    """

    price: PriceKey
    meter: MeterKey | None
    unit: str | None
    before: Decimal | None
    after: Decimal | None


def entitlement_changes(before: Terms, after: Terms) -> tuple[EntitlementChange, ...]:
    """Return what terms include and take otherwise than others, by key of the price."""
    old, new = (
        {each.price.key: each for each in terms.agreed_prices()} for terms in (before, after)
    )
    found = (
        EntitlementChange(
            price=key,
            meter=(new.get(key) or old[key]).price.meter,
            unit=(new.get(key) or old[key]).price.unit,
            before=_entitled(old.get(key)),
            after=_entitled(new.get(key)),
        )
        for key in sorted({**old, **new})
    )
    return tuple(each for each in found if each.before != each.after)


def change_warnings(
    contract: Subscription, before: Terms, after: Terms, *, at: datetime
) -> tuple[str, ...]:
    """Return what a person should know before a contract changes at an instant."""
    said = [
        f"the plan changes to {change.plan}@{change.version} at {instant_text(change.at)} already"
        for change in contract.changes
        if change.at > at and change.plan is not None
    ]
    if contract.end is not None:
        said.append(f"the contract ends at {instant_text(contract.end)}")
    for terms, word in ((after.paused, "paused"), (after.trial, "in its trial")):
        if terms:
            said.append(f"the contract is {word} at that instant")
    if before.plan.interval != after.plan.interval or before.plan.alignment != after.plan.alignment:
        said.append("periods are counted anew: the one that runs ends at that instant")
    sold = {each.price.key for each in after.agreed_prices()}
    held = {each.price.key for each in before.agreed_prices()}
    for price in after.prices:
        kept = "is paid on" if price.key in sold else "has no price any more for which it stands"
        said.append(f"the contract's own price {price.key} {kept}")
    said += [
        f"{quantity:f} of {price} are taken, which is not sold any more"
        for price, quantity in after.quantities
        if price in held and price not in sold
    ]
    return tuple(said)


def _entitled(agreed: AgreedPrice | None) -> Decimal | None:
    if agreed is None:
        return None
    return agreed.quantity if agreed.price.meter is None else agreed.price.allowance
