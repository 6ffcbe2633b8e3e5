"""Identities in memory and in runs answer as a dictionary does."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.app.ingest import Known, first_rows
from tallystick.storage.log import IdentityRun, IdentityTable, open_run, write_run

# Keys that collide in their slots, their blocks and their first words, and keys at both ends.
_WORDS = st.sampled_from([0, 1, 2**32, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1)
_KEYS = st.lists(st.tuples(_WORDS, _WORDS), max_size=60)


def words(keys: list[tuple[int, int]]) -> npt.NDArray[np.uint64]:
    """Return keys as two words a row."""
    return np.array(keys, np.uint64).reshape(-1, 2)


def probed(runs: list[IdentityRun], keys: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return position and digest of each key as the runs know it."""
    known = Known(np.zeros(len(keys), np.uint64), np.zeros(len(keys), np.uint64))
    for run in runs:
        run.probe(words(keys), np.arange(len(keys)), known)
    return list(zip(known.position.tolist(), known.digest.tolist(), strict=True))


@given(_KEYS, _KEYS)
def test_a_table_and_its_runs_answer_as_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory,
    known: list[tuple[int, int]],
    asked: list[tuple[int, int]],
) -> None:
    """What was added is found with its position and digest, and nothing else is."""
    distinct = list(dict.fromkeys(known))
    model = {key: (place, place * 7) for place, key in enumerate(distinct, start=1)}
    table = IdentityTable()
    for place, key in enumerate(distinct, start=1):
        table.add(words([key]), np.array([place * 7], np.uint64), first_position=place)
    found = table.find(words(known + asked))
    expected = [model.get(key, (0, 0)) for key in known + asked]
    assert list(zip(found.position.tolist(), found.digest.tolist(), strict=True)) == expected

    folder = tmp_path_factory.mktemp("runs")
    halves = [table.records[: len(distinct) // 2], table.records[len(distinct) // 2 :]]
    runs = [write_run(folder / f"{n}.run", [half]) for n, half in enumerate(halves) if len(half)]
    assert probed(runs, known + asked) == expected
    if len(runs) > 1:
        write_run(folder / "all.run", [run.records for run in runs])
        assert probed([open_run(folder / "all.run")], known + asked) == expected


@given(_KEYS)
def test_the_first_row_of_each_key_is_found(keys: list[tuple[int, int]]) -> None:
    """Within one append the first of equal keys wins."""
    assert first_rows(words(keys)).tolist() == [keys.index(key) for key in keys]


def test_a_table_grows(tmp_path: Path) -> None:
    """More keys than the table began with are all found, also from their run."""
    chance = np.random.default_rng(7)
    keys = chance.integers(0, 2**64, (5000, 2), np.uint64)
    table = IdentityTable()
    for start in range(0, 5000, 700):
        part = keys[start : start + 700]
        table.add(part, part[:, 0].copy(), first_position=start + 1)
    assert table.find(keys).position.tolist() == list(range(1, 5001))
    strangers = chance.integers(0, 2**64, (5000, 2), np.uint64)
    assert not table.find(strangers).position.any()
    run = write_run(tmp_path / "a.run", [table.records])
    known = Known(np.zeros(5000, np.uint64), np.zeros(5000, np.uint64))
    run.probe(keys, np.arange(5000), known)
    assert known.position.tolist() == list(range(1, 5001))
