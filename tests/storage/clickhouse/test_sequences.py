"""Numbers of senders, as ClickHouse finds them in a range of positions."""

from tallystick.app.sources import Span
from tallystick.kernel import WorkspaceId
from tallystick.metering import Event
from tallystick.storage.clickhouse import ClickHouseNumbers
from tests.clickhouse import UsageStore
from tests.events import event


def put(store: UsageStore, sender: str, *sequences: str) -> list[Event]:
    """Store events of a sender with these sequences."""
    return store.put(
        event(at, id=f"{sender}-{at}", source=sender, sequence=sequence)
        for at, sequence in enumerate(sequences)
    )


def test_numbers_are_found_as_spans(usage_store: UsageStore) -> None:
    """Runs are joined whatever the order and the zeros; what is no number is counted apart."""
    stored = put(usage_store, "shop", "7", "0003", "2", "2", "", "x9", "1" * 19, "-4")
    reader = ClickHouseNumbers(usage_store.clickhouse)
    last = stored[-1].position
    found, through = reader.numbers(
        WorkspaceId(stored[0].workspace), ["shop"], after=0, through=last
    )
    (shop,) = found
    assert through == last
    assert shop.spans == (Span(first=2, end=4), Span(first=7, end=8))
    assert (shop.sender, shop.events, shop.unnumbered) == ("shop", 4, 4)
    assert shop.newest_at == max(each.used_at for each in stored)


def test_only_the_range_and_the_senders_asked_for_are_read(usage_store: UsageStore) -> None:
    """Positions outside, other workspaces and senders that only look alike are left out."""
    stored = put(usage_store, "a_1/x", "1", "2", "3", "4")
    reader = ClickHouseNumbers(usage_store.clickhouse)
    workspace = WorkspaceId(stored[0].workspace)
    second, third = stored[1].position, stored[2].position
    for pattern, spans in (
        ("a_1/*", (Span(first=3, end=4),)),
        ("a_1/x", (Span(first=3, end=4),)),
        ("a__/x", None),
        ("a%", None),
        ("a_1", None),
    ):
        found, _ = reader.numbers(workspace, [pattern], after=second, through=third)
        assert [each.spans for each in found] == ([] if spans is None else [spans])
    assert reader.numbers(WorkspaceId("nobody"), ["*"], after=0, through=third)[0] == []


def test_broken_up_numbers_are_looked_at_in_smaller_ranges(usage_store: UsageStore) -> None:
    """Where spans would not fit a shorter range is read, and its end is told."""
    stored = put(usage_store, "odd", *(str(2 * number) for number in range(40)))
    reader = ClickHouseNumbers(usage_store.clickhouse, spans_max=10)
    after, last = stored[0].position - 1, stored[-1].position
    seen: list[Span] = []
    workspace = WorkspaceId(stored[0].workspace)
    while after < last:
        (found,), through = reader.numbers(workspace, ["odd"], after=after, through=last)
        assert after < through <= last
        assert len(found.spans) <= 10
        seen += found.spans
        after = through
    assert seen == [Span(first=2 * number, end=2 * number + 1) for number in range(40)]
