"""Usage as a question: by account, subject and window, in a zone, with limits and scopes."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tallystick.accounts import Account, Resource, Transfer
from tallystick.app import Caller
from tallystick.app.metering import UsageAnswer, UsageQuestion, WindowSize, query_usage
from tallystick.catalog import Catalog
from tallystick.kernel import (
    AccountKey,
    Done,
    MeterKey,
    Outcome,
    Refused,
    ResourceKey,
    WorkspaceId,
    instant,
)
from tallystick.metering import Dimension
from tests.clickhouse import UsageStore
from tests.clock import HandClock
from tests.databases import Database
from tests.events import START, at, event, meter

ACME, OTHER = AccountKey("acme"), AccountKey("other")
VM = meter("time_weighted", key=MeterKey("vm"), unit="vm")
CALLS = meter("sum", key=MeterKey("calls"), dimensions=(Dimension(name="region", path="r"),))
RESOURCES = [
    Resource(key=ResourceKey("vm-1"), account=ACME, ended_at=at(100)),
    Resource(
        key=ResourceKey("vm-2"), account=ACME, transfers=(Transfer(account=OTHER, at=at(50)),)
    ),
]
EVENTS = [
    event(0, '{"v":1,"r":"eu"}', subject="vm-1"),
    event(0, '{"v":10,"r":"us"}', subject="vm-2"),
    event(60, '{"v":100,"r":"us"}', subject="vm-2"),
    event(61, '{"v":1000,"r":"us"}', subject="acme"),
    event(62, '{"v":10000}', subject="nobody-knows"),
    event(63, '{"r":"eu"}', subject="vm-1"),
]


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks questions of a stored catalog and stored events, 1,000 seconds after the start."""

    database: Database
    store: UsageStore
    caller: Caller
    position: int

    def ask(self, caller: Caller | None = None, **question: Any) -> Outcome[UsageAnswer]:  # noqa: ANN401 (any field)
        """Put a question about the first day, in all, unless it says otherwise."""
        given: dict[str, Any] = {"meter": CALLS.key, "start": START, "end": at(86_400)}
        return query_usage(
            UsageQuestion(**(given | question)),
            caller=caller or self.caller,
            uow=self.database.unit(),
            usage=self.store.reader,
            clock=HandClock(at(1000)),
        )

    def quantities(self, caller: Caller | None = None, **question: Any) -> list[str]:  # noqa: ANN401 (any field)
        """Return the quantities of the answer."""
        outcome = self.ask(caller, **question)
        assert isinstance(outcome, Done), outcome
        return [line.quantity for line in outcome.value.lines]

    def codes(self, caller: Caller | None = None, **question: Any) -> list[tuple[str, str]]:  # noqa: ANN401 (any field)
        """Return code and field of each problem of a refusal."""
        outcome = self.ask(caller, **question)
        assert isinstance(outcome, Refused), outcome
        return [(problem.code, problem.field) for problem in outcome.problems]


@pytest.fixture
def asker(database: Database, usage_store: UsageStore) -> Asker:
    """Store two accounts, two resources, two meters and six events."""
    with database.unit() as uow:
        uow.catalog.save_definitions(Catalog(meters={VM.key: VM, CALLS.key: CALLS}))
        uow.accounts.save_accounts(
            Account(key=key, name=key, zone=zone, currency="EUR", invoiced=True)
            for key, zone in ((ACME, "Europe/Berlin"), (OTHER, "UTC"))
        )
        uow.accounts.save_resources(RESOURCES)
        uow.commit()
    stored = usage_store.put(EVENTS)
    caller = Caller(
        workspace=WorkspaceId(stored[0].workspace), actor="key:1", scopes=frozenset({"read"})
    )
    return Asker(database, usage_store, caller, stored[-1].position)


def test_an_account_has_what_it_owned_while_it_owned_it(asker: Asker) -> None:
    """An account's usage is its own and that of its resources, each for the time it had them."""
    assert asker.quantities(account=ACME) == ["1011"]
    assert asker.quantities(account=OTHER) == ["100"]


