"""
What is decided while the server cannot be asked: what each feature declares for that.

    switch, value     as the account's entitlements said last
    fail_open         let through, written down, told the server when it is back
    fail_closed       refused; also where another limit on the same meter says so: the use would
                      count towards it
    not granted, or nothing known of the account: refused

Pure: what was said last is a parameter.
"""

from decimal import Decimal

import msgspec

from tallystick.client.local.documents import (
    FAIL_CLOSED,
    FAIL_OPEN,
    AccountEntitlements,
    EntitledFeature,
)
from tallystick.client.quotas import Consume, Decision
from tallystick.kernel import EXACT

_UNLIMITED_KINDS = {"switch", "value"}


def decide_away(asked: Consume, known: AccountEntitlements | None) -> Decision:
    """
    Return the decision; where `reason` is FAIL_OPEN it must be written down before it is told.

    Example:
        >>> asked = Consume(account="acme", feature="api-calls", source="shop", id="1")
        >>> decide_away(asked, None).reason
        'fail_closed'
    """
    feature = None if known is None else known.feature(asked.feature)
    if known is None:
        return _refused(asked, FAIL_CLOSED, "The server is away; nothing is known of the account.")
    if feature is None or not feature.enabled:
        return _refused(asked, "not_entitled", "Nothing grants this feature to the account.")
    if feature.kind in _UNLIMITED_KINDS:
        return _allowed(asked, "switched_on", feature)
    closed = known.closed_by(feature)
    if closed is None:
        return _allowed(asked, FAIL_OPEN, feature)
    by = "" if closed is feature else closed.key
    named = f"the limit of {by}, which counts it, too," if by else "this feature"
    message = f"The server is away; {named} is declared to be refused then. Try again later."
    refused = _refused(asked, FAIL_CLOSED, message)
    return msgspec.structs.replace(refused, limited_by=by)


class OpenGrants(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was let through of a feature while the server was away, compared with what it says of it.

    Attributes:
        granted: let through.
        beyond: the part of it that the server would have refused.
        uses, uses_beyond: the same as counts of decisions.
    """

    account: str
    feature: str
    granted: Decimal = Decimal(0)
    beyond: Decimal = Decimal(0)
    uses: int = 0
    uses_beyond: int = 0


def with_told(grants: OpenGrants, told: Decision, quantity: Decimal) -> OpenGrants:
    """
    Return the sum with one more use, of which the server has now told what it would have decided.

    Example:
        >>> none = OpenGrants(account="acme", feature="api-calls")
        >>> no = Decision(allowed=False, reason="limit_reached")
        >>> with_told(none, no, Decimal(3)).beyond
        Decimal('3')
    """
    beyond = Decimal(0) if told.allowed else quantity
    return msgspec.structs.replace(
        grants,
        granted=EXACT.add(grants.granted, quantity),
        beyond=EXACT.add(grants.beyond, beyond),
        uses=grants.uses + 1,
        uses_beyond=grants.uses_beyond + (not told.allowed),
    )


def _allowed(asked: Consume, reason: str, feature: EntitledFeature) -> Decision:
    return Decision(
        allowed=True,
        reason=reason,
        account=asked.account,
        feature=asked.feature,
        quantity=asked.quantity,
        limit=feature.limit,
        value=feature.value or "",
        degraded=True,
    )


def _refused(asked: Consume, reason: str, message: str) -> Decision:
    return Decision(
        allowed=False,
        reason=reason,
        account=asked.account,
        feature=asked.feature,
        quantity=asked.quantity,
        degraded=True,
        message=message,
    )
