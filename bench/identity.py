"""
Identity at scale: deciding which of a batch's keys are new, against many millions that are known.

Keys are uniform random words, as hashes are. They are learned and sealed in segments of the log's
size, then asked for in batches: new ones, all repeats of keys spread over the whole log, and the
same again just after the index was opened anew. Rivals: none that decides durably; the figure to
beat is the rate at which events come in.
"""

import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.rows import Row
from tallystick.storage.log import IdentityIndex

SEGMENT = 262_144
BATCH = 8_000
BATCHES = 100

Words = npt.NDArray[np.uint64]


def measure_identity(*, scale: int = 1) -> Iterator[Row]:
    """Yield the rows for ten million keys times the scale."""
    chance = np.random.default_rng(7)
    segments = 10_000_000 * scale // SEGMENT
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as folder:
        root = Path(folder)
        index = IdentityIndex(root / "log", directory=root / "identities")
        samples, seconds = [], time.perf_counter()
        for number in range(segments):
            keys = chance.integers(0, 2**64, (SEGMENT, 2), np.uint64)
            samples.append(keys[:: SEGMENT // 4096])
            index.learn(keys, keys[:, 0].copy(), first_position=number * SEGMENT + 1)
            index.seal(root)
        index.settle()
        known = f"{segments * SEGMENT / 1e6:.0f} million keys"
        built = time.perf_counter() - seconds
        yield _row(f"{known}: learned, sealed and merged", segments * SEGMENT / built, index)
        old = chance.permutation(np.concatenate(samples))
        fresh = chance.integers(0, 2**64, (BATCH * BATCHES, 2), np.uint64)
        yield _row(f"{known}: all new", _asked(index, fresh, found=False), index)
        yield _row(f"{known}: all repeats", _asked(index, old, found=True), index)
        index.close()


def _asked(index: IdentityIndex, keys: Words, *, found: bool) -> float:
    """Return how many keys a second are decided, in batches; the answers are checked."""
    batches = [keys[at : at + BATCH] for at in range(0, min(len(keys), BATCH * BATCHES), BATCH)]
    started = time.perf_counter()
    for batch in batches:
        known = index.look_up(batch).position != 0
        assert known.all() if found else not known.any()
    return sum(map(len, batches)) / (time.perf_counter() - started)


def _row(work: str, rate: float, index: IdentityIndex) -> Row:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Row(
        work=work,
        figure=f"{rate:,.0f} keys/s",
        rival="",
        ratio="",
        note=f"{len(index.runs)} runs, at most {peak:,.0f} MiB resident, mapped files included",
    )
