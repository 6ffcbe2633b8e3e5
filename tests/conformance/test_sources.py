"""Sources and their bookkeeping are kept as given, and go with their source."""

from dataclasses import replace

from tallystick.app.sources import Item, ItemStatus, PartitionState, Source, Span
from tests.clock import NEW_YEAR
from tests.databases import Database

SOURCE = Source(
    key="orders", kind="kafka", document={"kind": "kafka", "n": "1"}, changed_at=NEW_YEAR
)
STATE = PartitionState(
    partition="orders/0",
    next_offset=20,
    open=(Span(first=10, end=14),),
    lost=(Span(first=3, end=4),),
    holes_found=2,
    messages=17,
    newest_at=NEW_YEAR,
    problem="a\0b",
    reported_at=NEW_YEAR,
)
ITEM = Item(
    name="a.csv",
    version="10-ff",
    status=ItemStatus.FAILED,
    events=3,
    not_counted=1,
    problem="row 2",
    finished_at=NEW_YEAR,
)


def test_a_source_is_changed_in_its_place(database: Database) -> None:
    """A second declaration of a key takes the place of the first; the list is by key, in pages."""
    with database.unit() as uow:
        uow.sources.save(SOURCE)
        uow.sources.save(replace(SOURCE, paused=True, document={"kind": "kafka"}))
        uow.sources.save(replace(SOURCE, key="a"))
        assert uow.sources.find("orders", lock=True) == replace(
            SOURCE, paused=True, document={"kind": "kafka"}
        )
        assert [each.key for each in uow.sources.page(after="", limit=9)] == ["a", "orders"]
        assert [each.key for each in uow.sources.page(after="a", limit=9)] == ["orders"]
        assert uow.sources.find("none") is None


def test_offsets_are_kept_and_replaced(database: Database) -> None:
    """Offsets, holes and what is wrong come back as they were given, the last of them."""
    later = replace(STATE, next_offset=30, open=(), problem="")
    with database.unit() as uow:
        uow.sources.save(SOURCE)
        uow.sources.save_partitions("orders", [STATE, replace(STATE, partition="orders/1")])
        kept = uow.sources.partitions("orders")
        uow.sources.save_partitions("orders", [later])
        assert uow.sources.partitions("orders")[0] == later
    assert kept[0] == replace(STATE, problem="a\ufffdb")
    assert [each.partition for each in kept] == ["orders/0", "orders/1"]


def test_items_are_counted_and_listed(database: Database) -> None:
    """A version of an item stands once, with its last status; the list goes on after a place."""
    done = replace(ITEM, status=ItemStatus.DONE, problem="", not_counted=0)
    other = replace(ITEM, version="11-ee")
    with database.unit() as uow:
        uow.sources.save(SOURCE)
        uow.sources.save_items("orders", [ITEM, other, done])
        assert uow.sources.items("orders", after=("", ""), limit=9) == [done, other]
        assert uow.sources.items("orders", after=("a.csv", "10-ff"), limit=9) == [other]
        assert uow.sources.item_counts("orders") == {ItemStatus.DONE: 1, ItemStatus.FAILED: 1}


def test_bookkeeping_goes_with_its_source(database: Database) -> None:
    """A source that is removed and declared again begins anew."""
    with database.unit() as uow:
        uow.sources.save(SOURCE)
        uow.sources.save_partitions("orders", [STATE])
        uow.sources.save_items("orders", [ITEM])
        uow.sources.remove("orders")
        uow.sources.save(SOURCE)
        assert uow.sources.partitions("orders") == []
        assert uow.sources.items("orders", after=("", ""), limit=9) == []
