"""Single events of one turn are parsed together, and each caller gets an answer of his own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from tallystick.app.ingest.parse_together import ParseTogether
from tallystick.app.ingest.parsed import Parsed, Scope
from tallystick.app.ingest.plain import parse_each
from tests.ingest.batches import event, scope


def test_a_failure_reaches_whom_it_concerns_and_nobody_waits() -> None:
    """A defect met while parsing ends the request concerned; no other hangs or suffers by it."""
    poison = b'{"poison":1}'

    def failing(raws: Sequence[bytes], scope: Scope) -> Parsed | None:
        if poison in raws:
            raise ValueError("a defect")
        return parse_each(raws, scope)

    async def parse() -> list[object]:
        together = ParseTogether(failing)
        bodies = [msgspec.json.encode(event("a")), poison, msgspec.json.encode(event("b"))]
        waiting = (together.parse(body, scope()) for body in bodies)
        answers = asyncio.gather(*waiting, return_exceptions=True)
        return list(await asyncio.wait_for(answers, 10))

    first, failed, last = asyncio.run(parse())
    assert isinstance(failed, ValueError)
    assert [len(parsed.keys) for parsed in (first, last) if isinstance(parsed, Parsed)] == [1, 1]
