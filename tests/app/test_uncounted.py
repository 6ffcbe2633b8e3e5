"""Events that count nothing yet: whose, why, how many; and none of them once they count."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tallystick.accounts import Account, Resource
from tallystick.app import Caller
from tallystick.app.uncounted import (
    ListUncounted,
    UncountedAnswer,
    UncountedSources,
    list_unattributed,
    list_unmeterable,
)
from tallystick.catalog import Catalog
from tallystick.expressions import Kind, parse_expression
from tallystick.kernel import AccountKey, Done, MeterKey, Refused, ResourceKey, WorkspaceId
from tallystick.metering import Filter
from tallystick.storage.clickhouse import ClickHouseUncounted
from tallystick.storage.clickhouse.folding import is_compilable
from tests.clickhouse import UsageStore
from tests.clock import HandClock
from tests.databases import Database
from tests.events import at, event, meter

ACME = Account(key=AccountKey("acme"), name="A", zone="UTC", currency="EUR", invoiced=True)
BYTES = meter("sum", key=MeterKey("bytes"), filters=(Filter(path="r", op="exists"),))
NAMES = meter("unique", key=MeterKey("names"), value="name")
CALLS = meter("count", key=MeterKey("calls"), event_type="call")
EVENTS = [
    event(1, '{"v":1,"r":"eu","name":"x"}', subject="vm-1", id="good"),
    event(2, '{"v":"?","r":"eu","name":"x"}', subject="vm-1", id="unread-1"),
    event(3, '{"v":-1,"r":"eu","name":"x"}', subject="vm-1", id="unread-2"),
    event(4, '{"v":"?","name":"x"}', subject="vm-1", id="filtered"),
    event(5, '{"v":5,"r":"eu"}', subject="acme", id="nameless"),
    event(6, type="call", subject="vm-9", id="lost-1"),
    event(7, type="call", subject="vm-9", id="lost-2"),
    event(8, type="call", subject="", id="none"),
    event(9, type="call", subject="vm-2", id="early"),
    event(200, type="call", subject="vm-2", id="late"),
    event(50, type="call", subject="vm-2", id="alive"),
    event(11, type="odd", subject="acme", id="odd"),
]


@dataclass(frozen=True, slots=True)
class Asker:
    """Lists what counts nothing, shortly after the events."""

    database: Database
    store: UsageStore
    caller: Caller

    def sources(self) -> UncountedSources:
        """Return whom to ask."""
        reader = ClickHouseUncounted(self.store.clickhouse)
        return UncountedSources(reader=reader, usage=self.store.reader, clock=HandClock(at(86_400)))

    def unattributed(self, **asked: Any) -> UncountedAnswer:  # noqa: ANN401 (any field)
        """Return the answer about unattributed events."""
        outcome = list_unattributed(
            ListUncounted(**asked),
            caller=self.caller,
            uow=self.database.unit(),
            sources=self.sources(),
        )
        assert isinstance(outcome, Done), outcome
        return outcome.value

    def unmeterable(self, **asked: Any) -> list[tuple[str, str, int, str]]:  # noqa: ANN401 (any field)
        """Return meter, subject, events and text of each group that cannot be read."""
        outcome = list_unmeterable(
            ListUncounted(**asked),
            caller=self.caller,
            uow=self.database.unit(),
            sources=self.sources(),
        )
        assert isinstance(outcome, Done), outcome
        return [
            (each.meters[0], each.group.subject, each.group.events, each.group.text)
            for each in outcome.value.groups
        ]


@pytest.fixture
def asker(database: Database, usage_store: UsageStore) -> Asker:
    """Store an account, two resources, three meters and the events."""
    with database.unit() as uow:
        meters = {each.key: each for each in (BYTES, NAMES, CALLS)}
        uow.catalog.save_definitions(Catalog(meters=meters))
        uow.accounts.save_accounts([ACME])
        uow.accounts.save_resources(
            [
                Resource(key=ResourceKey("vm-1"), account=ACME.key),
                Resource(
                    key=ResourceKey("vm-2"), account=ACME.key, started_at=at(10), ended_at=at(200)
                ),
            ]
        )
        uow.commit()
    stored = usage_store.put(EVENTS)
    caller = Caller(
        workspace=WorkspaceId(stored[0].workspace), actor="key:1", scopes=frozenset({"read"})
    )
    return Asker(database, usage_store, caller)


def reasons(answer: UncountedAnswer) -> list[tuple[str, str, str, int]]:
    """Return reason, type, subject and events of each group."""
    return [
        (str(each.group.reason), each.group.type, each.group.subject, each.group.events)
        for each in answer.groups
    ]


def test_unattributed_events_by_volume(asker: Asker) -> None:
    """Each reason why an event is nobody's, or no meter's, the largest group first."""
    answer = asker.unattributed()
    assert reasons(answer) == [
        ("unknown_subject", "call", "vm-9", 2),
        ("no_subject", "call", "", 1),
        ("resource_ended", "call", "vm-2", 1),
        ("resource_not_started", "call", "vm-2", 1),
        ("no_meter", "odd", "acme", 1),
    ]
    largest = answer.groups[0]
    assert (largest.group.first_used_at, largest.group.last_used_at) == (at(6), at(7))
    assert largest.group.samples == (("s", "lost-1"), ("s", "lost-2"))
    assert largest.meters == ("calls",)
    assert answer.groups[-1].meters == ()


def test_unattributed_events_are_narrowed(asker: Asker) -> None:
    """By time, type, subject and number of groups, which says whether there are more."""
    assert reasons(asker.unattributed(start=at(8), end=at(9))) == [("no_subject", "call", "", 1)]
    assert [each[1] for each in reasons(asker.unattributed(type="odd"))] == ["odd"]
    assert [each[3] for each in reasons(asker.unattributed(subject="vm-9"))] == [2]
    first = asker.unattributed(limit=1)
    assert (len(first.groups), first.more, asker.unattributed(limit=5).more) == (1, True, False)


def test_unmeterable_events_by_meter(asker: Asker) -> None:
    """Only what type and filters let in; the text that stands there is shown."""
    assert asker.unmeterable() == [
        ("bytes", "vm-1", 2, "?"),
        ("names", "acme", 1, ""),
    ]
    assert asker.unmeterable(meter=NAMES.key) == [("names", "acme", 1, "")]
    assert asker.unmeterable(start=at(3), end=at(4)) == [("bytes", "vm-1", 1, "-1")]


def test_what_the_engine_cannot_compute_is_listed_as_well(asker: Asker) -> None:
    """An expression too wide for the engine is read event by event, with the same groups."""
    wide = parse_expression("data.v * data.v * data.v", kind=Kind.NUMBER)
    assert isinstance(wide, Done)
    cubes = replace(BYTES, key=MeterKey("cubes"), value=wide.value, filters=())
    assert not is_compilable(cubes)
    with asker.database.unit() as uow:
        uow.catalog.save_definitions(Catalog(meters={cubes.key: cubes}))
        uow.commit()
    found = [group[:3] for group in asker.unmeterable(meter=cubes.key)]
    assert found == [("cubes", "vm-1", 3)]


def test_old_usage_must_be_asked_for(asker: Asker) -> None:
    """Unmeterable events are looked for in 31 days of usage, unless a start is given."""
    late = replace(asker.sources(), clock=HandClock(at(32 * 86_400)))
    outcome = list_unmeterable(
        ListUncounted(), caller=asker.caller, uow=asker.database.unit(), sources=late
    )
    assert isinstance(outcome, Done)
    assert outcome.value.groups == ()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"start": at(1), "end": at(1)}, ("wrong_value", "end")),
        ({"limit": 0}, ("wrong_value", "limit")),
        ({"meter": MeterKey("no")}, ("not_found", "meter")),
    ],
)
def test_refusals(asker: Asker, asked: dict[str, Any], expected: tuple[str, str]) -> None:
    """What cannot be answered is refused with the field concerned; so is another scope."""
    for caller, wanted in (
        (asker.caller, expected),
        (replace(asker.caller, scopes=frozenset()), ("forbidden", "")),
    ):
        outcome = list_unmeterable(
            ListUncounted(**asked),
            caller=caller,
            uow=asker.database.unit(),
            sources=asker.sources(),
        )
        assert isinstance(outcome, Refused)
        assert (outcome.problems[0].code, outcome.problems[0].field) == wanted
