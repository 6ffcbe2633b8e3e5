"""Asks of many connections, decided together: what one of them breaks the others do not feel."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from tallystick.app.quotas import Check, Combiner, Decided, Decision
from tallystick.app.quotas.asks import Traced
from tallystick.kernel import AccountKey, WorkspaceId
from tallystick.quotas import Reason

AT = datetime(2026, 3, 1, tzinfo=UTC)


def decide(_workspace: WorkspaceId, asks: Sequence[Traced]) -> Decided:
    """Allow each check, and break at one of `spoilt`."""
    found = []
    for traced in asks:
        check = traced.ask
        assert isinstance(check, Check)
        if check.feature == "spoilt":
            raise ValueError(check.feature)
        found.append(
            Decision(
                reason=Reason.WITHIN_LIMIT,
                account=check.account,
                feature=check.feature,
                quantity=check.quantity,
            )
        )
    return Decided(decisions=found, at=AT)


def checks(*features: str) -> list[Traced]:
    """Return checks of features."""
    return [
        Traced(Check(account=AccountKey("acme"), feature=feature, quantity=Decimal(1)))
        for feature in features
    ]


def test_what_cannot_be_decided_fails_alone() -> None:
    """Of three that wait together the second breaks; the first and third get their decisions."""
    combiner = Combiner(decide)

    async def together() -> list[Decided | BaseException]:
        asked = [
            asyncio.ensure_future(combiner.ask(WorkspaceId("shop"), checks(*features)))
            for features in (("a", "b"), ("spoilt",), ("c",))
        ]
        await asyncio.sleep(0)  # all three wait before the first decision is made
        combiner.start()
        return await asyncio.gather(*asked, return_exceptions=True)

    first, second, third = asyncio.run(together())
    combiner.close()
    assert isinstance(first, Decided)
    assert isinstance(third, Decided)
    assert [one.feature for one in (*first.decisions, *third.decisions)] == ["a", "b", "c"]
    assert isinstance(second, ValueError)
