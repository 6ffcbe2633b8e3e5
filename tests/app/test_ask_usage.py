"""Questions for several meters: groups, filters, top, running totals, comparison, pages."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from tallystick.accounts import Account, Resource
from tallystick.app import Caller
from tallystick.app.metering import (
    Comparison,
    Earlier,
    InquiryAnswer,
    InquiryLine,
    Top,
    UsageInquiry,
    WindowSize,
    ask_usage,
)
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

DAY = 86_400
ACME, OTHER = AccountKey("acme"), AccountKey("other")
REGION = Dimension(name="region", path="r")
BYTES = meter("sum", key=MeterKey("bytes"), unit="byte", dimensions=(REGION,))
PEAK = meter("max", key=MeterKey("peak"), dimensions=(REGION,))
LEVEL = meter("time_weighted", key=MeterKey("level"), unit="vm", event_type="level")
EVENTS = [
    event(0, '{"v":1,"r":"eu"}', subject="vm-1"),
    event(10, '{"v":20,"r":"us"}', subject="vm-1"),
    event(20, '{"v":300,"r":"ap"}', subject="vm-2"),
    event(30, '{"v":4000}', subject="nobody-knows"),
    event(DAY, '{"v":50000,"r":"us"}', subject="vm-2"),
    event(DAY + 1, '{"v":5,"r":"eu"}', subject="vm-1"),
    event(3 * DAY, '{"v":0.5,"r":"eu"}', subject="vm-1"),
    event(0, '{"v":2}', subject="vm-1", type="level"),
]


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks questions of stored events, ten days after the start."""

    database: Database
    store: UsageStore
    caller: Caller
    position: int

    def ask(self, caller: Caller | None = None, **asked: Any) -> Outcome[InquiryAnswer]:  # noqa: ANN401 (any field)
        """Put a question about the first four days, in all, unless it says otherwise."""
        given: dict[str, Any] = {"meters": (BYTES.key,), "start": START, "end": at(4 * DAY)}
        return ask_usage(
            UsageInquiry(**(given | asked)),
            caller=caller or self.caller,
            uow=self.database.unit(),
            usage=self.store.reader,
            clock=HandClock(at(10 * DAY)),
        )

    def lines(self, caller: Caller | None = None, **asked: Any) -> tuple[InquiryLine, ...]:  # noqa: ANN401 (any field)
        """Return the rows of the answer."""
        outcome = self.ask(caller, **asked)
        assert isinstance(outcome, Done), outcome
        return outcome.value.lines

    def codes(self, caller: Caller | None = None, **asked: Any) -> list[tuple[str, str]]:  # noqa: ANN401 (any field)
        """Return code and field of each problem of a refusal."""
        outcome = self.ask(caller, **asked)
        assert isinstance(outcome, Refused), outcome
        return [(problem.code, problem.field) for problem in outcome.problems]


@pytest.fixture
def asker(database: Database, usage_store: UsageStore) -> Asker:
    """Store two accounts, two resources, three meters and the events."""
    with database.unit() as uow:
        meters = {each.key: each for each in (BYTES, PEAK, LEVEL)}
        uow.catalog.save_definitions(Catalog(meters=meters))
        uow.accounts.save_accounts(
            Account(key=key, name=key, zone="Europe/Berlin", currency="EUR", invoiced=True)
            for key in (ACME, OTHER)
        )
        uow.accounts.save_resources(
            Resource(key=ResourceKey(key), account=owner)
            for key, owner in (("vm-1", ACME), ("vm-2", OTHER))
        )
        uow.commit()
    stored = usage_store.put(EVENTS)
    caller = Caller(
        workspace=WorkspaceId(stored[0].workspace), actor="key:1", scopes=frozenset({"read"})
    )
    return Asker(database, usage_store, caller, stored[-1].position)


def grouped(lines: tuple[InquiryLine, ...], name: str = "region") -> list[tuple[str, str]]:
    """Return group and quantity of rows, the others named so."""
    return [("others" if line.others else line.group[name], line.quantity) for line in lines]


def test_several_meters_answer_together(asker: Asker) -> None:
    """Each meter has its rows, in the order asked, in its own unit, at one log position."""
    lines = asker.lines(meters=(PEAK.key, BYTES.key, LEVEL.key))
    assert [(line.meter, line.quantity, line.unit) for line in lines] == [
        ("peak", "50000", "request"),
        ("bytes", "54326.5", "byte"),
        ("level", str(2 * 4 * DAY), "vm.second"),
    ]


def test_empty_windows_are_zero(asker: Asker) -> None:
    """Without groups every window has a row; with groups only those that used something."""
    days: dict[str, Any] = {"size": WindowSize.DAY}
    assert [line.quantity for line in asker.lines(**days)] == ["4321", "50005", "0", "0.5"]
    found = asker.lines(**days, group_by=("region",), filters={"region": ("eu",)})
    assert [(line.start, line.quantity) for line in found] == [
        (at(0), "1"),
        (at(DAY), "5"),
        (at(3 * DAY), "0.5"),
    ]
    filled = asker.lines(**days, group_by=("region",), filters={"region": ("eu",)}, fill=True)
    assert [line.quantity for line in filled] == ["1", "5", "0", "0.5"]


