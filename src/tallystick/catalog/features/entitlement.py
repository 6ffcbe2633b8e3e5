"""What one layer grants of a feature: 50 users, and what becomes of the 51st."""

from dataclasses import dataclass
from decimal import Decimal

from tallystick.catalog.features.overage import Overage


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """
    What one layer (a plan version, an add-on, a contract, a manual grant) grants of a feature.

    Attributes:
        feature: key of the feature.
        enabled: of a ``switch``; False takes away what an earlier layer granted, of any kind.
        value: of a ``value``.
        limit: of ``metered``, ``level`` and ``rate``, 0 or more, exact; None: as much as is wanted.
        adds: whether ``limit`` comes on top of what earlier layers grant; else it stands in its
            place. An add-on adds its limit as often as it is taken.
        overage: what becomes of use beyond the limit; None: it is blocked, or, where the limit
            adds, what earlier layers say holds.
        burst: of a ``rate``: so much at once; None: as much as the limit, or, where the limit
            adds, what earlier layers say.
    """

    feature: str
    enabled: bool = True
    value: str = ""
    limit: Decimal | None = None
    adds: bool = False
    overage: Overage | None = None
    burst: Decimal | None = None
