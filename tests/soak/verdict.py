"""Holds the log, and what is answered from it, against the producers' own lists."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tallystick.bootstrap import DataDirectory
from tallystick.storage.log import blocks_from
from tests.soak.producers import SUBJECTS, TYPE, Producer

ANSWER_SECONDS_MAX = 300


def held_against_log(data: DataDirectory, producers: Sequence[Producer]) -> tuple[list[str], int]:
    """Return what is wrong with the log itself, and its last position."""
    seen = {p.name: np.zeros(p.sent + 1, dtype=np.uint8) for p in producers}
    strangers = 0
    position = 0
    for block in blocks_from(data.segments, 1):
        position = block.header.last_position
        batch = block.batch.filter(pc.equal(block.batch.column("type"), TYPE))
        for name, counts in seen.items():
            own = batch.filter(pc.equal(batch.column("source"), name)).column("id")
            numbers = np.asarray(pc.cast(own, pa.int64()))
            np.add.at(counts, np.minimum(numbers, len(counts) - 1), 1)
        strangers += pc.invert(pc.is_in(batch.column("source"), pa.array(list(seen)))).true_count
    wrong = [f"{strangers} events of nobody"] if strangers else []
    for name, counts in seen.items():
        lost, doubled = np.flatnonzero(counts[:-1] == 0), np.flatnonzero(counts[:-1] > 1)
        wrong += [f"{name}: lost {lost[:5]} ..."] if lost.size else []
        wrong += [f"{name}: doubled {doubled[:5]} ..."] if doubled.size else []
        wrong += [f"{name}: never acknowledged, but there: {counts[-1]}"] if counts[-1] else []
    return wrong, position


def held_against_answers(
    client: httpx.Client, producers: Sequence[Producer], position: int
) -> list[str]:
    """Return what is wrong with the quantities that the API answers at a position."""
    expected = sum((p.expected() for p in producers), np.zeros((SUBJECTS, 2), dtype=np.int64))
    wrong = []
    for column, meter in enumerate(("requests", "amount")):
        now = datetime.now(UTC)
        asked: dict[str, str | int] = {
            "meter": meter,
            "start": (now - timedelta(days=4)).isoformat(),
            "end": (now + timedelta(days=1)).isoformat(),
            "group_by": "subject",
            "position": position,
        }
        answer = client.get("/v1/usage", params=asked, timeout=ANSWER_SECONDS_MAX)
        answer.raise_for_status()
        found = {row["group"]["subject"]: row["quantity"] for row in answer.json()["items"]}
        wanted = {f"s{n}": str(expected[n][column]) for n in range(SUBJECTS)}
        wrong += [] if found == wanted else [f"{meter}: {found} instead of {wanted}"]
    return wrong
