"""
Manual grants: what a person grants an account beside its contracts, for a time.

    goodwill after an outage     api-calls + 10000     March 5 to April 1

They are a layer above the contracts of the account, in the order in which they begin; of two that
begin together the one recorded later comes last.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tallystick.catalog import Entitlement
from tallystick.entitlements.layers import Layer
from tallystick.kernel import AccountKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualGrant:
    """
    What a person grants an account.

    Attributes:
        id: names it.
        account: who is granted.
        grant: what.
        start: the instant from which it holds.
        end: the instant from which it does not, also because it was withdrawn; None: open.
        reason: for people.
        granted_by: who, as audits name it.
    """

    id: str
    account: AccountKey
    grant: Entitlement
    start: datetime
    end: datetime | None = None
    reason: str
    granted_by: str

    def holds(self, at: datetime) -> bool:
        """Tell whether it grants at an instant."""
        return self.start <= at and (self.end is None or at < self.end)


def grant_layers(grants: Iterable[ManualGrant], at: datetime) -> tuple[Layer, ...]:
    """Return the layers of manual grants at an instant; those recorded later come later."""
    held = sorted((one for one in grants if one.holds(at)), key=lambda one: one.start)
    return tuple(Layer(name=f"manual grant {one.id}", grants=(one.grant,)) for one in held)