def test_filters_choose_dimensions_and_subjects(asker: Asker) -> None:
    """Accepted texts of a dimension, a missing one as the empty text, and subjects."""
    assert [line.quantity for line in asker.lines(filters={"region": ("eu", "ap")})] == ["306.5"]
    assert [line.quantity for line in asker.lines(filters={"region": ("",)})] == ["4000"]
    assert [line.quantity for line in asker.lines(filters={"subject": ("vm-2",)})] == ["50300"]
    both = {"subject": ("vm-1",), "region": ("us",)}
    assert [line.quantity for line in asker.lines(filters=both)] == ["20"]


def test_top_groups_and_the_rest(asker: Asker) -> None:
    """The greatest groups of the whole time come first, others make up the whole."""
    question: dict[str, Any] = {"group_by": ("region",), "top": Top(count=2)}
    assert grouped(asker.lines(**question)) == [("us", "50020"), ("", "4000"), ("others", "306.5")]
    daily = asker.lines(**question, size=WindowSize.DAY)
    assert grouped(daily) == [
        ("us", "20"),
        ("", "4000"),
        ("others", "301"),
        ("us", "50000"),
        ("others", "5"),
        ("others", "0.5"),
    ]
    whole = asker.lines(size=WindowSize.DAY)
    assert sum(Decimal(line.quantity) for line in daily) == sum(
        Decimal(line.quantity) for line in whole
    )
    assert sum(line.events for line in daily) == sum(line.events for line in whole) == 7


def test_top_subjects_without_their_owner(asker: Asker) -> None:
    """Subjects are ranked as dimensions are, whether they belong to anybody or not."""
    ranked = asker.lines(group_by=("subject",), top=Top(count=2))
    assert grouped(ranked, "subject") == [
        ("vm-2", "50300"),
        ("nobody-knows", "4000"),
        ("others", "26.5"),
    ]
    own = asker.lines(group_by=("subject",), top=Top(count=2), account=ACME)
    assert grouped(own, "subject") == [("vm-1", "26.5")]


def test_top_levels_count_what_was_carried_in(asker: Asker) -> None:
    """A level that was set before the time asked for is ranked by what it comes to there."""
    later: dict[str, Any] = {"start": at(DAY), "end": at(2 * DAY)}
    found = asker.lines(meters=(LEVEL.key,), group_by=("subject",), top=Top(count=1), **later)
    assert grouped(found, "subject") == [("vm-1", str(2 * DAY))]


def test_running_totals(asker: Asker) -> None:
    """A running total is the sum of the windows up to and with this one, also where it is empty."""
    lines = asker.lines(size=WindowSize.DAY, running=True)
    assert [line.running_total for line in lines] == ["4321", "54326", "54326", "54326.5"]
    question: dict[str, Any] = {"size": WindowSize.DAY, "running": True, "fill": True}
    found = asker.lines(group_by=("region",), top=Top(count=1), **question)
    assert [line.running_total for line in found if line.others] == [
        "4301",
        "4306",
        "4306",
        "4306.5",
    ]


def test_what_does_not_add_is_refused(asker: Asker) -> None:
    """Neither running totals nor others are made of maxima; their top groups are shown."""
    top: dict[str, Any] = {"meters": (PEAK.key,), "group_by": ("region",)}
    assert asker.codes(**top, top=Top(count=1)) == [("does_not_add", "top.others")]
    assert asker.codes(**top, running=True) == [("does_not_add", "running_total")]
    assert grouped(asker.lines(**top, top=Top(count=1, others=False))) == [("us", "50000")]


def test_comparison_with_the_previous_period(asker: Asker) -> None:
    """Windows are matched by their place; a group of then alone has a row now, of zero."""
    question: dict[str, Any] = {
        "start": at(DAY),
        "end": at(2 * DAY),
        "compare": Comparison(to=Earlier.PREVIOUS),
        "group_by": ("region",),
    }
    seen = {line.group["region"]: (line.quantity, line.earlier) for line in asker.lines(**question)}
    assert set(seen) == {"", "ap", "eu", "us"}
    quantity, then = seen["us"]
    assert then is not None
    assert (quantity, then.quantity, then.change, then.change_percent) == (
        "50000",
        "20",
        "49980",
        "249900",
    )
    quantity, then = seen["ap"]
    assert then is not None
    assert (quantity, then.quantity, then.change, then.change_percent) == (
        "0",
        "300",
        "-300",
        "-100",
    )
    assert (then.start, then.end) == (at(0), at(DAY))


