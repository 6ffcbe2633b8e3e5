"""
A plan version for what it grants: read from its stored document without its prices.

Who asks what an account may use, and within which period, asks often and has no use for prices;
reading those takes meters, units and price books too.
"""

from collections.abc import Mapping

from tallystick.catalog.features import read_entitlements
from tallystick.catalog.fields import FLAG, KEY, TEXT, WHOLE, Fields, choose, read_interval
from tallystick.catalog.plan import Alignment, PlanVersion, Proration
from tallystick.kernel import PlanKey, Problem, check


def granting_plan_from_document(document: Mapping[str, object]) -> PlanVersion:
    """
    Return a plan version as it was stored, but for prices, thresholds and terms of payment.

    Raises:
        InvariantBroken: it is not one that was written by `plan_document`.
    """
    problems: list[Problem] = []
    fields = Fields(document, path="", problems=problems)
    plan = PlanVersion(
        plan=PlanKey(fields.read("key", KEY)),
        version=fields.read("version", WHOLE),
        name=fields.read("name", TEXT),
        currency=fields.read("currency", TEXT),
        interval=read_interval(fields, "interval"),
        alignment=Alignment(choose(fields, "alignment", [*Alignment], default="calendar")),
        prices=(),
        proration=Proration(choose(fields, "proration", [*Proration], default="day")),
        add_on=fields.read_or("add_on", FLAG, default=False),
        product=fields.read_or("product", KEY, ""),
        entitlements=read_entitlements(fields, None),
    )
    check(not problems, f"a stored plan version cannot be read: {problems[:1]}")
    return plan