def test_all_subjects_count_unattributed_ones_too(asker: Asker) -> None:
    """Without an account everything counts, and what belongs to nobody can be seen."""
    assert asker.quantities() == ["11111"]
    outcome = asker.ask(group_by=("subject",))
    assert isinstance(outcome, Done)
    seen = {line.group["subject"]: line.quantity for line in outcome.value.lines}
    assert seen == {"acme": "1000", "nobody-knows": "10000", "vm-1": "1", "vm-2": "110"}


def test_a_line_says_what_is_missing(asker: Asker) -> None:
    """A line carries its unit, counts, unmeterable events, and the position it was read at."""
    outcome = asker.ask(account=ACME, group_by=("region",), evidence=True)
    assert isinstance(outcome, Done)
    answer = outcome.value
    assert (answer.unit, answer.zone) == ("request", "Europe/Berlin")
    assert answer.position >= asker.position
    europe, america = answer.lines
    assert (europe.group, europe.events, europe.unmeterable) == ({"region": "eu"}, 1, 1)
    assert (america.group, america.quantity) == ({"region": "us"}, "1010")
    assert len(europe.digest) == 64
    assert europe.digest != america.digest


def test_levels_end_with_their_resource_and_now(asker: Asker) -> None:
    """An ended resource's level ends with it, every other at the present."""
    of_each = asker.quantities(meter=VM.key, group_by=("subject",))
    # acme from 61 s, nobody-knows from 62 s, vm-1 until 100 s, vm-2 from 0 and 60 s; now is 1000 s.
    assert of_each == ["939000", "9380000", "100", "94600"]
    assert asker.quantities(meter=VM.key, subject="vm-1") == ["100"]
    assert asker.quantities(meter=VM.key, account=ACME, subject="vm-2") == ["500"]
    assert asker.quantities(meter=VM.key, account=OTHER, subject="vm-2") == ["94100"]


def test_windows_follow_the_zone(asker: Asker) -> None:
    """Days begin at the account's midnight, or at that of the zone asked for."""
    question: dict[str, Any] = {"start": at(-86_400), "end": at(86_400), "size": WindowSize.DAY}
    assert asker.quantities(account=ACME, **question) == ["0", "1011", "0"]
    assert asker.quantities(account=ACME, zone="UTC", **question) == ["0", "1011"]
    assert len(asker.quantities(size=WindowSize.HOUR)) == 24
    months: dict[str, Any] = {
        "start": instant("2025-11-15T00:00:00Z"),
        "end": instant("2026-03-15T00:00:00Z"),
    }
    assert asker.quantities(size=WindowSize.MONTH, **months) == ["0", "0", "11111", "0", "0"]


def test_a_bound_caller_sees_its_account_alone(asker: Asker) -> None:
    """A key of an account gets that account's usage and nothing of a sibling, named or not."""
    bound = replace(asker.caller, account=OTHER)
    assert asker.quantities(bound) == ["100"]
    assert asker.quantities(bound, subject="vm-1") == ["0"]
    assert asker.quantities(bound, subject="nobody-knows") == ["0"]
    assert asker.codes(bound, account=ACME) == [("not_found", "account")]


def test_without_the_scope_nothing_is_read(asker: Asker) -> None:
    """Reading usage takes the scope to read."""
    assert asker.codes(replace(asker.caller, scopes=frozenset({"ingest"})))[0][0] == "forbidden"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"meter": MeterKey("no")}, ("not_found", "meter")),
        ({"account": AccountKey("no")}, ("not_found", "account")),
        ({"end": START}, ("wrong_value", "end")),
        ({"zone": "Mars/Olympus", "size": WindowSize.DAY}, ("wrong_value", "zone")),
        ({"group_by": ("colour",)}, ("wrong_value", "group_by")),
        ({"size": WindowSize.HOUR, "end": at(3600 * 1001)}, ("too_many_windows", "size")),
    ],
)
def test_refusals(asker: Asker, question: dict[str, Any], expected: tuple[str, str]) -> None:
    """What cannot be answered is refused with the field concerned."""
    assert asker.codes(**question) == [expected]


def test_a_position_is_waited_for(asker: Asker) -> None:
    """An answer that must cover a position is given once it does."""
    assert asker.quantities(position=asker.position) == ["11111"]