def test_a_change_from_nothing_has_no_percentage(asker: Asker) -> None:
    """Where there was nothing before, the change is told and no percentage is made up."""
    (line,) = asker.lines(
        end=at(DAY),
        compare=Comparison(to=Earlier.EXPLICIT, start=at(-2 * DAY), end=at(-DAY)),
    )
    assert line.earlier is not None
    assert (line.earlier.change, line.earlier.change_percent) == ("4321", None)


def test_an_earlier_period_may_be_shorter(asker: Asker) -> None:
    """Windows behind the end of a shorter period have nothing to be compared with."""
    lines = asker.lines(
        size=WindowSize.DAY,
        compare=Comparison(to=Earlier.EXPLICIT, start=at(DAY), end=at(2 * DAY)),
    )
    then = [None if line.earlier is None else line.earlier.quantity for line in lines]
    assert then == ["50005", None, None, None]


def test_a_day_of_the_clock_change_has_its_hours(asker: Asker) -> None:
    """In Berlin 2026-03-29 has 23 hours, and a level of 2 comes to 2 x 23 x 3,600 seconds."""
    caller = asker.caller
    outcome = ask_usage(
        UsageInquiry(
            meters=(LEVEL.key,),
            start=instant("2026-03-27T23:00:00Z"),
            end=instant("2026-03-29T22:00:00Z"),
            size=WindowSize.DAY,
            account=ACME,
            compare=Comparison(to=Earlier.PREVIOUS),
        ),
        caller=caller,
        uow=asker.database.unit(),
        usage=asker.store.reader,
        clock=HandClock(instant("2026-04-15T00:00:00Z")),
    )
    assert isinstance(outcome, Done), outcome
    assert outcome.value.zone == "Europe/Berlin"
    lines = outcome.value.lines
    assert [line.quantity for line in lines] == [str(2 * 24 * 3600), str(2 * 23 * 3600)]
    assert [line.earlier and line.earlier.quantity for line in lines] == [str(2 * 24 * 3600)] * 2


def test_a_bound_caller_sees_its_account_alone(asker: Asker) -> None:
    """A key of an account gets that account's rows, whatever subjects or groups it names."""
    bound = replace(asker.caller, account=ACME)
    assert [line.quantity for line in asker.lines(bound)] == ["26.5"]
    assert grouped(asker.lines(bound, group_by=("subject",), top=Top(count=5)), "subject") == [
        ("vm-1", "26.5")
    ]
    assert asker.lines(bound, filters={"subject": ("vm-2",)})[0].quantity == "0"
    assert asker.codes(bound, account=OTHER) == [("not_found", "account")]


def test_as_of_shows_what_was_known(asker: Asker) -> None:
    """Events behind the position are not looked at, and one not yet there is waited for in vain."""
    first = asker.position - len(EVENTS) + 1
    (line,) = asker.lines(as_of=first + 1)
    assert (line.quantity, line.events) == ("21", 2)


def test_pages_make_up_the_whole(asker: Asker) -> None:
    """Pages that begin where the one before ended give each row once, in the same order."""
    question: dict[str, Any] = {"size": WindowSize.DAY, "group_by": ("region",)}
    whole = asker.lines(**question)
    paged: list[InquiryLine] = []
    more = True
    while more:
        outcome = asker.ask(**question, limit=2, skip=len(paged))
        assert isinstance(outcome, Done)
        assert len(outcome.value.lines) <= 2
        paged += outcome.value.lines
        more = outcome.value.more
    assert tuple(paged) == whole
    assert len(whole) == 7


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"meters": ()}, [("wrong_value", "meters")]),
        ({"meters": (MeterKey("bytes"), MeterKey("no"))}, [("not_found", "meters[1]")]),
        ({"end": START}, [("wrong_value", "end")]),
        ({"zone": "Mars/Olympus"}, [("wrong_value", "zone")]),
        ({"group_by": ("region", "colour")}, [("wrong_value", "group_by[1]")]),
        ({"filters": {"colour": ("red",)}}, [("wrong_value", "filters.colour")]),
        ({"filters": {"region": ()}}, [("wrong_value", "filters.region")]),
        ({"top": Top(count=1)}, [("wrong_value", "top")]),
        ({"compare": Comparison(to=Earlier.EXPLICIT)}, [("wrong_value", "compare")]),
        (
            {"compare": Comparison(to=Earlier.PREVIOUS, start=START, end=at(1))},
            [("wrong_value", "compare")],
        ),
        ({"size": WindowSize.HOUR, "end": at(3600 * 1001)}, [("too_many_windows", "window")]),
    ],
)
def test_refusals(asker: Asker, question: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """What cannot be answered is refused with the path of what is wrong."""
    assert asker.codes(**question) == expected


def test_without_the_scope_nothing_is_read(asker: Asker) -> None:
    """Asking for usage takes the scope to read."""
    assert asker.codes(replace(asker.caller, scopes=frozenset({"ingest"})))[0][0] == "forbidden"
