"""The clock of a test workspace: advanced through all that falls due, once, whatever breaks off."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest

from tallystick.app.advancing import (
    AdvanceClock,
    AdvanceProgress,
    AdvanceReport,
    advance_clock,
    interval_from,
    moved_by,
    show_clock,
)
from tallystick.app.command import Caller
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import WorkspaceKind, WorkspaceTime
from tallystick.kernel import (
    Done,
    InvariantBroken,
    Misuse,
    Outcome,
    Refused,
    WorkspaceId,
    instant,
)
from tallystick.storage.postgres import PostgresUnitOfWork, open_pool
from tests.app.invoicing.billing import MARCH_2, Billing, new_billing
from tests.clickhouse import UsageStore
from tests.clock import NEW_YEAR
from tests.databases import Database
from tests.invoicing.world import amounts, cpu
from tests.waiting import wait_until

MAY = instant("2026-05-01T00:00:00Z")
JANUARY_USAGE = cpu(1, "2026-01-10T00:00:00Z", "43200")


Units = Callable[[WorkspaceId], UnitOfWork]


class PowerCut(Exception):
    """Ends an advance as a lost process would."""


def advance(
    billing: Billing,
    command: AdvanceClock,
    *,
    caller: Caller | None = None,
    units: Units | None = None,
    progress: Callable[[AdvanceProgress], None] = lambda _: None,
) -> Outcome[AdvanceReport]:
    """Advance the clock."""
    return advance_clock(
        command,
        caller=caller or billing.caller,
        units=units or billing.unit,
        sources=billing.sources,
        progress=progress,
    )


def reported(outcome: Outcome[AdvanceReport]) -> AdvanceReport:
    """Return the report of an advance that was not refused."""
    assert isinstance(outcome, Done), outcome
    return outcome.value


def code(outcome: Outcome[AdvanceReport]) -> str:
    """Return why an advance was refused."""
    assert isinstance(outcome, Refused), outcome
    return outcome.problems[0].code


def issued_on(billing: Billing, report: AdvanceReport) -> list[tuple[str | None, date | None]]:
    """Return number and day of each document that an advance issued."""
    found = [billing.document(one).invoice for one in report.issued]
    return [(one.number, one.issued_on) for one in found]


def test_each_document_is_issued_on_its_day(trial: Billing) -> None:
    """Each falls due at its own instant, and is issued there, in a series of tests."""
    trial.record([JANUARY_USAGE])
    report = reported(advance(trial, AdvanceClock(to=MARCH_2)))
    assert (report.started_at, report.now) == (NEW_YEAR, MARCH_2)
    assert issued_on(trial, report) == [
        ("TEST-INV-2026-000001", date(2026, 1, 1)),
        ("TEST-INV-2026-000002", date(2026, 2, 1)),
        ("TEST-INV-2026-000003", date(2026, 3, 1)),
    ]
    january = trial.document(report.issued[1]).invoice
    assert amounts(january)["cpu"] == "0.54"


def test_revenue_is_earned_when_its_month_is_over(trial: Billing) -> None:
    """The fees of January and February are recognized by March 2, that of March is not."""
    report = reported(advance(trial, AdvanceClock(to=MARCH_2)))
    assert len(report.recognized) == 2


def test_second_advance_to_the_same_instant_finds_nothing(trial: Billing) -> None:
    """What was done is due no more."""
    reported(advance(trial, AdvanceClock(to=MARCH_2)))
    again = reported(advance(trial, AdvanceClock(to=MARCH_2)))
    assert (again.issued, again.recognized) == ((), ())


def test_late_usage_is_billed_where_the_clock_stands(trial: Billing) -> None:
    """Usage of a closed period, sent while the clock stands, is billed there when it goes on."""
    reported(advance(trial, AdvanceClock(to=MARCH_2)))
    trial.record([JANUARY_USAGE])
    report = reported(advance(trial, AdvanceClock(to=instant("2026-04-01T00:00:00Z"))))
    april = trial.document(report.issued[-1]).invoice
    late = [line for line in april.lines if line.key.period.start == NEW_YEAR]
    assert [f"{line.money.decimal}" for line in late] == ["0.54"]


@pytest.mark.parametrize("stop", range(1, 6))
def test_advance_goes_on_where_it_was_broken_off(trial: Billing, stop: int) -> None:
    """Broken off after any stop and asked for again, it issues each document once, on its day."""
    trial.record([JANUARY_USAGE])

    def cut(progress: AdvanceProgress) -> None:
        if progress.done == stop:
            raise PowerCut

    with pytest.raises(PowerCut):
        advance(trial, AdvanceClock(to=MAY), progress=cut)
    standing = show_clock(trial.caller, uow=trial.unit(), clock=trial.clock)
    assert isinstance(standing, Done)
    assert standing.value.target == MAY
    rest = reported(advance(trial, AdvanceClock(by=interval_from("1d"))))
    assert rest.now == MAY
    with trial.unit() as uow:
        listed = uow.invoices.page(after="", limit=100)
    days = sorted((one.number, one.issued_on) for one in listed)
    assert days == [(f"TEST-INV-2026-{month:06}", date(2026, month, 1)) for month in range(1, 6)]


def test_answer_is_kept_under_the_key(trial: Billing) -> None:
    """The same command with the same key is told what it did, and moves nothing."""
    caller = replace(trial.caller, idempotency_key="a-month")
    first = reported(advance(trial, AdvanceClock(by=interval_from("1M")), caller=caller))
    again = reported(advance(trial, AdvanceClock(by=interval_from("1M")), caller=caller))
    assert again == first
    assert trial.sources.clock.now() == instant("2026-02-01T00:00:00Z")


def test_sent_again_while_it_works_it_advances_once(trial: Billing) -> None:
    """Who lost patience and sends the command again waits, and is told what it did."""
    caller = replace(trial.caller, idempotency_key="a-month")
    month = AdvanceClock(by=interval_from("1M"))
    again: list[Future[Outcome[AdvanceReport]]] = []
    looks: list[WorkspaceId] = []

    def looking(workspace: WorkspaceId) -> UnitOfWork:
        looks.append(workspace)
        return trial.unit(workspace)

    with ThreadPoolExecutor(1) as threads:

        def send_again(_: AdvanceProgress) -> None:
            if not again:
                sent = threads.submit(advance, trial, month, caller=caller, units=looking)
                again.append(sent)
                wait_until(lambda: len(looks) > 1, seconds_max=30, waiting_for="the second")

        first = reported(advance(trial, month, caller=caller, progress=send_again))
        assert reported(again[0].result()) == first
    assert trial.sources.clock.now() == instant("2026-02-01T00:00:00Z")


def test_who_waits_keeps_nobody_from_the_store(trial: Billing) -> None:
    """Twenty advances that wait for one hold no connection: it goes on, on a pool of four."""
    february = AdvanceClock(to=instant("2026-02-01T00:00:00Z"))
    waiting: list[Future[Outcome[AdvanceReport]]] = []
    looked: set[int] = set()
    with (
        open_pool(trial.database.uri(), connections_max=4, wait_seconds=3) as pool,
        ThreadPoolExecutor(20) as threads,
    ):

        def unit(number: int, workspace: WorkspaceId) -> UnitOfWork:
            looked.add(number)
            return PostgresUnitOfWork(pool, workspace)

        def crowd(_: AdvanceProgress) -> None:
            if not waiting:
                waiting.extend(
                    threads.submit(advance, trial, february, units=partial(unit, number))
                    for number in range(1, 21)
                )
                wait_until(lambda: len(looked) == 21, seconds_max=30, waiting_for="all of them")

        first = reported(advance(trial, february, units=partial(unit, 0), progress=crowd))
        later = [reported(one.result()) for one in waiting]
    assert (len(first.issued), [one.issued for one in later]) == (2, [()] * 20)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (AdvanceClock(to=instant("2025-12-31T00:00:00Z")), "clock_backwards"),
        (AdvanceClock(to=instant("2036-12-31T00:00:00Z")), "clock_order"),
        (AdvanceClock(), "clock_order"),
        (AdvanceClock(to=MAY, by=interval_from("1M")), "clock_order"),
    ],
)
def test_order_that_cannot_be_is_refused(trial: Billing, command: AdvanceClock, why: str) -> None:
    """The clock does not go back, nor further than ten years, nor two ways at once."""
    assert code(advance(trial, command)) == why


def test_clock_of_a_live_workspace_is_refused(database: Database, usage_store: UsageStore) -> None:
    """Live time cannot be advanced, nor set by whoever reaches the store."""
    live = new_billing(database, usage_store)
    assert code(advance(live, AdvanceClock(to=MAY))) == "live_workspace"
    with live.unit() as uow, pytest.raises(InvariantBroken, match="cannot be set"):
        uow.workspaces.set_time(WorkspaceTime(at=MAY))


def test_only_an_admin_advances(trial: Billing) -> None:
    """Billing alone is not enough: every instant of the workspace changes."""
    caller = replace(trial.caller, scopes=frozenset({"billing"}))
    assert code(advance(trial, AdvanceClock(to=MAY), caller=caller)) == "forbidden"


def test_clock_that_was_never_set_is_the_computers(
    database: Database, usage_store: UsageStore
) -> None:
    """A test workspace goes by the computer's clock until its own is set, by the first advance."""
    billing = new_billing(database, usage_store, test_from=NEW_YEAR)
    with database.connection("postgres") as intruder:
        intruder.execute("SET session_replication_role = replica")
        intruder.execute("UPDATE workspace SET clock_at = NULL WHERE id = %s", [billing.workspace])
    shown = show_clock(billing.caller, uow=billing.unit(), clock=billing.sources.clock)
    assert isinstance(shown, Done)
    assert (shown.value.is_set, shown.value.now) == (False, billing.clock.now())
    report = reported(advance(billing, AdvanceClock(by=interval_from("1M"))))
    assert report.started_at == billing.clock.now()
    shown = show_clock(billing.caller, uow=billing.unit(), clock=billing.sources.clock)
    assert isinstance(shown, Done)
    assert (shown.value.kind, shown.value.is_set) == (WorkspaceKind.TEST, True)


@pytest.mark.parametrize(
    ("at", "by", "then"),
    [
        ("2024-01-31T09:00:00Z", "1M", "2024-02-29T09:00:00Z"),
        ("2024-02-29T00:00:00Z", "1y", "2025-02-28T00:00:00Z"),
        ("2026-03-29T00:30:00Z", "2h", "2026-03-29T02:30:00Z"),
        ("2026-03-29T00:30:00Z", "1w", "2026-04-05T00:30:00Z"),
    ],
)
def test_interval_moves_in_utc(at: str, by: str, then: str) -> None:
    """Months and years clamp the day; hours are elapsed hours."""
    moved: datetime = moved_by(instant(at), interval_from(by))
    assert moved == instant(then)


@pytest.mark.parametrize("text", ["", "M", "0M", "1m", "1 M", "1000M", "-1d", "1M2d"])
def test_text_that_is_no_interval_is_refused(text: str) -> None:
    """A minute is not told from a month by chance: only one letter of each is known."""
    with pytest.raises(Misuse, match="no interval"):
        interval_from(text)
