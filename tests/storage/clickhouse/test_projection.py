"""The projection: each block once, all or nothing, every digit kept, one workspace at a time."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import EngineUnavailable, Misuse, WorkspaceId
from tallystick.metering import UsageQuery
from tallystick.storage.clickhouse import ClickHouse, EngineLimits, quote_numbers
from tallystick.storage.clickhouse.schema import EVENTS, INSERT_TARGET
from tests.clickhouse import UsageStore, of_workspace, table_of
from tests.events import event, meter, readings, window


def _block(store: UsageStore, rows: int, *, skip: int = 1) -> pa.Table:
    first = store.projection.max_position() + skip
    return table_of([event(n, workspace="blocks", position=first + n) for n in range(rows)])


def _count(store: UsageStore) -> int:
    return int(
        store.clickhouse.read(
            f"SELECT count() FROM {EVENTS}", {"workspace": "blocks", "as_of": 1 << 60}
        )[0][0]
    )


def test_a_block_goes_in_once(usage_store: UsageStore) -> None:
    """A block inserted again, whole, in part or longer than before, adds only what is new."""
    before, block = _count(usage_store), _block(usage_store, 10)
    assert usage_store.projection.insert(block.slice(0, 6)) == 6
    assert usage_store.projection.insert(block.slice(0, 6)) == 0
    assert usage_store.projection.insert(block.slice(2, 3)) == 0
    assert usage_store.projection.insert(block.slice(3, 7)) == 4
    assert _count(usage_store) == before + 10


def test_a_lost_answer_does_no_harm(usage_store: UsageStore) -> None:
    """A writer that does not know what is there repeats its block without effect."""
    usage_store.projection.rebuild()
    before, block = _count(usage_store), _block(usage_store, 10)
    usage_store.projection.insert(block)
    forgetful = type(usage_store.projection)(usage_store.clickhouse)
    assert forgetful.insert(block) == 0
    # Nor does it where the writer asks nothing: the engine remembers the token.
    first, last = block["position"][0].as_py(), block["position"][-1].as_py()
    settings = {"insert_deduplication_token": f"{first}-{last}", "insert_deduplicate": 1}
    usage_store.clickhouse.write(INSERT_TARGET, block, settings)
    assert _count(usage_store) == before + 10


def test_a_block_that_was_taken_out_comes_again(usage_store: UsageStore) -> None:
    """The engine remembers what it was given; rows that were removed on purpose go in again."""
    before, block = _count(usage_store), _block(usage_store, 10)
    usage_store.projection.insert(block)
    first = block["position"][0].as_py()
    usage_store.clickhouse.remove(INSERT_TARGET, "position >= {first:UInt64}", {"first": first})
    usage_store.projection.forget_position()
    assert usage_store.projection.insert(block) == 10
    assert _count(usage_store) == before + 10


def test_a_block_is_one_part(usage_store: UsageStore) -> None:
    """A block becomes one part, so that a crash leaves all of it or nothing."""
    usage_store.clickhouse.command("SYSTEM STOP MERGES")
    parts = usage_store.projection.parts()
    usage_store.projection.insert(_block(usage_store, 70_000))
    assert usage_store.projection.parts() == parts + 1
    usage_store.clickhouse.command("SYSTEM START MERGES")


def test_a_hole_is_refused(usage_store: UsageStore) -> None:
    """Positions that leave a hole, before the block or in it, are refused."""
    usage_store.projection.insert(_block(usage_store, 3))
    with pytest.raises(Misuse, match="hole"):
        usage_store.projection.insert(_block(usage_store, 3, skip=2))
    block = _block(usage_store, 3)
    with pytest.raises(Misuse, match="hole"):
        usage_store.projection.insert(pa.concat_tables([block.slice(0, 1), block.slice(2, 1)]))


def test_a_missing_column_is_refused(usage_store: UsageStore) -> None:
    """A block without a column is refused by its name."""
    with pytest.raises(Misuse, match="sequence"):
        usage_store.projection.insert(_block(usage_store, 3).drop_columns(["sequence"]))


def test_position_and_count(usage_store: UsageStore) -> None:
    """The projection says how far it reaches and how many events stand between two positions."""
    usage_store.projection.insert(_block(usage_store, 5))
    last = usage_store.projection.max_position()
    assert usage_store.projection.count(last - 4, last) == 5
    assert usage_store.projection.count(last, last + 9) == 1
    assert usage_store.reader.covered_position() == last
    assert usage_store.reader.wait_covered(last, timeout=0)
    assert not usage_store.reader.wait_covered(last + 1, timeout=0)


def test_rebuilt_from_the_start(usage_store: UsageStore) -> None:
    """After a rebuild the same blocks go in again, though their tokens were used before."""
    usage_store.projection.rebuild()
    block = table_of([event(n, workspace="blocks", position=n + 1) for n in range(4)])
    assert usage_store.projection.insert(block) == 4
    usage_store.projection.rebuild()
    assert usage_store.projection.max_position() == 0
    assert usage_store.projection.insert(block) == 4
    assert _count(usage_store) == 4


def test_a_workspace_sees_itself_only(usage_store: UsageStore) -> None:
    """A query sees the events of its own workspace, and none without one."""
    usage_store.put(readings({1: "1"}))
    mine = usage_store.put(readings({1: "2"}))
    query = of_workspace(
        UsageQuery(workspace=WorkspaceId("nobody"), meter=meter("sum"), windows=(window(0, 9),)),
        mine,
    )
    assert [row.fold.quantity for row in usage_store.reader.usage(query)] == [2]
    with pytest.raises(EngineUnavailable):
        usage_store.clickhouse.read("SELECT count() FROM workspace_events", {})


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM file('/etc/hostname', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')",
        "INSERT INTO event_projection_4 (position) VALUES (1)",
        "DROP TABLE event_projection_4",
        "SET readonly = 0",
        "SET max_threads = 64",
    ],
)
def test_readers_only_read(usage_store: UsageStore, statement: str) -> None:
    """A reading session cannot write, cannot raise its limits, cannot reach files or addresses."""
    with pytest.raises(EngineUnavailable, match=r"(?i)readonly"):
        usage_store.clickhouse.read(statement, {})


def test_limits_hold(clickhouse: ClickHouse) -> None:
    """A query that wants more memory than it may have is stopped, with the engine's reason."""
    with pytest.raises(EngineUnavailable, match="MEMORY_LIMIT_EXCEEDED"):
        clickhouse.read("SELECT groupArray(toString(number)) FROM numbers(100000000)", {})


