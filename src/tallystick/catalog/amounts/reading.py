"""Reading what a plan says of amounts of several prices."""

from tallystick.catalog.fields import FLAG, NUMBER, Fields, suggestion
from tallystick.catalog.plan import Threshold
from tallystick.pricing import Price, SpendPrice


def read_thresholds(fields: Fields) -> tuple[Threshold, ...]:
    """Read the thresholds of usage at which an invoice is due within a period."""
    return tuple(_threshold(part) for part in fields.each("thresholds"))


def _threshold(fields: Fields) -> Threshold:
    threshold = Threshold(
        amount=fields.read("amount", NUMBER),
        recurring=fields.read_or("recurring", FLAG, default=False),
    )
    if not threshold.amount > 0:
        fields.note("wrong_value", '"amount" must be above 0', "amount")
    fields.finish()
    return threshold


def check_spend(fields: Fields, own: tuple[Price, ...], prices: tuple[Price, ...]) -> None:
    """Check that bounds over several prices name prices of the plan that are no bounds too."""
    bounded = {price.key for price in prices if not isinstance(price.model, SpendPrice)}
    for index, price in enumerate(own):
        of = price.model.of if isinstance(price.model, SpendPrice) else ()
        for at, key in enumerate(of):
            if key not in bounded:
                message = f'"{key}" is no price of the plan{suggestion(key, bounded)}'
                fields.note("unknown_reference", message, f"prices[{index}].of[{at}]")
