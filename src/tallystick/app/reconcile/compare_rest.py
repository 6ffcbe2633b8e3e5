"""What else is derived: roll-ups, the manifest of segments, issued invoices."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from tallystick.app.command import Caller
from tallystick.app.invoicing import BillingSources, list_invoices, verify_invoice
from tallystick.app.reconcile.ports import Difference, Faults, Store
from tallystick.app.reconcile.sources import ReconcileSources, Watched
from tallystick.app.reconcile.spans import Scope
from tallystick.app.segments import Segment
from tallystick.kernel import EngineUnavailable, Refused, WorkspaceId, counted, plain
from tallystick.metering import Meter

_PAGE = 200
NOBODY = WorkspaceId("")
"""The manifest spans workspaces, as the log does."""


def compare_rollups(
    sources: ReconcileSources,
    scope: Scope,
    steps: Sequence[tuple[WorkspaceId, Meter, range]],
    *,
    repair: bool,
    watched: Watched,
) -> Iterator[Difference]:
    """Yield the blocks of roll-ups that differ from the events; repaired ones are dropped."""
    for workspace, meter, each in steps:
        wrong: list[int] = []
        for step in each:
            for found in sources.rollups.compare(workspace, meter, step):
                if not scope.holds_day(found.day):
                    continue
                counts = meter.value is None
                yield Difference(
                    store=Store.ROLL_UPS,
                    workspace=workspace,
                    day=found.day,
                    about=f"level {found.level} block {found.block}",
                    meter=meter.key,
                    logged=str(found.logged.rows) if counts else plain(found.logged.value),
                    held=str(found.held.rows) if counts else plain(found.held.value),
                    faults=Faults(
                        changed=1, logged_rows=found.logged.rows, held_rows=found.held.rows
                    ),
                    repaired=repair,
                )
                wrong.append(found.first)
            watched.advance("roll-ups")
        if repair and wrong:
            sources.rollups.forget(workspace, meter, block=min(wrong))


def compare_manifest(sources: ReconcileSources) -> Iterator[Difference]:
    """Yield the sealed segments of which PostgreSQL says something else than the log does."""
    logged = {segment.first_position: segment for segment in sources.segments()}
    recorded = {segment.first_position: segment for segment in _recorded(sources)}
    last = max(recorded, default=0)
    for first in sorted({*logged, *recorded}):
        must, held = logged.get(first), recorded.get(first)
        # A segment that was just sealed is recorded a moment later.
        if must != held and not (held is None and first > last):
            yield Difference(
                store=Store.MANIFEST,
                workspace=NOBODY,
                day=None,
                about=f"segment {first}",
                logged=_told(must),
                held=_told(held),
                repairable=False,
            )


def verify_invoices(
    workspace: WorkspaceId,
    *,
    sources: ReconcileSources,
    billing: BillingSources,
    watched: Watched,
) -> Iterator[Difference | None]:
    """
    Yield for each issued invoice what differs from the log as of its position, None if nothing.

    An invoice with more events than a question may return is told as one that cannot be verified
    here; `tallystick verify invoice` reads the log itself.
    """
    caller = Caller(workspace=workspace, actor="reconcile", scopes=frozenset({"read"}))
    after = ""
    while True:
        page = list_invoices(caller, uow=sources.units(workspace), after=after, limit=_PAGE)
        summaries = [] if isinstance(page, Refused) else page.value
        for summary in summaries:
            after = summary.id
            watched.check()
            if summary.number is None:
                continue
            different = Difference(
                store=Store.INVOICES,
                workspace=workspace,
                day=summary.issued_on,
                about=summary.number,
                logged="",
                held=f"{plain(summary.total.decimal)} {summary.total.currency.code}",
                repairable=False,
            )
            try:
                told = verify_invoice(
                    caller, summary.id, uow=sources.units(workspace), sources=billing
                )
            except EngineUnavailable as error:
                yield replace(different, logged=f"not verified: {error}")
                continue
            if isinstance(told, Refused):
                first = told.problems[0]
                yield replace(different, logged=f"{first.code}: {first.message}")
            else:
                yield None
        watched.advance("invoices")
        if len(summaries) < _PAGE:
            return


def _recorded(sources: ReconcileSources) -> Iterable[Segment]:
    after = 0
    while True:
        with sources.runner() as uow:
            page = uow.segments.page(after=after, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].last_position


def _told(segment: Segment | None) -> str:
    return "nothing" if segment is None else f"{counted(segment.count, 'event')}, {segment.digest}"