def test_a_second_directory_is_refused(clickhouse: ClickHouse, tmp_path: Path) -> None:
    """One process opens one directory; another is a clear error, not another one's data."""
    clickhouse.read("SELECT 1", {})
    with pytest.raises(EngineUnavailable):
        ClickHouse(f"chdb://{tmp_path}", EngineLimits(readers=1))


@given(
    members=st.dictionaries(
        st.text(max_size=3),
        st.one_of(
            st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.integers().map(str),
            st.text(max_size=8).map(json.dumps),
            st.text('"\\0123456789.eE-', max_size=8).map(json.dumps),
            st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?", fullmatch=True),
            st.just('{"a":[1.50,-0,{"b":"1 2"}],"c":null,"d":true}'),
        ),
        max_size=4,
    )
)
def test_numbers_are_kept_as_written(members: dict[str, str], clickhouse: ClickHouse) -> None:
    """A number is read as it was written, a text as it was meant, whatever stands around them."""
    text = "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"
    names = list(members)
    (quoted,) = quote_numbers(pa.array([text], pa.string())).to_pylist()
    ((read,),) = clickhouse.read(
        "SELECT arrayMap(name -> JSONExtractString({fields:String}, name), {names:Array(String)})",
        {"fields": quoted or text, "names": names},
    )
    kept = json.loads(text, parse_int=str, parse_float=str)
    for name, found in zip(names, read, strict=True):
        if isinstance(kept[name], str):
            assert found == kept[name]
