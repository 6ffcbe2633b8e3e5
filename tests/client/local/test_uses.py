"""What a book says is told whole: a use that the server refuses takes no other with it."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from tallystick.client.errors import ProblemAnswer, RequestRefused
from tallystick.client.local.uses import Head, NotTaken, Use, report_uses
from tallystick.client.quotas import Asked, Consume, Decision, Report

HEAD = Head(lease="l1", account="acme", feature="calls", source="s")
WRONG = RequestRefused(ProblemAnswer(status=422, code="invalid", message="no such"))


class Counting:
    """A server that counts uses; it cannot read those of a wrong one, in any of three ways."""

    def __init__(self, wrong: str, *, way: str) -> None:
        self.wrong, self.way = wrong, way
        self.counted: set[str] = set()
        self.closed = False

    def ask_all(self, asked: Sequence[Asked]) -> Sequence[Decision]:
        return [self._answer(each) for each in asked]

    def _answer(self, asked: Asked) -> Decision:
        if isinstance(asked, Consume):
            return self._taken({asked.id})
        assert isinstance(asked, Report)
        if self.way == "unknown":
            return Decision(allowed=False, reason="unknown")
        self.closed |= asked.close
        return self._taken({each.id for each in asked.events})

    def _taken(self, ids: set[str]) -> Decision:
        if self.wrong in ids and self.way == "malformed":
            raise WRONG
        self.counted |= ids - {self.wrong}
        is_right = self.wrong not in ids
        return Decision(allowed=is_right, reason="ok" if is_right else "not_consumable")


@pytest.mark.parametrize("way", ["unreadable", "malformed", "unknown"])
def test_one_wrong_use_loses_no_other(way: str) -> None:
    """Of 2,300 uses in three requests the third one is wrong: 2,299 count, and it is told."""
    uses = [Use(id=f"u{number}", quantity=Decimal(1), at=0) for number in range(2_300)]
    server = Counting("u2", way=way)
    found = report_uses(HEAD, uses, ask_all=server.ask_all)
    assert isinstance(found, NotTaken)
    assert server.counted == {use.id for use in uses} - {"u2"}
    assert server.closed is (way != "unknown")
